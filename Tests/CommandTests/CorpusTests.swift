import Foundation
import ReportTestSupport
import Testing

private let corpus = ProcessInfo.processInfo.environment["CERTIFY_CORPUS"]

@Suite(.enabled(if: corpus != nil, "CERTIFY_CORPUS is not set"))
struct CorpusTests {
  @Test("all of MNIST at eps 0.1: 180 wrong, 582 without certificate, the paper's Table 1")
  func mnist() throws {
    let folder = URL(filePath: try #require(corpus))
    let outcome = try Command.run(
      folder.appending(path: "models/mnist.onnx").path, "--eps", "0.1", "--radii", "off",
      "--arithmetic", "real", "--slopes", "parallel", "--data",
      folder.appending(path: "data/mnist-t10k-images-idx3-ubyte.gz").path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let summary = try #require(try Command.report(outcome.output)["summary"])
    #expect(summary["examples"]?.int == 10000)
    #expect(summary["misclassified"]?.int == 180)
    #expect(summary["clean_error"]?.numeral == "0.018")
    #expect(summary["robust_error"]?.numeral == "0.0582")
  }
}
