import Foundation
import ReportTestSupport
import Testing

@Suite struct NormCommandTests {
  static let model = Command.digits("conv-robust.onnx")

  static func run(_ arguments: [String]) throws -> JSONText {
    let outcome = try Command.run(
      Command.program, [model, "--data", Command.images, "--quiet"] + arguments)
    #expect(outcome.status == 0 && outcome.errors == "", "\(outcome.errors)")
    return try Command.report(outcome.output)
  }

  /// Writes numbers as IDX of binary64.
  static func idx(_ values: [Double], shape: [Int]) -> Data {
    var bytes: [UInt8] = [0, 0, 0x0e, UInt8(shape.count)]
    for size in shape { withUnsafeBytes(of: UInt32(size).bigEndian) { bytes += $0 } }
    for value in values { withUnsafeBytes(of: value.bitPattern.bigEndian) { bytes += $0 } }
    return Data(bytes)
  }

  @Test(
    "the report says the norm, what clip cuts, and distances in the norm", arguments: ["l2", "l1"])
  func norms(norm: String) throws {
    let report = try Self.run(["--norm", norm, "--eps", "0.6", "--clip", "0:1", "--limit", "40"])
    let options = report["options"]
    #expect(options?["norm"]?.string == norm)
    #expect(options?["epsilon_file"] == .null)
    #expect(options?["clip_cuts"]?.string == "attack")
    // 64 features in [0, 1].
    #expect(options?["max_radius"]?["text"]?.string == (norm == "l2" ? "8" : "64"))
    let found = (report["certificates"]?.elements ?? []).compactMap {
      $0["attack"]?["counterexample"]?["distance"]?.numeral.flatMap { Double($0) }
    }
    #expect(!found.isEmpty && found.allSatisfy { $0 <= 0.6 && $0 > 0.1 })
    let text = try Command.run(
      Self.model, "--data", Command.images, "--norm", norm, "--eps", "0.1", "--clip", "0:1",
      "--limit", "5", "--output", "/dev/null")
    #expect(text.errors.contains(": \(norm), eps 0.1, clip 0:1 (attack), arithmetic float32"))
  }

  @Test("with l2 and l1 a domain changes no certificate; linf says that its ball is cut")
  func clip() throws {
    for norm in ["l2", "l1"] {
      let common = ["--norm", norm, "--eps", "0.2", "--limit", "30", "--attack", "none"]
      let cap = ["--max-radius", "4"]
      let whole = try Self.run(common + cap)
      let cut = try Self.run(common + cap + ["--clip", "0:1"])
      #expect(whole["certificates"] == cut["certificates"])
      #expect(whole["options"]?["clip_cuts"] == .null)
    }
    let linf = try Self.run(["--eps", "0.05", "--limit", "2", "--clip", "0:1"])
    #expect(linf["options"]?["clip_cuts"]?.string == "ball")
  }

  @Test("a file of equal radii gives the margins of --eps, and radii in units of the file")
  func equalRadii() throws {
    let scratch = try Scratch()
    let file = scratch.path("radii.idx")
    try Self.idx(.init(repeating: 0.0625, count: 64), shape: [8, 8])
      .write(to: scratch.file("radii.idx"))
    let common = ["--limit", "40", "--attack", "none", "--clip", "0:1"]
    let one = try Self.run(common + ["--eps", "0.0625"])
    let each = try Self.run(common + ["--eps-file", file])
    #expect(each["options"]?["epsilon"]?["text"]?.string == "1")
    #expect(each["options"]?["epsilon_file"]?["path"]?.string == file)
    #expect(each["options"]?["max_radius"]?["text"]?.string == "16")
    let pairs = zip(
      one["certificates"]?.elements ?? [], each["certificates"]?.elements ?? [])
    for (left, right) in pairs {
      for key in ["margin", "margins", "verdict", "unstable", "robust_loss"] {
        #expect(left[key] == right[key], "\(key)")
      }
      let radii = [left, right].map { $0["radius"]?.numeral.flatMap { Double($0) } ?? .nan }
      #expect(abs(radii[0] - 0.0625 * radii[1]) <= 3e-3 * radii[0])
    }
  }

