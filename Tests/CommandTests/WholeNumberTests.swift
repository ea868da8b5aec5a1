import Foundation
import ReportTestSupport
import Testing

/// Networks whose input is of an integer type: what they cannot be given is no counterexample.
@Suite struct WholeNumberTests {
  /// Class 1 where the first byte is above 101.25.
  private static let network = """
    {"graph": {"name": "bytes", "node": [
      {"input": ["x"], "output": ["f"], "opType": "Cast",
       "attribute": [{"name": "to", "i": 1, "type": "INT"}]},
      {"input": ["f", "w", "b"], "output": ["y"], "opType": "Gemm",
       "attribute": [{"name": "transB", "i": 1, "type": "INT"}]}],
     "initializer": [
      {"dims": [2, 2], "dataType": 1, "name": "w", "floatData": [0, 0, 1, 0]},
      {"dims": [2], "dataType": 1, "name": "b", "floatData": [101.25, 0]}],
     "input": [{"name": "x", "type": {"tensorType": {"elemType": 2, "shape": {"dim": [
        {"dimParam": "N"}, {"dimValue": 2}]}}}}],
     "output": [{"name": "y", "type": {"tensorType": {"elemType": 1, "shape": {"dim": [
        {"dimParam": "N"}, {"dimValue": 2}]}}}}]},
     "irVersion": 8, "opsetImport": [{"domain": "", "version": 13}]}
    """

  private static func files(_ scratch: Scratch) throws -> String {
    try Data(network.utf8).write(to: scratch.file("net.json"))
    try Data("100,7\n".utf8).write(to: scratch.file("x.csv"))
    return scratch.path("net.json")
  }

  @Test(
    "falsified by whole numbers alone: 101.5 is within eps, and cannot be given",
    arguments: [
      ("linf", "1.5", "unknown"), ("linf", "2", "falsified"), ("l2", "1.75", "unknown"),
      ("l2", "2.25", "falsified"), ("l1", "1.75", "unknown"), ("l1", "3", "falsified"),
      ("linf", "1", "certified"),
    ], ["real", "float32"])
  func verdicts(case instance: (String, String, String), arithmetic: String) throws {
    let scratch = try Scratch()
    let (norm, epsilon, verdict) = instance
    let network = try Self.files(scratch)
    let data = ["--data", scratch.path("x.csv"), "--label-column", "none", "--quiet"]
    let proofs = ["--proofs", scratch.path("proofs")]
    let outcome = try Command.run(
      Command.program,
      [
        network, "--scale", "1", "--eps", epsilon, "--norm", norm, "--arithmetic", arithmetic,
        "--radii", "all", "-o", scratch.path("r.json"),
      ] + data + proofs)
    #expect(outcome.status == 0, "\(outcome)")
    let report = try Data(contentsOf: scratch.file("r.json"))
    let text = String(decoding: report, as: UTF8.self)
    #expect(text.contains("\"verdict\":\"\(verdict)\""), "\(instance) \(arithmetic)")
    let audit = try Command.run(
      Command.program,
      ["audit", scratch.path("r.json"), "--model", network, "--radii"] + data + proofs)
    #expect(audit.status == 0 && audit.output.hasPrefix("valid"), "\(instance) \(audit)")
  }

  @Test("where the best point of a ball has a rest, the whole numbers towards the centre count")
  func towardsCentre() throws {
    let scratch = try Scratch()
    _ = try Self.files(scratch)
    // Class 1 where 3 x + y is above 316.5, 9.5 more than at (100, 7): at (103, 8), sqrt(10) away. The best point
    // of the larger ball is (103.3, 8.1), and in the smaller one nothing but fractions is enough.
    let text = Self.network.replacing("[0, 0, 1, 0]", with: "[0, 0, 3, 1]")
      .replacing("101.25", with: "316.5")
    try Data(text.utf8).write(to: scratch.file("net.json"))
    for (epsilon, verdict) in [("3.5", "falsified"), ("3.0625", "unknown"), ("3", "certified")] {
      let outcome = try Command.run(
        scratch.path("net.json"), "--data", scratch.path("x.csv"), "--label-column", "none",
        "--scale", "1", "--eps", epsilon, "--norm", "l2", "--quiet", "-o", scratch.path("r.json"))
      #expect(outcome.status == 0, "\(outcome)")
      let report = try String(contentsOf: scratch.file("r.json"), encoding: .utf8)
      #expect(report.contains("\"verdict\":\"\(verdict)\""), "\(epsilon)")
    }
  }

  @Test(
    "what integers compute before they are cast wraps, or loses a rest, and is refused",
    arguments: ["Neg", "Abs", "ReduceMean", "ReduceSum", "Add", "Sub", "Sum"])
  func integerArithmetic(operation: String) throws {
    let scratch = try Scratch()
    _ = try Self.files(scratch)
    let inputs = ["Add", "Sub", "Sum"].contains(operation) ? "\"x\", \"x\"" : "\"x\""
    let first = """
      {"input": [\(inputs)], "output": ["z"], "opType": "\(operation)", "name": "early"},
      {"input": ["z"], "output": ["f"], "opType": "Cast",
      """
    // In int8 and int32.
    for type in [3, 6] {
      let text = Self.network
        .replacing("{\"input\": [\"x\"], \"output\": [\"f\"], \"opType\": \"Cast\",", with: first)
        .replacing("\"elemType\": 2", with: "\"elemType\": \(type)")
      #expect(text.contains("early"))
      try Data(text.utf8).write(to: scratch.file("early.json"))
      let outcome = try Command.run("inspect", scratch.path("early.json"))
      #expect(outcome.status == 65, "\(outcome.output)")
      #expect(
        outcome.errors.contains(
          "node 'early' (\(operation)): computes in \(type == 3 ? "int8" : "int32"), where sums wrap"
        ),
        "\(outcome.errors)")
    }
  }
}
