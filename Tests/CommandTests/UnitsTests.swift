import Foundation
import ReportTestSupport
import Testing

@Suite struct UnitsTests {
  static let model = Command.digits("dense-robust.onnx")
  static let common = ["--limit", "20", "--radii", "off", "--attack", "none"]
  static let labels = Command.digits("digits-test-labels-idx1-ubyte")

  /// The digits' pixels, [500, 8, 8].
  static func pixels() throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: Command.images)).dropFirst(16))
  }

  /// The first images as IDX of binary32, each pixel times a factor.
  static func floats(
    _ count: Int, times factor: Float, plus shift: Float = 0, in scratch: Scratch
  ) throws -> String {
    var bytes: [UInt8] = [0, 0, 0x0d, 3]
    for size in [count, 8, 8] {
      withUnsafeBytes(of: UInt32(size).bigEndian) { bytes += $0 }
    }
    for pixel in try pixels().prefix(count * 64) {
      withUnsafeBytes(of: (Float(pixel) * factor + shift).bitPattern.bigEndian) { bytes += $0 }
    }
    try Data(bytes).write(to: scratch.file("floats.idx"))
    let labels = try Data(contentsOf: URL(filePath: Self.labels))
    var own: [UInt8] = Array(labels.prefix(4))
    withUnsafeBytes(of: UInt32(count).bigEndian) { own += $0 }
    try Data(own + labels.dropFirst(8).prefix(count)).write(to: scratch.file("floats-labels.idx"))
    return scratch.path("floats.idx")
  }

  /// The same radius for each of 64 features.
  static func radii(of radius: Float, in scratch: Scratch) throws -> String {
    var bytes: [UInt8] = [0, 0, 0x0d, 1, 0, 0, 0, 64]
    for _ in 0..<64 { withUnsafeBytes(of: radius.bitPattern.bigEndian) { bytes += $0 } }
    try Data(bytes).write(to: scratch.file("radii.idx"))
    return scratch.path("radii.idx")
  }

  static func run(_ data: String, _ more: String...) throws -> Outcome {
    try Command.run(Command.program, [model, "--data", data] + common + more)
  }

  static func kinds(_ report: JSONText) -> [String?] {
    report["warnings"]?.elements.map { $0["kind"]?.string } ?? [nil]
  }

  @Test(
    "a --clip in grey levels for bytes that are scaled to 0...1 is refused, or accepted with a word"
  )
  func wideClip() throws {
    let refused = try Self.run(Command.images, "--eps", "2", "--clip", "0:255")
    #expect(refused.status == 64 && refused.output == "")
    let words =
      "certify: error: --clip: 0 to 255, where bytes times 1/255 lie from 0 to 1; expected"
    #expect(refused.errors.hasPrefix(words), "\(refused.errors)")
    #expect(
      refused.errors.contains("0:1, or --scale 1") && refused.errors.contains("--accept-units"))
    let accepted = try Self.run(
      Command.images, "--eps", "2", "--clip", "0:255", "--accept-units", "--quiet")
    #expect(accepted.status == 0)
    #expect(Self.kinds(try Command.report(accepted.output)) == ["wide_clip"])
    for clip in ["0:1", "-1:2"] {
      let plain = try Self.run(Command.images, "--eps", "0.1", "--clip", clip, "--quiet")
      #expect(plain.status == 0 && plain.errors == "", "\(plain.errors)")
    }
  }

  @Test("bytes with --scale 1 and an eps below one grey level are refused, or accepted with a word")
  func unscaledBytes() throws {
    let refused = try Self.run(Command.images, "--eps", "0.1", "--scale", "1")
    #expect(refused.status == 64 && refused.output == "")
    #expect(refused.errors.hasPrefix("certify: error: --scale: 1 for bytes"), "\(refused.errors)")
    #expect(refused.errors.contains("--scale 1/255") && refused.errors.contains("--accept-units"))
    let accepted = try Self.run(
      Command.images, "--eps", "0.1", "--scale", "1", "--accept-units", "--quiet")
    #expect(accepted.status == 0)
    #expect(accepted.errors.hasPrefix("certify: warning: --scale: 1 for bytes"))
    #expect(Self.kinds(try Command.report(accepted.output)) == ["unscaled_bytes"])
    for options in [["--eps", "8", "--scale", "1"], ["--eps", "0", "--scale", "1"]] {
      let plain = try Command.run(
        Command.program, [Self.model, "--data", Command.images] + Self.common + options)
      #expect(plain.status == 0)
      #expect(Self.kinds(try Command.report(plain.output)) == [])
    }
  }

  @Test("explain and plane say what looks wrong as a run does, quiet or not")
  func otherVerbs() throws {
    let warned = try Command.run(
      "explain", Self.model, "--data", Command.images, "--eps", "0.1", "--scale", "1", "--index",
      "0", "--accept-units", "--attack", "none", "--quiet")
    #expect(warned.status == 0, "\(warned.errors)")
    #expect(warned.errors.hasPrefix("certify: warning: --scale: 1 for bytes"), "\(warned.errors)")
    let folder = Command.package.appending(path: "fixtures/plane").path
    let drawn = try Command.run(
      "plane", folder + "/plane-robust.onnx", "--data", folder + "/plane-points.idx", "--eps",
      "1000", "--accept-units", "--attack", "none")
    #expect(drawn.status == 0, "\(drawn.errors)")
    #expect(drawn.errors.hasPrefix("certify: warning: --eps: 1000"), "\(drawn.errors)")
  }

  @Test("numbers that lie like bytes, without --scale, are refused for an eps below 1")
  func unscaledNumbers() throws {
    let scratch = try Scratch()
    let path = try Self.floats(20, times: 1, in: scratch)
    let refused = try Self.run(path, "--eps", "0.05")
    #expect(refused.status == 65)
    #expect(refused.errors.hasPrefix("certify: error: \(path): float32 numbers from 0"))
    #expect(refused.errors.contains("like those of bytes, with --eps 0.05 and no --scale"))
    let said = try Self.run(path, "--eps", "0.05", "--scale", "1")
    #expect(said.status == 65 && said.errors.contains("with --eps 0.05 and --scale 1"))
    let radii = try Self.run(path, "--eps-file", try Self.radii(of: 0.5, in: scratch))
    #expect(radii.status == 65 && radii.errors.contains("--eps-file with radii up to 0.5"))
    let accepted = try Command.report(
      try Self.run(path, "--eps", "0.05", "--accept-units").output)
    #expect(Self.kinds(accepted).first == "unscaled_numbers")
    // Said rightly, they are the bytes.
    let scaled = try Command.report(
      try Self.run(path, "--eps", "0.05", "--scale", "1/255").output)
    let bytes = try Command.report(try Self.run(Command.images, "--eps", "0.05").output)
    #expect(scaled["certificates"] == bytes["certificates"])
    #expect(Self.kinds(scaled) == [])
    #expect(try Self.run(path, "--eps", "2").status == 0)
    // From 0 to 1 nothing looks wrong.
    let fractions = try Self.floats(20, times: 1 / 255, in: scratch)
    #expect(Self.kinds(try Command.report(try Self.run(fractions, "--eps", "0.05").output)) == [])
  }

  /// A network that normalises its input itself: (x - 0.5) / 0.25, then two scores.
  static func normalizing(in scratch: Scratch) throws -> String {
    let rows = (0..<2).map { row in
      "[" + (0..<64).map { "\(Double(($0 * 7 + row * 3) % 11) - 5)" }.joined(separator: ",") + "]"
    }
    let network = """
      {"format": "certify-weights", "version": 1, "input": {"shape": [1, 8, 8]}, "layers": [
        {"type": "normalize", "mean": 0.5, "std": 0.25}, {"type": "flatten"},
        {"type": "dense", "weights": [\(rows.joined(separator: ","))]}]}
      """
    try Data(network.utf8).write(to: scratch.file("normalizing.json"))
    return scratch.path("normalizing.json")
  }

  @Test("the report says what eps is in the data's units and behind every normalisation")
  func effectiveRadius() throws {
    let scratch = try Scratch()
    let network = try Self.normalizing(in: scratch)
    let unlabelled = scratch.path("pictures")
    try FileManager.default.copyItem(atPath: Command.images, toPath: unlabelled)
    func radius(_ more: String...) throws -> JSONText {
      let outcome = try Command.run(
        Command.program, [network, "--data", unlabelled] + Self.common + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try #require(try Command.report(outcome.output)["options"]?["effective_radius"])
    }
    let plain = try radius("--eps", "8/255")
    #expect(plain["stored"]?.double == 8 && plain["scaled"]?.double == 8.0 / 255)
    #expect(plain["normalized"]?["per_channel"]?.elements.map(\.double) == [32.0 / 255])
    let twice = try radius("--eps", "0.5", "--std", "2")
    #expect(twice["stored"]?.double == 127.5)
    #expect(twice["normalized"]?["least"]?.double == 1)
    #expect(twice["normalized"]?["greatest"]?.double == 1)
  }

  @Test("behind a normalisation by channel every channel has a radius of its own, first or last")
  func effectiveRadiusOfChannels() throws {
    let scratch = try Scratch()
    // Two pixels of three colours, with the channels first or last.
    for (name, shape) in [("first", "[3, 1, 2]"), ("last", "[1, 2, 3]")] {
      let network = """
        {"format": "certify-weights", "version": 1, "input": {"shape": \(shape)}, "layers": [
          {"type": "flatten"},
          {"type": "dense", "weights": [[1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]]}]}
        """
      try Data(network.utf8).write(to: scratch.file("\(name).json"))
      try Data("0.5,0.5,0.5,0.5,0.5,0.5\n".utf8).write(to: scratch.file("\(name).csv"))
      let outcome = try Command.run(
        Command.program,
        [
          scratch.path("\(name).json"), "--data", scratch.path("\(name).csv"), "--eps", "0.125",
          "--label-column", "none", "--mean", "0.5,0.25,0", "--std", "0.5,0.25,2",
        ] + Self.common)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let radius = try #require(try Command.report(outcome.output)["options"]?["effective_radius"])
      let behind = try #require(radius["normalized"])
      #expect(behind["least"]?.double == 0.0625 && behind["greatest"]?.double == 0.5)
      #expect(behind["per_channel"]?.elements.map(\.double) == [0.25, 0.5, 0.0625], "\(name)")
    }
  }

  @Test("--mean in front of a network that normalises itself is warned of")
  func doubleNormalization() throws {
    let scratch = try Scratch()
    let network = try Self.normalizing(in: scratch)
    try FileManager.default.copyItem(atPath: Command.images, toPath: scratch.path("pictures"))
    let arguments = [network, "--data", scratch.path("pictures"), "--eps", "0.1"] + Self.common
    let twice = try Command.run(Command.program, arguments + ["--mean", "0.5"])
    #expect(twice.errors.contains("certify: warning: the network normalises its input itself"))
    #expect(Self.kinds(try Command.report(twice.output)) == ["double_normalization"])
    #expect(
      Self.kinds(try Command.report(try Command.run(Command.program, arguments).output)) == [])
  }

  @Test("a clean error like that of guessing is warned of, anew where parts are joined")
  func chance() throws {
    let scratch = try Scratch()
    // Every label is that of the next class.
    var labels = [UInt8](try Data(contentsOf: URL(filePath: Self.labels)))
    for index in 8..<labels.count { labels[index] = (labels[index] + 1) % 10 }
    try Data(labels).write(to: scratch.file("labels"))
    let arguments = [
      Self.model, "--data", Command.images, "--labels", scratch.path("labels"), "--eps", "0.05",
      "--radii", "off", "--attack", "none",
    ]
    let whole = try Command.run(
      Command.program, arguments + ["--limit", "60", "-o", scratch.path("whole.json")])
    #expect(whole.status == 0)
    #expect(whole.errors.contains("looks like chance: guessing among 10 classes errs 90.0%"))
    let text = try scratch.text("whole.json")
    #expect(Self.kinds(try Command.report(text)) == ["chance"])
    for (start, name) in [(0, "first.json"), (30, "second.json")] {
      let part = try Command.run(
        Command.program,
        arguments + ["--offset", "\(start)", "--limit", "30", "-o", scratch.path(name)])
      #expect(!part.errors.contains("looks like chance"))
      #expect(Self.kinds(try Command.report(try scratch.text(name))) == [])
    }
    let merged = try Command.run(
      "merge", scratch.path("first.json"), scratch.path("second.json"))
    #expect(merged.output == text)
    #expect(merged.errors.contains("certify: warning: the error of the predictions, "))
  }

  @Test("parts whose settings were warned of differently do not join")
  func differentWarnings() throws {
    let scratch = try Scratch()
    let path = try Self.floats(20, times: 1, in: scratch)
    let base = [Self.model, "--data", path, "--radii", "off", "--eps", "0.5", "--limit", "10"]
    let units = ["--accept-units"]
    for (options, name) in [(units, "a.json"), (units + ["--scale", "1"], "b.json")] {
      let start = name == "a.json" ? "0" : "10"
      let run = try Command.run(
        Command.program, base + options + ["--offset", start, "-o", scratch.path(name)])
      #expect(run.status == 0, "\(run.errors)")
    }
    let merged = try Command.run("merge", scratch.path("a.json"), scratch.path("b.json"))
    #expect(merged.status == 65)
  }

  @Test("a network in half precision is not spoken of in a finer arithmetic")
  func halfPrecision() throws {
    let scratch = try Scratch()
    let folder = Command.package.appending(path: "fixtures/zoo/accepted").path
    let network = folder + "/torch-script-mlp-half.onnx"
    let inspected = try Command.run("inspect", network)
    let features = try #require(
      inspected.output.split(separator: "\n").first { $0.hasPrefix("input") }?
        .split(separator: " ").dropLast().last.flatMap { Int($0) })
    let row = [String](repeating: "0.25", count: features).joined(separator: ",")
    try Data("\(row)\n".utf8).write(to: scratch.file("data.csv"))
    func status(_ arithmetic: [String]) throws -> Outcome {
      try Command.run(
        Command.program,
        [network, "--data", scratch.path("data.csv"), "--label-column", "none", "--eps", "0.01"]
          + arithmetic)
    }
    for finer in [[], ["--arithmetic", "float64"], ["--arithmetic", "bfloat16"]] {
      let outcome = try status(finer)
      #expect(outcome.status == 64, "\(outcome.errors)")
      #expect(outcome.errors.contains("rounds to float16; expected float16 or real"))
    }
    #expect(try status(["--arithmetic", "float16"]).status == 0)
    #expect(try status(["--arithmetic", "real"]).status == 0)
  }

  @Test("margin_real is that of the network with the mean that the deployed one has")
  func roundedMean() throws {
    let scratch = try Scratch()
    func margins(_ mean: String, _ arithmetic: String) throws -> [String] {
      let outcome = try Command.run(
        Command.digits("conv-robust.onnx"), "--data", Command.images, "--eps", "0.05", "--limit",
        "5", "--radii", "off", "--splits", "0", "--slopes", "parallel", "--mean", mean, "--std",
        "0.75", "--arithmetic", arithmetic, "--accept-units", "--quiet", "-o",
        scratch.path("r.json"))
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try #require(try Command.report(try scratch.text("r.json"))["certificates"]).elements
        .map { try #require($0["margin_real"]?.numeral) }
    }
    // Of the two, binary32 has the second alone, which is the nearest to the first.
    let (typed, held) = ("1000.00003", "1000")
    #expect(try margins(typed, "float32") == margins(held, "float32"))
    #expect(try margins(typed, "real") != margins(held, "real"))
    #expect(try margins(typed, "float64") != margins(held, "float64"))
  }
}
