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
      "--attack", "none", "--arithmetic", "real", "--slopes", "parallel", "--data",
      folder.appending(path: "data/mnist-t10k-images-idx3-ubyte.gz").path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let summary = try #require(try Command.report(outcome.output)["summary"])
    #expect(summary["examples"]?.int == 10000)
    #expect(summary["misclassified"]?.int == 180)
    #expect(summary["clean_error"]?.numeral == "0.018")
    #expect(summary["robust_error"]?.numeral == "0.0582")
  }

  /// A row of the paper's Table 1, in percent.
  struct Row: Sendable, CustomTestStringConvertible {
    var network, data: String
    var clean, fgsm, pgd, bound: Double
    /// At most so far apart are the attacked and the robust error of exact arithmetic.
    var gap: Double
    var testDescription: String { network }
  }

  @Test(
    "a row of the paper's Table 1 by one command: clean, FGSM, at least its PGD, less than its bound",
    arguments: [
      Row(
        network: "mnist", data: "mnist", clean: 1.80, fgsm: 3.93, pgd: 4.11, bound: 5.82, gap: 0.5),
      Row(
        network: "fashion_mnist", data: "fashion", clean: 21.73, fgsm: 31.25, pgd: 31.63,
        bound: 34.53, gap: 0.7),
    ], ["real", "float32"])
  func tableOne(row: Row, arithmetic: String) throws {
    let folder = URL(filePath: try #require(corpus))
    let outcome = try Command.run(
      folder.appending(path: "models/\(row.network).onnx").path, "--eps", "0.1", "--radii", "off",
      "--arithmetic", arithmetic, "--data",
      folder.appending(path: "data/\(row.data)-t10k-images-idx3-ubyte.gz").path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let summary = try #require(try Command.report(outcome.output)["summary"])
    func percent(_ key: String) throws -> Double {
      100 * (try #require(summary[key]?.numeral.flatMap { Double($0) }))
    }
    #expect(abs(try percent("predicted_error") - row.clean) < 1e-9)
    // Where rounding hides which class wins, nothing is proved.
    let proved = try percent("clean_error")
    #expect(proved <= row.clean + 1e-9 && proved > row.clean - 0.1)
    if arithmetic == "real" { #expect(abs(proved - row.clean) < 1e-9) }
    #expect(abs(try percent("fgsm_error") - row.fgsm) <= 0.3)
    #expect(try percent("attacked_error") >= row.pgd)
    #expect(try percent("robust_error") < row.bound)
    let gap = try percent("robust_error") - percent("attacked_error")
    #expect(gap >= 0 && (gap <= row.gap || arithmetic != "real"))
  }

  @Test(
    "of the competition's 12 instances that are not robust at least 11 are falsified, of 18 that are, 11 certified"
  )
  func competition() throws {
    let folder = URL(filePath: try #require(corpus)).appending(path: "vnncomp")
    let text = try String(
      contentsOf: folder.appending(path: "mnistfc-256x2-verdicts.json"), encoding: .utf8)
    let truth = try #require(try JSONText(parsing: text)["instances"]).elements
    var counts: [String: Int] = [:]
    for epsilon in ["0.03", "0.05"] {
      let outcome = try Command.run(
        folder.deletingLastPathComponent().appending(
          path: "models/vnncomp2021_mnist-net_256x2.onnx"
        ).path, "--eps", epsilon, "--clip", "0:1",
        "--radii", "off", "--data",
        folder.appending(path: "mnistfc-eps\(epsilon)-images-idx3-float.gz").path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let certificates = try #require(try Command.report(outcome.output)["certificates"]).elements
      for instance in truth where instance["epsilon"]?.numeral == epsilon {
        let index = try #require(instance["index"]?.int)
        let (known, found) = (instance["verdict"]?.string, certificates[index]["verdict"]?.string)
        counts["\(known ?? "") \(found ?? "")", default: 0] += 1
      }
    }
    #expect(counts["not robust falsified", default: 0] >= 11)
    #expect(counts["robust certified", default: 0] >= 11)
    #expect(counts["not robust certified"] == nil)
    #expect(counts["robust falsified"] == nil)
    #expect(counts.values.reduce(0, +) == 30)
  }
}
