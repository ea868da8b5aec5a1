import Foundation
import ReportTestSupport
import Testing

/// Certificates that the rounding of the deployed network alone costs.
@Suite struct RoundingCostTests {
  /// z0 - z1 = 10^6 (x0 - x1) + 0.2: exactly 0.2 where both features are the same. In binary32 the
  /// roundings of 5 * 10^5 may take 0.18 of it, and those of the features 0.11 more.
  private static func files(in scratch: Scratch) throws -> [String] {
    let network = """
      {"format": "certify-weights", "version": 1, "dtype": "float32", "input": {"shape": [2]},
       "layers": [{"type": "dense", "weights": [[1e6, -1e6], [0, 0]], "bias": [0.2, 0]}]}
      """
    try Data(network.utf8).write(to: scratch.file("net.json"))
    try Data("0.5,0.5,0\n0.75,0.5,0\n0.5,0.75,0\n".utf8).write(to: scratch.file("x.csv"))
    return [
      scratch.path("net.json"), "--data", scratch.path("x.csv"), "--label-column", "last", "--eps",
      "0", "--attack", "none",
    ]
  }

  @Test("the summary counts them, and explain says so of each; in exact arithmetic there is none")
  func counted() throws {
    let scratch = try Scratch()
    let arguments = try Self.files(in: scratch)
    let deployed = try Command.run(Command.program, arguments)
    let report = try Command.report(deployed.output)
    let verdicts = report["certificates"]?.elements.map { $0["verdict"]?.string }
    #expect(verdicts == ["unknown", "certified", "misclassified"])
    #expect(report["summary"]?["lost_to_rounding"]?.int == 1)
    #expect(
      deployed.errors.contains("rounding             1   33.33%  certified in exact arithmetic"))
    let exact = try Command.run(Command.program, arguments + ["--arithmetic", "real"])
    let real = try Command.report(exact.output)
    #expect(real["certificates"]?.elements.first?["verdict"]?.string == "certified")
    #expect(real["summary"]?["lost_to_rounding"]?.int == 0)
    #expect(!exact.errors.contains("rounding"))
    for (index, isLost) in [(0, true), (1, false), (2, false)] {
      let outcome = try Command.run(
        Command.program, ["explain"] + arguments + ["--index", "\(index)"])
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("certified in exact arithmetic, with a margin of") == isLost)
    }
  }

  @Test("parts join to the count of the whole, also without labels")
  func joined() throws {
    let scratch = try Scratch()
    let arguments = try Self.files(in: scratch)
    for (options, name) in [
      ([], "whole"), (["--limit", "1"], "first"), (["--offset", "1"], "second"),
    ] {
      let outcome = try Command.run(
        Command.program, arguments + options + ["-o", scratch.path(name)])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let merged = try Command.run("merge", scratch.path("first"), scratch.path("second"))
    #expect(merged.output == (try scratch.text("whole")))
  }
}
