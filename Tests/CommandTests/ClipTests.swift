import Foundation
import ReportTestSupport
import Testing

/// The ends of `--clip`, exactly as they are typed.
@Suite struct ClipTests {
  /// A binary32 number, and a decimal that is below it by less than binary64 can tell.
  private static let end: (number: Float, below: String) = (
    0.3, "0.30000001192092895507812499999999999999"
  )

  @Test("a counterexample beyond an end of the domain by less than binary64 can tell is none")
  func beyondTheEnd() throws {
    let scratch = try Scratch()
    // Class 1 wins at the number itself, and ties at the binary32 number below it.
    let threshold = Double(Self.end.number.nextDown)
    try Data(
      """
      {"format": "certify-weights", "version": 1, "dtype": "float64", "input": {"shape": [1]},
       "layers": [{"type": "dense", "weights": [[0], [1]], "bias": [0, \(-threshold)]}]}
      """.utf8
    ).write(to: scratch.file("net.json"))
    // One double, 1/4: a file of IDX.
    let header: [UInt8] = [0, 0, 0x0e, 2, 0, 0, 0, 1, 0, 0, 0, 1]
    let bits = (0..<8).map { UInt8(truncatingIfNeeded: (0.25).bitPattern >> (56 - 8 * $0)) }
    try Data(header + bits).write(to: scratch.file("x.idx"))
    func verdict(_ upper: String) throws -> String? {
      let outcome = try Command.run(
        Command.program,
        [
          scratch.path("net.json"), "--data", scratch.path("x.idx"), "--eps", "0.1",
          "--arithmetic", "real", "--radii", "off", "--clip", "0:\(upper)",
        ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      let report = try Command.report(outcome.output)
      return report["certificates"]?.elements.first?["verdict"]?.string
    }
    #expect(try verdict(Self.end.below) == "unknown")
    #expect(try verdict("\(Double(Self.end.number))") == "falsified")
  }
}
