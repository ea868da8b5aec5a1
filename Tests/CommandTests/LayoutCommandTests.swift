import Foundation
import ReportTestSupport
import Testing

/// `--layout` from the file to the verdict.
@Suite struct LayoutCommandTests {
  /// The scores are the value of the third channel in the first row and second column, and 0.5.
  private static func network(_ shape: String, feature: Int) -> String {
    let row = (0..<12).map { $0 == feature ? "1" : "0" }.joined(separator: ",")
    let zeros = [String](repeating: "0", count: 12).joined(separator: ",")
    return """
      {"format": "certify-weights", "version": 1, "input": {"shape": \(shape)}, "layers": [
        {"type": "flatten"},
        {"type": "dense", "weights": [[\(row)], [\(zeros)]], "bias": [0, 0.5]}]}
      """
  }

  @Test(
    "flat pictures are brought into the order of the network, channels last or first",
    arguments: [("last.json", "[2, 2, 3]", 5), ("first.json", "[3, 2, 2]", 9)],
    // Where the picture has a 1: as its layout has the third channel of that pixel.
    [("nhwc", 5), ("nchw", 9), ("ncwh", 10)])
  func flat(network: (String, String, Int), data: (String, Int)) throws {
    let scratch = try Scratch()
    let (name, shape, feature) = network
    let (layout, place) = data
    try Data(Self.network(shape, feature: feature).utf8).write(to: scratch.file(name))
    for (one, verdict, prediction) in [
      (place, "certified", 0.0), ((place + 1) % 12, "certified", 1),
    ] {
      let row = (0..<12).map { $0 == one ? "1" : "0" }.joined(separator: ",")
      try Data("\(row)\n".utf8).write(to: scratch.file("x.csv"))
      let outcome = try Command.run(
        name, "--data", "x.csv", "--label-column", "none", "--eps", "0.01", "--layout", layout,
        "-o", "r.json", "--quiet", in: scratch.folder)
      #expect(outcome.status == 0, "\(outcome)")
      let certificate = try Command.report(try scratch.text("r.json"))["certificates"]?.elements
        .first
      #expect(certificate?["prediction"]?.double == prediction, "\(name) \(layout) \(one)")
      #expect(
        certificate?["verdict"]?.string == verdict || certificate?["verdict"]?.string == "cleared")
    }
  }

  @Test("flat pictures of a network that may have its channels at either end are refused")
  func ambiguous() throws {
    let scratch = try Scratch()
    try Data(Self.network("[3, 4, 1]", feature: 5).utf8).write(to: scratch.file("column.json"))
    try Data(Self.network("[2, 3, 2]", feature: 5).utf8).write(to: scratch.file("net.json"))
    let row = (0..<12).map { "\($0)e-1" }.joined(separator: ",")
    try Data("\(row)\n".utf8).write(to: scratch.file("x.csv"))
    for network in ["column.json", "net.json"] {
      let outcome = try Command.run(
        network, "--data", "x.csv", "--label-column", "none", "--eps", "0.01", "--layout", "nhwc",
        in: scratch.folder)
      #expect(outcome.status == 65 && outcome.output == "", "\(outcome)")
      #expect(outcome.errors.contains("may have its channels first or last"), "\(outcome.errors)")
      #expect(outcome.errors.contains("leave --layout out"))
    }
  }

  /// Numbers as IDX of binary32.
  private static func idx(_ shape: [Int], _ values: [Float]) -> Data {
    var bytes: [UInt8] = [0, 0, 0x0d, UInt8(shape.count)]
    for size in shape { withUnsafeBytes(of: UInt32(size).bigEndian) { bytes += $0 } }
    for value in values { withUnsafeBytes(of: value.bitPattern.bigEndian) { bytes += $0 } }
    return Data(bytes)
  }

  @Test("a network that leaves rows and columns open reads pictures in the order of --layout")
  func openNetwork() throws {
    let scratch = try Scratch()
    let pixels = (0..<12).map { Float($0 * $0 % 7) }
    // The pictures channel by channel, row by row.
    try Self.idx([1, 3, 2, 2], pixels).write(to: scratch.file("first.idx"))
    let last = (0..<4).flatMap { pixel in (0..<3).map { pixels[$0 * 4 + pixel] } }
    try Self.idx([1, 2, 2, 3], last).write(to: scratch.file("last.idx"))
    func run(_ dimensions: [String], _ data: String, _ more: String...) throws -> Outcome {
      let model = NetworkChoiceTests.model(["n"] + dimensions, features: 12)
      try Data(model.utf8).write(to: scratch.file("model.json"))
      return try Command.run(
        Command.program,
        ["model.json", "--data", data, "--eps", "0.001", "--radii", "off", "--quiet"] + more,
        in: scratch.folder)
    }
    let plain = try run(["3", "h", "w"], "first.idx")
    #expect(plain.status == 0, "\(plain.errors)")
    let moved = try run(["3", "h", "w"], "last.idx", "--layout", "nhwc")
    #expect(moved.status == 0, "\(moved.errors)")
    let certificates = try #require(try Command.report(plain.output)["certificates"])
    #expect(try Command.report(moved.output)["certificates"] == certificates)
    let same = try run(["2", "w", "3"], "last.idx", "--layout", "nhwc")
    #expect(same.status == 0, "\(same.errors)")
    #expect(try Command.report(same.output)["certificates"] != certificates)
    // Nothing says which axis has the channels.
    let open = try run(["c", "h", "w"], "last.idx", "--layout", "nhwc")
    #expect(open.status == 64 && open.output == "", "\(open)")
    #expect(open.errors.contains("it may read [3, 2, 2] or [2, 2, 3]"), "\(open.errors)")
    #expect(try run(["c", "h", "w"], "last.idx").status == 0)
  }

  @Test("pixels with their channels in two axes are no picture of one channel")
  func pixels() throws {
    let scratch = try Scratch()
    let numbers = (0..<96).map { Float($0 % 11) / 11 }
    let row = (0..<96).map { "\($0 % 5)" }.joined(separator: ",")
    func run(_ network: String, _ data: [Int], _ layout: String...) throws -> Outcome {
      let text = """
        {"format": "certify-weights", "version": 1, "input": {"shape": \(network)}, "layers": [
          {"type": "flatten"},
          {"type": "dense", "weights": [[\(row)], [\(row)]], "bias": [0, 0.5]}]}
        """
      try Data(text.utf8).write(to: scratch.file("net.json"))
      try Self.idx([1] + data, numbers).write(to: scratch.file("x.idx"))
      return try Command.run(
        Command.program,
        ["net.json", "--data", "x.idx", "--eps", "0.01", "--radii", "off", "--quiet"]
          + layout.flatMap { $0.split(separator: " ").map(String.init) }, in: scratch.folder)
    }
    for (network, data, options) in [
      ("[96]", [32, 3], "--layout nhwc"), ("[96]", [3, 32], "--layout ncwh"),
      ("[32, 3]", [96], "--layout nchw"), ("[32, 3]", [96], "--layout nhwc"),
    ] {
      let outcome = try run(network, data, options)
      #expect([64, 65].contains(outcome.status) && outcome.output == "", "\(outcome)")
    }
    #expect(
      try run("[96]", [32, 3], "--layout nhwc").errors.contains("may have its channels first"))
    for (network, data, options) in [
      ("[96]", [3, 32], "--layout nchw"), ("[96]", [8, 12], "--layout nhwc"),
      ("[96]", [32, 3], ""),
      ("[32, 3]", [96], ""), ("[1, 8, 12]", [8, 12], "--layout nhwc"),
    ] {
      let outcome = try run(network, data, options)
      #expect(outcome.status == 0, "\(network) \(data) \(options): \(outcome.errors)")
    }
  }
}
