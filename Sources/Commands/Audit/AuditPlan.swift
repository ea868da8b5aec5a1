import ArgumentParser
import Audit
import ExactNumbers
import FileAccess
import Numbers
import Reports
import Runs

/// What an audit is to do: the question of a report, put once more to the files that were named.
struct AuditPlan {
  let report: ReportView
  /// The run of the report, without radii, attack and search.
  let run: RunPlan
  let question: AuditQuestion

  /// - Throws: where the report's options are none of this version.
  init(_ report: ReportView, _ command: AuditCommand) throws {
    self.report = report
    let words = ReportArguments(question: report, model: command.model, data: command.data).words
    do {
      run = try RunPlan(RunCommand.parse(words + AuditPlan.named(command, report)))
    } catch let error as InputError {
      throw AuditPlan.blamed(error, on: report)
    } catch {
      throw InputError(
        file: report.file, place: "options", found: RunCommand.message(for: error),
        expected: "those of a run of this version")
    }
    question = AuditPlan.question(run)
  }

  /// An option that the report gives is no fault of the command line's.
  static func blamed(_ error: InputError, on report: ReportView) -> InputError {
    guard error.kind == .usage, !namedOptions.contains(error.file) else { return error }
    return InputError(
      file: report.file, place: "options", found: "\(error.file): \(error.found)",
      expected: error.expected)
  }

  /// What an audit is told of its files.
  private static let namedOptions: Set = [
    "--eps-file", "--data-name", "--data-format", "--label-column", "--labels", "--labels-name",
    "--max-model", "--max-data", "--output",
  ]

  /// How the files that were named anew are read; what is left out is as in the report.
  private static func named(_ command: AuditCommand, _ report: ReportView) -> [String] {
    let data = report.section("data")
    let options = [
      ("--eps-file", command.epsFile), ("--data-name", command.dataName ?? data["array"]?.string),
      ("--data-format", command.dataFormat), ("--label-column", command.labelColumn),
      ("--labels", command.labels), ("--labels-name", command.labelsName),
      ("--max-model", command.limits.maxModel), ("--max-data", command.limits.maxData),
      // Nothing is written there by the run; but it is none of the files that it reads.
      ("--output", command.output),
    ]
    return options.flatMap { option, value in value.map { [option, $0] } ?? [] }
  }

  private static func question(_ run: RunPlan) -> AuditQuestion {
    let epsilon = run.epsilons[0]
    var question = AuditQuestion(epsilon: (epsilon.lower, epsilon.upper))
    question.exactEpsilon = Exact(epsilon)
    question.norm = AuditNorm(rawValue: run.norm.rawValue) ?? .linf
    question.deployed = DeployedType(
      run.arithmetic.rawValue, sumsWide: run.accumulation == .float32)
    question.rowsForAll = run.rows == .all
    if let clip = run.clip {
      question.domain = (
        clip.lower.lower...clip.upper.upper,
        clip.lower.upper...max(clip.lower.upper, clip.upper.lower)
      )
    }
    return question
  }
}

extension Exact {
  /// The number as it was typed, at least 0.
  init(_ numeral: Numeral) {
    self.init(numerator: numeral.ratio.numerator, denominator: numeral.ratio.denominator)
  }
}

extension AuditClaim {
  /// A certificate of a report; nil where it is of another form.
  init?(_ certificate: JSONValue) throws(InputError) {
    func whole(_ value: JSONValue) -> Int? { value.numeral.flatMap { Int($0) } }
    func bound(_ value: JSONValue?) throws(InputError) -> Double? {
      guard let text = value?.numeral else { return nil }
      return try Numeral(text, option: "the report", domain: .any).upper
    }
    var margins: [Double] = []
    for margin in certificate["margins"]?.elements ?? [] {
      margins.append(try bound(margin) ?? -.infinity)
    }
    guard let index = certificate["index"].flatMap(whole),
      let prediction = certificate["prediction"].flatMap(whole),
      let verdict = Verdict(rawValue: certificate["verdict"]?.string ?? ""),
      let specification = certificate["specification_class"].flatMap(whole)
    else { return nil }
    self.init(
      index: index, label: certificate["label"].flatMap(whole), prediction: prediction,
      verdict: verdict, specificationClass: specification, margins: margins)
    margin = try bound(certificate["margin"]) ?? -.infinity
    marginReal = try bound(certificate["margin_real"]) ?? -.infinity
    radius = try bound(certificate["radius"])
    if let text = certificate["robust_loss"]?.numeral {
      loss = try Numeral(text, option: "the report", domain: .any).lower
    }
    isCleared = certificate["detection"]?.string == "cleared"
    detectionMargin = try bound(certificate["detection_margin"])
    if let found = certificate["attack"]?["counterexample"],
      let winner = found["class"].flatMap(whole)
    {
      counterexample = (
        winner, try bound(found["margin"]) ?? 0,
        try bound(found["distance"]) ?? .infinity
      )
    }
  }
}
