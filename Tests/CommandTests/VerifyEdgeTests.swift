import Foundation
import Testing

/// `certify verify` where the last digits of numbers decide.
@Suite struct VerifyEdgeTests {
  private func answer(
    _ layers: String, _ assertions: String, outputs: Int, _ arithmetic: String
  ) throws -> String {
    let scratch = try Scratch()
    let network = """
      {"format": "certify-weights", "version": 1, "input": {"shape": [1]}, "layers": [\(layers)]}
      """
    let names = (["X_0"] + (0..<outputs).map { "Y_\($0)" }).map { "(declare-const \($0) Real)" }
    try Data(network.utf8).write(to: scratch.file("net.json"))
    try Data((names.joined(separator: "\n") + assertions).utf8).write(to: scratch.file("p.vnnlib"))
    let outcome = try Command.run(
      "verify", scratch.path("net.json"), scratch.path("p.vnnlib"), "--arithmetic", arithmetic)
    return outcome.output.split(separator: "\n").first.map(String.init) ?? outcome.errors
  }

  @Test(
    "a box whose ends the deployed network rounds is not proved for what lies between them alone")
  func roundedEnds() throws {
    // The binary32 nearest to 0.1 is 0.10000000149, and a ReLU alone rounds nothing.
    func answer(_ level: String) throws -> String {
      try self.answer(
        #"{"type": "relu"}"#,
        "(assert (>= X_0 0.0)) (assert (<= X_0 0.1)) (assert (>= Y_0 \(level)))", outputs: 1,
        "float32")
    }
    #expect(try answer("0.1000000014") != "unsat")
    #expect(try answer("0.1000001") == "unsat")
  }

  @Test("a counterexample meets every constraint of its conjunction, and not by a rounding")
  func everyConstraint() throws {
    // (1 + 2049 u) (1 + 2048 u) with u = 2^-23 is just below a number that binary32 rounds it to.
    let (weight, x) = (1 + 2049 * 0x1p-23, 1 + 2048 * 0x1p-23)
    let rounded = Double(Float(weight) * Float(x))
    try #require(rounded > weight * x)
    let layers = #"{"type": "dense", "weights": [[1], [\#(weight)]], "bias": [0, 0]}"#
    func answer(_ level: Double) throws -> String {
      try self.answer(
        layers,
        """
        (assert (>= X_0 \(x))) (assert (<= X_0 \(x)))
        (assert (>= Y_0 1)) (assert (>= Y_1 \(level)))
        """, outputs: 2, "real")
    }
    #expect(try answer(rounded) == "unsat")
    #expect(try answer(rounded.nextDown - 0x1p-23) == "sat")
  }
}
