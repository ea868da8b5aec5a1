import Foundation
import ReportTestSupport
import Testing

/// `certify convert`.
@Suite struct ConvertTests {
  @Test(
    "a converted network is the same one: the same certificates in exact arithmetic and as deployed",
    arguments: ["conv-robust", "dense-ordinary"])
  func converted(model: String) throws {
    let scratch = try Scratch()
    let outcome = try Command.run(
      "convert", Command.digits("\(model).onnx"), "-o", scratch.file("net.json").path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for arithmetic in ["real", "float32"] {
      let question = [
        "--data", Command.images, "--eps", "0.05", "--limit", "40", "--arithmetic", arithmetic,
        "--quiet",
      ]
      let own = try Command.report(
        try Command.run(
          Command.program, [Command.digits("\(model).onnx")] + question
        ).output)
      let plain = try Command.report(
        try Command.run(
          Command.program, [scratch.file("net.json").path] + question
        ).output)
      #expect(own["certificates"] == plain["certificates"])
    }
  }

  /// Files of proofs state the bits of every weight.
  @Test("a zero keeps its sign when a network is converted")
  func negativeZero() throws {
    let scratch = try Scratch()
    let network = """
      {"format": "certify-weights", "version": 1, "input": {"shape": [2]},
       "layers": [{"type": "dense", "weights": [[-0.0, 1], [0, -2.5]], "bias": [-0.0, 0]}]}
      """
    try Data(network.utf8).write(to: scratch.file("net.json"))
    let once = try Command.run("convert", scratch.file("net.json").path)
    #expect(once.status == 0, "\(once.errors)")
    #expect(once.output.contains("[-0.0, 1]") && once.output.contains("[0, -2.5]"), "\(once)")
    #expect(once.output.contains("[-0.0, 0]"))
    try Data(once.output.utf8).write(to: scratch.file("again.json"))
    #expect(try Command.run("convert", scratch.file("again.json").path).output == once.output)
  }

  @Test("what the plain form cannot say is refused by its node")
  func notConverted() throws {
    let model = Command.package.appending(path: "fixtures/zoo/accepted").path
    let names = try FileManager.default.contentsOfDirectory(atPath: model).sorted()
    var refused = 0
    for name in names where name.hasSuffix(".onnx") {
      let outcome = try Command.run("convert", "\(model)/\(name)")
      #expect([0, 65].contains(outcome.status), "\(name): \(outcome.errors)")
      guard outcome.status == 65 else { continue }
      refused += 1
      #expect(outcome.output.isEmpty && outcome.errors.contains("node '"), "\(outcome.errors)")
    }
    #expect(refused < names.count)
  }
}
