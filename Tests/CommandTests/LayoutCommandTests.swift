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
}
