import Foundation
import ReportTestSupport
import Testing

/// What a run says of the examples themselves, from the files on.
@Suite struct PredictionCommandTests {
  /// An NPY file of binary64.
  static func npy(_ values: [Double], shape: [Int]) -> Data {
    let dimensions = shape.map { "\($0)," }.joined(separator: " ")
    var header = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(dimensions)), }"
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes += [UInt8(header.utf8.count & 0xff), UInt8(header.utf8.count >> 8)] + Array(header.utf8)
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
    return Data(bytes)
  }

  /// A run over one or more examples of a network of one dense layer.
  struct Files {
    let scratch: Scratch
    let arguments: [String]

    init(
      _ rows: [[Double]], _ bias: [Double], examples: [[Double]], labels: [Int],
      type: String = "float64"
    ) throws {
      scratch = try Scratch()
      let network = """
        {"format": "certify-weights", "version": 1, "dtype": "\(type)",
         "input": {"shape": [\(examples[0].count)]},
         "layers": [{"type": "dense", "weights": \(rows), "bias": \(bias)}]}
        """
      try Data(network.utf8).write(to: scratch.file("net.json"))
      try npy(examples.flatMap { $0 }, shape: [examples.count, examples[0].count]).write(
        to: scratch.file("x.npy"))
      let head: [UInt8] = [0, 0, 8, 1, 0, 0, 0, UInt8(labels.count)]
      try Data(head + labels.map { UInt8($0) }).write(to: scratch.file("y.idx"))
      arguments = [
        scratch.path("net.json"), "--data", scratch.path("x.npy"), "--labels",
        scratch.path("y.idx"),
      ]
    }

    func run(_ more: String...) throws -> (report: JSONText, errors: String) {
      let outcome = try Command.run(Command.program, arguments + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return (try Command.report(outcome.output), outcome.errors)
    }
  }

  static func certificate(_ report: JSONText, _ index: Int = 0) throws -> JSONText {
    try #require(report["certificates"]?.elements[index])
  }

  @Test("what cancels beyond every bound is unknown, predicted rightly, and not cleared at eps 0")
  func cancelling() throws {
    let rows = [[0x1p60, 1, -0x1p60], [0, 0.5, 0]]
    let files = try Files(rows, [0, 0], examples: [[1, 1, 1], [1, 1, 1]], labels: [0, 1])
    let (report, errors) = try files.run("--eps", "0", "--arithmetic", "real", "--detect")
    for index in 0..<2 {
      let found = try Self.certificate(report, index)
      #expect(found["verdict"]?.string == "unknown" && found["prediction"]?.int == 0)
      #expect(found["radius"] == .null && found["detection"]?.string == "flagged")
    }
    #expect(report["summary"]?["clean_error"]?.numeral == "0")
    #expect(report["summary"]?["predicted_error"]?.numeral == "0.5")
    #expect(errors.contains("  predicted error          50.00%  by the predictions, not all of it"))
    #expect(errors.contains("  radius            none           rightly classified, 1 without any"))
  }

  @Test("an example just outside --clip is itself part of what is certified")
  func justOutside() throws {
    let files = try Files(
      [[1e9, 0], [0, 0]], [50, 0], examples: [[-1e-7, 0.5]], labels: [0], type: "float32")
    for arithmetic in ["real", "float32", "float64"] {
      let (report, _) = try files.run(
        "--eps", "1e-8", "--clip", "0:1", "--arithmetic", arithmetic)
      let found = try Self.certificate(report)
      #expect(found["verdict"]?.string == "misclassified" && found["prediction"]?.int == 1)
    }
  }

  @Test("verdicts do not depend on the examples before, and parts join to the bytes of the whole")
  func neighbours() throws {
    let examples = [[1, 2], [1e38, 1], [2, 1], [1e38, 1], [1, 2], [1e39, 1]]
    let files = try Files(
      [[1, 0], [0, 1]], [0, 0], examples: examples, labels: [1, 0, 0, 0, 1, 0], type: "float32")
    func text(_ more: String..., name: String) throws -> String {
      let path = files.scratch.path(name)
      let run = try Command.run(
        Command.program, files.arguments + ["--eps", "0.1", "--quiet", "-o", path] + more)
      #expect(run.status == 0, "\(run.errors)")
      return try files.scratch.text(name)
    }
    let whole = try text(name: "whole.json")
    let verdicts = try Command.report(whole)["certificates"]?.elements.map { $0["verdict"]?.string }
    #expect(
      verdicts == ["certified", "unknown", "certified", "unknown", "certified", "unknown"])
    for index in examples.indices {
      _ = try text("--offset", "\(index)", "--limit", "1", name: "\(index).json")
    }
    let merged = try Command.run(
      Command.program, ["merge"] + examples.indices.map { files.scratch.path("\($0).json") })
    #expect(merged.output == whole)
  }

  @Test(
    "a saved point is the one that was checked: a feature that does not move has its own number")
  func savedPoint() throws {
    let files = try Files(
      [[0, 0], [8, 1]], [0, -1.3], examples: [[0.1, 0]], labels: [0])
    let (radii, points) = (files.scratch.path("u.npy"), files.scratch.path("p.npy"))
    for (unit, kinds) in [(0.0, []), (7e-19, ["frozen_features"])] {
      try Self.npy([unit, 1], shape: [2]).write(to: URL(filePath: radii))
      let (report, errors) = try files.run(
        "--eps-file", radii, "--arithmetic", "real", "--counterexamples", points)
      #expect(report["summary"]?["falsified"]?.int == 1)
      #expect(report["warnings"]?.elements.compactMap { $0["kind"]?.string } == kinds)
      #expect(errors.contains("certify: warning: ") == !kinds.isEmpty)
      let bytes = try Data(contentsOf: URL(filePath: points))
      let header = String(decoding: bytes.prefix(128), as: UTF8.self)
      #expect(header.contains("'<f8'") && bytes.count == 128 + 16)
      let first = bytes[128..<136].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      #expect(Double(bitPattern: first) == 0.1)
      // What was saved is wrong by itself.
      let again = try Command.report(
        try Command.run(
          files.arguments[0], "--data", points, "--eps", "0", "--arithmetic", "real"
        ).output)
      #expect(try Self.certificate(again)["verdict"]?.string == "misclassified")
    }
  }

  @Test("in half precision, sums in the same, predictions stay those of the network")
  func halfPrecision() throws {
    let scratch = try Scratch()
    for arithmetic in ["float16", "bfloat16"] {
      let outcome = try Command.run(
        Command.digits("conv-ordinary.onnx"), "--data", Command.images, "--eps", "0", "--radii",
        "off", "--attack", "none", "--arithmetic", arithmetic, "--accumulation", "same",
        "--emit-logits", scratch.path("logits.npy"))
      let report = try Command.report(outcome.output)
      let predicted = try #require(report["summary"]?["predicted_error"]?.double)
      // In binary32 4.4% are wrong; eight bits change a few.
      #expect(predicted > 0.03 && predicted < 0.07, "\(arithmetic): \(predicted)")
      #expect(try #require(report["summary"]?["clean_error"]?.double) <= predicted)
      let bytes = [UInt8](try Data(contentsOf: scratch.file("logits.npy"))).dropFirst(128)
      let certificates = try #require(report["certificates"]).elements
      #expect(bytes.count == certificates.count * 80)
      for (place, certificate) in certificates.enumerated() {
        let logits = (0..<10).map { index in
          let start = 128 + 80 * place + 8 * index
          return Double(
            bitPattern: bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
        #expect(certificate["prediction"]?.int == logits.firstIndex(of: logits.max() ?? 0))
      }
    }
  }
}
