import Attack
import CertificateRecords
import Certification
import Foundation
import Numbers
import ReLUChain
import ReportTestSupport
import Reports
import Testing

@Suite struct ReportTests {
  /// The report schema, from its place in the package.
  static func schema() throws -> JSONSchema {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(
      contentsOf: package.appending(path: "schema/report.schema.json"), encoding: .utf8)
    return JSONSchema(try JSONText(parsing: text))
  }

  static func run(_ epsilon: String = "8/255", radii: Bool = true) -> RunDescription {
    let hash = String(repeating: "0a", count: 32)
    let cap = Numeral(exactly: 1)
    guard let epsilon = try? Numeral(epsilon), let tolerance = try? Numeral("1e-3") else {
      preconditionFailure("no number")
    }
    return RunDescription(
      program: ProgramDescription(version: "0.0.0", build: "0123456789abcdef", commit: "77"),
      kernels: "portable",
      model: ModelDescription(
        file: FileDescription(path: "dir/\"net\"\n.onnx", sha256: hash), format: "onnx",
        externalFiles: [FileDescription(path: "net.onnx.data", sha256: hash)],
        inputShape: [1, 2, 2], classCount: 2,
        layers: [
          LayerDescription(
            kind: "dense", name: "fc1", operatorType: "Gemm", inputShape: [4], outputShape: [3],
            parameterCount: 15),
          LayerDescription(
            kind: LayerDescription.reluKind, name: "", operatorType: "Relu", inputShape: [3],
            outputShape: [3], parameterCount: 0),
          LayerDescription(
            kind: "dense", name: "fc2", operatorType: "Gemm", inputShape: [3], outputShape: [2],
            parameterCount: 8),
        ], notes: ["final Softmax 'prob' dropped"]),
      data: DataDescription(
        file: FileDescription(path: "test.idx", sha256: hash),
        labels: FileDescription(path: "test-labels.idx", sha256: hash), shape: [2, 2, 2],
        elementType: .uint8, scale: Numeral(reciprocalOf: 255), mean: [],
        std: [], layout: .nchw),
      options: OptionsDescription(
        epsilon: epsilon,
        engine: CertificationOptions(
          epsilons: [epsilon], radii: radii ? RadiusOptions(tolerance: tolerance, cap: cap) : nil,
          attack: AttackOptions(seed: 7)),
        clip: Clip(lower: .zero, upper: Numeral(exactly: 1)), offset: 0,
        limit: 2))
  }

  static func text(_ reports: Report...) -> String { ReportText(reports).joined() }

