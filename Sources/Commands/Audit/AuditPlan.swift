import ArgumentParser
import Audit
import FileAccess
import Numbers
import Reports
import Runs

/// What an audit is to do: the question of a report, put once more to the files that were named.
struct AuditPlan {
  let claims: ReportClaims
  /// The run of the report, without radii, attack and search.
  let run: RunPlan
  let question: AuditQuestion

  /// - Throws: where the report's options are none of this version.
  init(_ claims: ReportClaims, _ command: AuditCommand) throws {
    self.claims = claims
    let arguments = try AuditPlan.arguments(claims, command)
    do {
      run = try RunPlan(RunCommand.parse(arguments))
    } catch let error as InputError {
      throw error
    } catch {
      throw InputError(
        file: claims.file, place: "options", found: RunCommand.message(for: error),
        expected: "those of a run of this version")
    }
    question = try AuditPlan.question(run, claims)
  }

  /// The command line that the report's options stand for.
  private static func arguments(
    _ claims: ReportClaims, _ command: AuditCommand
  ) throws(InputError) -> [String] {
    let (data, options) = (claims.data, claims.options)
    var arguments = [command.model, "--data", command.data]
    arguments += ["--radii", "off", "--attack", "none", "--splits", "0", "--accept-units"]
    func add(_ option: String, _ text: String?) {
      if let text { arguments += [option, text] }
    }
    if let file = options.value("epsilon_file", "path")?.text {
      add("--eps-file", command.epsFile ?? file)
    } else {
      add("--eps", options.value("epsilon", "text")?.text)
    }
    add("--norm", options.value("norm")?.text)
    if let lower = options.value("clip", "lower", "text")?.text,
      let upper = options.value("clip", "upper", "text")?.text
    {
      add("--clip", "\(lower):\(upper)")
    }
    for (option, key) in [
      ("--output-name", "output"), ("--decision", "decision"), ("--arithmetic", "arithmetic"),
      ("--accumulation", "accumulation"), ("--rows", "rows"),
    ] { add(option, options.value(key)?.text) }
    add("--scale", data.value("scale", "text")?.text)
    for (option, key) in [("--mean", "mean"), ("--std", "std")] {
      let texts = (data.value(key)?.elements ?? []).compactMap { $0.value("text")?.text }
      add(option, texts.isEmpty ? nil : texts.joined(separator: ","))
    }
    add("--layout", data.value("layout")?.text)
    add("--data-name", command.dataName ?? data.value("array")?.text)
    add("--data-format", command.dataFormat)
    add("--label-column", command.labelColumn)
    add("--labels", command.labels)
    add("--labels-name", command.labelsName)
    add("--max-model", command.limits.maxModel)
    add("--max-data", command.limits.maxData)
    return arguments
  }

  private static func question(_ run: RunPlan, _ claims: ReportClaims) throws(InputError)
    -> AuditQuestion
  {
    let epsilon = run.epsilons[0]
    var question = AuditQuestion(epsilon: (epsilon.lower, epsilon.upper))
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

extension AuditClaim {
  /// A certificate of a report; nil where it is of another form.
  init?(_ certificate: JSONValue) throws(InputError) {
    func bound(_ value: JSONValue?) throws(InputError) -> Double? {
      guard let text = value?.text else { return nil }
      return try Numeral(text, option: "the report", domain: .any).upper
    }
    var margins: [Double] = []
    for margin in certificate.value("margins")?.elements ?? [] {
      margins.append(try bound(margin) ?? -.infinity)
    }
    guard let index = certificate.value("index")?.whole,
      let prediction = certificate.value("prediction")?.whole,
      let verdict = Verdict(rawValue: certificate.value("verdict")?.text ?? ""),
      let specification = certificate.value("specification_class")?.whole
    else { return nil }
    self.init(
      index: index, label: certificate.value("label")?.whole, prediction: prediction,
      verdict: verdict, specificationClass: specification, margins: margins)
    margin = try bound(certificate.value("margin")) ?? -.infinity
    marginReal = try bound(certificate.value("margin_real")) ?? -.infinity
    radius = try bound(certificate.value("radius"))
    if let text = certificate.value("robust_loss")?.text {
      loss = try Numeral(text, option: "the report", domain: .any).lower
    }
    isCleared = certificate.value("detection")?.text == "cleared"
    detectionMargin = try bound(certificate.value("detection_margin"))
    if let found = certificate.value("attack", "counterexample"),
      let winner = found.value("class")?.whole
    {
      counterexample = (
        winner, try bound(found.value("margin")) ?? 0,
        try bound(found.value("distance")) ?? .infinity
      )
    }
  }
}
