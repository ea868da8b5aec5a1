import Foundation
import ReportTestSupport
import Testing

/// `fixtures/hostile/cancelling.onnx`, in whose rows large numbers cancel.
@Suite struct CancellingNetworkTests {
  @Test(
    "an audit chooses slopes as the run does, to the last digits: what a run claims is derived",
    arguments: [
      ("-0.484,-1.186,-0.764", "0.4", "float32"), ("-0.104,-1.09,-0.804", "0.34", "real"),
      ("-0.35,-1.01,-0.676", "0.36", "real"), ("0.021,-0.87,-0.638", "0.28", "float32"),
    ])
  func slopes(example: String, epsilon: String, arithmetic: String) throws {
    let scratch = try Scratch()
    let model = "fixtures/hostile/cancelling.onnx"
    let data = ["--data", scratch.path("x.csv"), "--label-column", "none", "--quiet"]
    try Data("\(example)\n".utf8).write(to: scratch.file("x.csv"))
    let (report, proofs) = (scratch.path("report"), scratch.path("proofs"))
    let run = try Command.run(
      Command.program,
      [
        model, "--eps", epsilon, "--arithmetic", arithmetic, "--splits", "2000", "--radii", "off",
        "-o", report, "--proofs", proofs,
      ] + data)
    #expect(run.status == 0, "\(run)")
    for more in [[], ["--exact"]] {
      let audit = try Command.run(
        Command.program, ["audit", report, "--model", model, "--proofs", proofs] + data + more)
      #expect(audit.status == 0 && audit.output.hasPrefix("valid"), "\(audit)")
    }
  }
}