  @Test("a labelled report conforms to the schema, with its keys in order")
  func labelled() throws {
    let report = Report(
      run: Self.run(),
      certificates: [
        .sample(0, label: 1, verdict: .certified, margin: 0.1, radius: 0.05, loss: 0.1),
        .sample(1, label: 0, prediction: 1, verdict: .misclassified, margin: -2, radius: 0),
      ])
    let document = try JSONText(parsing: Self.text(report))
    #expect(try Self.schema().findings(in: document) == [])
    #expect(
      document.keys == [
        "schema_version", "tool", "model", "data", "options", "warnings", "summary",
        "radius_histogram", "certificates",
      ])
    #expect(document["summary"]?["robust_error"]?.numeral == "0.5")
    #expect(document["model"]?["path"]?.string == "dir/\"net\"\n.onnx")
    #expect(document["model"]?["units"]?.int == 3)
    #expect(document["model"]?["parameters"]?.int == 23)
    let first = try #require(document["certificates"]?.elements.first)
    #expect(
      first.keys == [
        "index", "label", "prediction", "verdict", "specification_class", "margin", "margin_real",
        "rounding_budget", "margins", "radius", "radius_upper", "radius_capped", "radius_steps",
        "radius_converged", "slopes_used", "robust_loss", "unstable",
        "attack", "search",
      ])
    #expect(first["margin"]?.numeral == "0.1")
    #expect(first["robust_loss"]?.numeral == "0.100000001")
  }

  @Test("lower bounds of errors are printed rounded down, upper ones up; predictions stand apart")
  func rates() throws {
    var attacked = Certificate.sample(1, label: 0, verdict: .falsified, margin: -1)
    attacked.attack = AttackRecord(
      steps: 1, fgsmSucceeds: true,
      counterexample: Counterexample(winner: 1, distance: 0.03, margin: 1, point: []), frozen: 3)
    attacked.radiusSteps = 0
    var run = Self.run()
    (run.options.limit, run.data.shape[0]) = (3, 3)
    let report = Report(
      run: run,
      certificates: [
        .sample(0, label: 1, prediction: 0, verdict: .misclassified, margin: -2), attacked,
        .sample(2, label: 0, prediction: 1, verdict: .unknown, margin: -1),
      ])
    let document = try JSONText(parsing: Self.text(report))
    #expect(try Self.schema().findings(in: document) == [])
    let summary = try #require(document["summary"])
    for (key, numeral) in [
      ("clean_error", "0.333333333"), ("predicted_error", "0.6666666666666666"),
      ("fgsm_error", "0.666666666"), ("attacked_error", "0.666666666"), ("robust_error", "1"),
    ] {
      #expect(summary[key]?.numeral == numeral, "\(key)")
    }
    #expect(document["warnings"]?.elements.map { $0["kind"]?.string } == ["frozen_features"])
    #expect(document["radius_histogram"]?["without_radius"]?["correct"]?.int == 1)
    // What is read back says the same, the warning included.
    let joined = try JoinedReports([ReportFile(Array(Self.text(report).utf8), path: "a.json")])
    #expect(ReportText(joined).joined() == Self.text(report))
    let table = try ErrorTable([ReportFile(Array(Self.text(report).utf8), path: "a.json")])
    let lines = table.text(.text).split(separator: "\n").map { $0.split(separator: " ") }
    let head = ["examples", "error", "predicted", "FGSM", "PGD", "robust", "error", "(at", "most)"]
    #expect(lines[0].suffix(9).map(String.init) == head)
    #expect(lines[1].suffix(6) == ["3", "33.33%", "66.67%", "66.66%", "66.66%", "100.00%"])
  }

  @Test("what is not known is null, never NaN or Infinity")
  func unknownBounds() throws {
    let report = Report(
      run: Self.run(radii: false),
      certificates: [
        .sample(0, label: 1, verdict: .unknown, margin: -.infinity, loss: .infinity),
        .sample(1, label: 1, verdict: .unknown, margin: .nan, loss: .nan),
      ])
    let document = try JSONText(parsing: Self.text(report))
    #expect(try Self.schema().findings(in: document) == [])
    for certificate in try #require(document["certificates"]).elements {
      #expect(certificate["margin"] == .null && certificate["robust_loss"] == .null)
      #expect(certificate["radius"] == .null)
    }
    #expect(document["summary"]?["mean_robust_loss"] == .null)
    #expect(document["radius_histogram"] == .null)
  }

  @Test("an unlabelled report conforms, and counts cleared and flagged")
  func unlabelled() throws {
    var run = Self.run()
    run.data.labels = nil
    let report = Report(
      run: run,
      certificates: [
        .sample(0, label: nil, verdict: .certified, margin: 1, radius: 0.25),
        .sample(1, label: nil, verdict: .unknown, margin: -1, radius: 0.125),
        .sample(2, label: nil, verdict: .unknown, margin: -1, radius: 0.125),
      ])
    let document = try JSONText(parsing: Self.text(report))
    #expect(try Self.schema().findings(in: document) == [])
    #expect(document["summary"]?["cleared"]?.int == 1)
    #expect(document["summary"]?["flagged_fraction"]?.numeral == "0.666666667")
    #expect(document["certificates"]?.elements.first?["detection"]?.string == "cleared")
  }

  @Test("several reports make a list, each of them complete")
  func list() throws {
    let certificate = Certificate.sample(0, label: 1, verdict: .certified, margin: 1, radius: 1)
    let reports = ["0.1", "0.2", "0.3"].map {
      Report(run: Self.run($0), certificates: [certificate])
    }
    let document = try JSONText(parsing: ReportText(reports).joined())
    #expect(try Self.schema().findings(in: document) == [])
    let parts = try #require(document["reports"]).elements
    #expect(parts.count == 3)
    for (part, report) in zip(parts, reports) {
      #expect(part == (try JSONText(parsing: Self.text(report))))
    }
  }

  @Test("a radius is printed alike wherever it stands")
  func radiusAlike() throws {
    // The binary64 nearest to 0.3 is below it, and prints so.
    for radius in [0.3, 0.3.nextUp, 0.1, 0.139599748] {
      let certificate = Certificate.sample(
        0, label: 1, verdict: .certified, margin: 1, radius: radius)
      let document = try JSONText(
        parsing: Self.text(Report(run: Self.run(), certificates: [certificate])))
      let printed = document["certificates"]?.elements.first?["radius"]
      #expect(document["radius_histogram"]?["quantiles"]?["correct"]?["median"] == printed)
    }
  }

  @Test("a report of many examples comes in pieces and is one valid document")
  func pieces() throws {
    let certificates = (0..<2000).map {
      Certificate.sample($0, label: $0 % 2, verdict: .certified, margin: Double($0 + 1) / 7)
    }
    let pieces = Array(ReportText([Report(run: Self.run(), certificates: certificates)]))
    #expect(pieces.count > 3)
    let document = try JSONText(parsing: pieces.joined())
    #expect(try Self.schema().findings(in: document) == [])
    #expect(document["certificates"]?.elements.count == 2000)
  }

  @Test("the schema checker sees a missing, an unknown and a wrong member, and an unknown rule")
  func checker() throws {
    let text = Self.text(
      Report(
        run: Self.run(), certificates: [.sample(0, label: 1, verdict: .certified, margin: 1)]))
    let schema = try Self.schema()
    func findings(_ old: String, _ new: String) throws -> Int {
      let changed = text.replacingOccurrences(of: old, with: new)
      #expect(changed != text, "\(old)")
      return schema.findings(in: try JSONText(parsing: changed)).count
    }
    #expect(try findings("\"index\":0,", "") > 0)
    #expect(try findings("\"index\":0,", "\"index\":0,\"extra\":1,") > 0)
    #expect(try findings("\"index\":0,", "\"index\":-1,") > 0)
    #expect(try findings("\"index\":0,", "\"index\":0.5,") > 0)
    #expect(try findings("\"verdict\":\"certified\"", "\"verdict\":\"fine\"") > 0)
    #expect(try findings("\"norm\": \"linf\"", "\"norm\": 1") > 0)
    let strange = JSONSchema(try JSONText(parsing: "{\"patternProperties\": {}}"))
    #expect(!strange.findings(in: .null).isEmpty)
  }
}
