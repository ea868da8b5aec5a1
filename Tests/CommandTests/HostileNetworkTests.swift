import Foundation
import ReportTestSupport
import Testing

/// Networks of `fixtures/hostile`, each of which once ended the program by a signal, or kept it busy.
@Suite struct HostileNetworkTests {
  private func run(_ network: String, _ example: String, _ more: String...) throws -> Outcome {
    try Command.run(
      Command.program,
      [
        "fixtures/hostile/\(network).onnx", "--data", "-", "--label-column", "none", "--eps", "0.1",
        "--threads", "1", "--radii", "off", "--attack", "none", "--slopes", "parallel",
      ] + more, input: Data(example.utf8))
  }

  @Test("a stride that writes a kernel out to more than an integer holds is a matter of memory")
  func wideStride() throws {
    let example = [String](repeating: "0.5", count: 512).joined(separator: ",")
    for attack in ["none", "pgd"] {
      let outcome = try run("wide-stride", example, "--attack", attack)
      #expect(outcome.status == 75)
      #expect(
        outcome.errors.contains("bounding this network takes 409")
          && outcome.errors.contains(" GiB; expected at most that much"), "\(outcome.errors)")
    }
    let inspected = try Command.run("inspect", "fixtures/hostile/wide-stride.onnx")
    #expect(inspected.status == 0 && inspected.output.contains("memory     4097 GiB"))
  }

  @Test("a pooling whose quotients nobody paid for is refused before they are counted")
  func largePool() throws {
    let outcome = try Command.run("inspect", "fixtures/hostile/large-pool.onnx")
    #expect(outcome.status == 65)
    #expect(
      outcome.errors.hasPrefix(
        "certify: error: fixtures/hostile/large-pool.onnx: node 'AveragePool#0' (AveragePool): "
          + "asks for 18874368 more elements; expected at most 16777214"), "\(outcome.errors)")
  }

  @Test("a kernel that reaches over half a million rows needs no stack")
  func tallKernel() throws {
    let outcome = try run("tall-kernel", "0.25,-0.2,0.15,0.3\n")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try Command.report(outcome.output)
    let certificate = try #require(report["certificates"]?.elements.first)
    // 2 * (0.25 - 0.1) + (0.3 - 0.1) - 0.75 * (0.15 + 0.1), but for what rounding costs.
    let margin = try #require(certificate["margin_real"]?.double)
    #expect(margin <= 0.3125 && margin > 0.3125 - 1e-5)
  }
}