  @Test("features without room stay what they are, and so do those of the counterexamples")
  func frozenFeatures() throws {
    let scratch = try Scratch()
    // The lower half of the picture may move, the upper half may not.
    try Self.idx((0..<64).map { $0 < 32 ? 0 : 0.3 }, shape: [64]).write(
      to: scratch.file("half.idx"))
    let points = scratch.path("points.idx")
    let report = try Self.run([
      "--eps-file", scratch.path("half.idx"), "--limit", "60", "--counterexamples", points,
      "--clip", "0:1",
    ])
    let whole = try Self.run(["--eps", "0.3", "--limit", "60", "--clip", "0:1"])
    func count(_ report: JSONText, _ key: String) -> Int { report["summary"]?[key]?.int ?? -1 }
    #expect(count(report, "falsified") > 0)
    #expect(count(report, "falsified") < count(whole, "falsified"))
    #expect(count(report, "certified") >= count(whole, "certified"))
    let pictures = [UInt8](try Data(contentsOf: URL(filePath: Command.images)))
    let found = [UInt8](try Data(contentsOf: scratch.file("points.idx")))
    let indices = [UInt8](try Data(contentsOf: scratch.file("points-indices.idx")))
    func word(_ bytes: [UInt8], _ at: Int) -> UInt32 {
      bytes[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    let total = count(report, "falsified")
    let start = found.count - 4 * 64 * total
    for point in 0..<total {
      let example = Int(word(indices, indices.count - 4 * (total - point)))
      for feature in 0..<32 {
        let value = Float(bitPattern: word(found, start + 4 * (64 * point + feature)))
        let pixel = pictures[pictures.count - 500 * 64 + 64 * example + feature]
        #expect(value == Float(Double(pixel) / 255))
      }
    }
  }

  @Test("the parts of a run in any norm join to the bytes of the whole; another norm is refused")
  func merge() throws {
    let scratch = try Scratch()
    try Self.idx((0..<64).map { Double($0 % 3) / 16 }, shape: [64])
      .write(to: scratch.file("some.idx"))
    let questions = [
      ["--norm", "l2", "--eps", "0.3"], ["--norm", "l1", "--eps", "0.5", "--clip", "0:1"],
      ["--eps-file", scratch.path("some.idx")],
    ]
    var firsts: [String] = []
    for (number, question) in questions.enumerated() {
      let ends = [9, 20]
      let parts = try zip([0] + ends, ends).map { start, end in
        let path = scratch.path("\(number)-\(start).json")
        let outcome = try Command.run(
          Command.program,
          [Self.model, "--data", Command.images, "--quiet", "--output", path]
            + ["--offset", "\(start)", "--limit", "\(end - start)"] + question)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return path
      }
      let whole = try Command.run(
        Command.program,
        [Self.model, "--data", Command.images, "--limit", "20", "--threads", "2"] + question)
      let merged = try Command.run(Command.program, ["merge"] + parts)
      #expect(merged.status == 0 && merged.output == whole.output, "\(merged.errors)")
      let table = try Command.run(Command.program, ["table"] + parts)
      #expect(table.output.contains(number == 2 ? " some.idx " : " \(question[1]) "))
      firsts.append(parts[number == 1 ? 1 : 0])
    }
    let mixed = try Command.run(Command.program, ["merge", firsts[0], firsts[1]])
    #expect(mixed.status == 65 && mixed.errors.contains("options"), "\(mixed.errors)")
  }

  @Test(
    "an explanation's features take eps times the dual norm off the margin, to the last one",
    arguments: ["l2", "l1"])
  func explanations(norm: String) throws {
    let outcome = try Command.run(
      "explain", Self.model, "--data", Command.images, "--norm", norm, "--eps", "0.25", "--index",
      "3", "--features", "64", "--arithmetic", "real", "--format", "json")
    let features = try JSONText(parsing: outcome.output)["features"]?.elements ?? []
    func numbers(_ key: String) -> [Double] {
      features.map { $0[key]?.numeral.flatMap { Double($0) } ?? .nan }
    }
    let coefficients = numbers("coefficient")
    #expect(coefficients.count == 64)
    let dual =
      norm == "l1"
      ? coefficients.map(\.magnitude).max() ?? 0
      : coefficients.reduce(0) { $0 + $1 * $1 }.squareRoot()
    // Printed to nine digits; the rounding of the data adds less.
    #expect(abs(numbers("contribution").reduce(0, +) - 0.25 * dual) <= 1e-7 * dual)
  }

  @Test("a plane shows the balls of a norm as they are, and no domain cuts them")
  func planes() throws {
    let folder = Command.package.appending(path: "fixtures/plane").path
    func picture(_ options: String...) throws -> String {
      let outcome = try Command.run(
        Command.program,
        ["plane", "\(folder)/plane-robust.onnx", "--data", "\(folder)/plane-points.idx", "--eps"]
          + ["0.08", "--resolution", "20"] + options)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return outcome.output
    }
    #expect(try picture("--norm", "l2").contains("<ellipse"))
    let diamonds = try picture("--norm", "l1", "--clip", "0:1")
    #expect(!diamonds.contains("<ellipse") && diamonds.contains("l1, eps 0.08"))
  }

  @Test("a file that has no radius for each feature is refused, with what it has")
  func refusals() throws {
    let scratch = try Scratch()
    let radii = [Double](repeating: 0.1, count: 64)
    let cases: [(Data, String)] = [
      (Self.idx(Array(radii.prefix(63)), shape: [63]), "an array of shape [63]; expected"),
      (Self.idx(radii, shape: [16, 4]), "an array of shape [16, 4]; expected"),
      (Self.idx([-0.5] + radii.dropFirst(), shape: [64]), "value 0: -0.5; expected a radius"),
      (Self.idx(radii.map { _ in 0 }, shape: [64]), "64 zeros; expected at least one"),
      (Self.idx([.nan] + radii.dropFirst(), shape: [64]), "NaN; expected a finite number"),
      (Data("x0,x1,label\n0.1,0.2,1\n".utf8), "in the form csv; expected NPY, NPZ or IDX"),
    ]
    for (number, (content, message)) in cases.enumerated() {
      try content.write(to: scratch.file("\(number).dat"))
      let outcome = try Command.run(
        Self.model, "--data", Command.images, "--eps-file", scratch.path("\(number).dat"),
        "--limit", "1")
      #expect(outcome.status == 65, "\(outcome.errors)")
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }
    let missing = try Command.run(
      Self.model, "--data", Command.images, "--eps-file", scratch.path("none.npy"))
    #expect(missing.status == 66)
  }

  @Test("radii whose shape is that of the data and of the network, in another order, are refused")
  func ambiguousRadii() throws {
    let scratch = try Scratch()
    let values = (0..<9).map { Double($0) / 64 }
    try Data(
      """
      {"format": "certify-weights", "version": 1, "input": {"shape": [1, 3, 3]}, "layers": [
        {"type": "flatten"}, {"type": "dense", "weights": [
          \(values), \(Array(values.reversed()))], "bias": [0, 0]}]}
      """.utf8
    ).write(to: scratch.file("net.json"))
    try Self.idx(values + values, shape: [2, 3, 3]).write(to: scratch.file("x.idx"))
    try Self.idx(values, shape: [3, 3]).write(to: scratch.file("square.idx"))
    try Self.idx(values, shape: [9]).write(to: scratch.file("flat.idx"))
    try Self.idx(.init(repeating: 0.5, count: 9), shape: [3, 3])
      .write(to: scratch.file("even.idx"))
    func run(_ radii: String, _ layout: String) throws -> Outcome {
      try Command.run(
        scratch.path("net.json"), "--data", scratch.path("x.idx"), "--eps-file",
        scratch.path(radii), "--layout", layout, "--accept-units", "--radii", "off")
    }
    let refused = try run("square.idx", "ncwh")
    #expect(refused.status == 65 && refused.output == "")
    #expect(
      refused.errors.contains(
        "square.idx: an array of shape [3, 3], which both an example of the data ([3, 3]) and the"
          + " network's input ([1, 3, 3]) have, in another order; expected 9 radii in one dimension"
      ),
      "\(refused.errors)")
    // Where either reading is the same question, and where the shape says which is meant, nothing is in doubt.
    for (radii, layout) in [("square.idx", "nchw"), ("even.idx", "ncwh"), ("flat.idx", "ncwh")] {
      let outcome = try run(radii, layout)
      #expect(outcome.status == 0, "\(radii) \(layout): \(outcome.errors)")
    }
  }
}
