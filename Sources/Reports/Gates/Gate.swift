import CertificateRecords
import FileAccess
import Numbers

/// A limit that the results of a run have to keep to.
public enum Gate: Sendable {
  case maxRobustError(Share)
  case minCertified(Share)
  case maxUnknown(Share)
  case maxFlagged(Share)
  /// The quantile at `level`, from 0 to 1, of the radii of what is rightly classified (of everything,
  /// where there are no labels).
  case minRadiusQuantile(level: Numeral, radius: Numeral)

  /// A share of the examples, as it was typed.
  public struct Share: Sendable {
    /// The text: `6%`, `0.06` or `3/50`.
    public let text: String
    let value: Numeral

    /// Reads a text; nil where it is no share, from 0 to 1.
    public init?(_ text: String) {
      let trimmed = text.hasSuffix("%") ? String(text.dropLast()) : text
      // A percentage is a decimal; a hundredth of a quotient would be one of three numbers.
      guard trimmed == text || !trimmed.contains("/"),
        let value = try? Numeral(trimmed == text ? text : trimmed + "/100"),
        value >= .zero, value <= Numeral(exactly: 1)
      else { return nil }
      (self.text, self.value) = (text, value)
    }
  }

  /// The option that asks for it.
  public var option: String {
    switch self {
    case .maxRobustError: "--max-robust-error"
    case .minCertified: "--min-certified"
    case .maxUnknown: "--max-unknown"
    case .maxFlagged: "--max-flagged"
    case .minRadiusQuantile: "--min-radius-quantile"
    }
  }

  /// Refuses a gate that the results will have nothing for.
  ///
  /// - Parameters:
  ///   - isDetected: whether examples are cleared or flagged.
  ///   - file: the report that has them; empty for a run.
  public func check(
    isLabelled: Bool, isDetected: Bool, hasRadii: Bool, file: String = ""
  ) throws(InputError) {
    func refusal(_ found: String, _ expected: String) -> InputError {
      let place = file.isEmpty ? "" : " in \(file)"
      return InputError(.usage, file: option, found: found + place, expected: expected)
    }
    switch self {
    case .maxRobustError where !isLabelled:
      throw refusal("data without labels", "labels, which a robust error needs")
    case .maxFlagged where !isDetected:
      throw refusal("no detection", "data without labels, or --detect")
    case .minRadiusQuantile where !hasRadii:
      throw refusal("no radii", "a run that searches radii (--radii all)")
    default: return
    }
  }
}

/// What came of one gate at one epsilon.
public struct GateResult: Sendable, Equatable {
  /// The option that asks for it, and what was typed behind it.
  public var option, limit: String
  /// Epsilon as it was typed.
  public var epsilon: String
  /// What was found: `robust error 0.144 at eps 0.05 (72 of 500)`.
  public var found: String
  /// What the gate lets pass: `at most 6%`.
  public var expected: String
  /// Whether it passed.
  public var isPassed: Bool

  /// What was found, against what is let pass.
  public var words: String { "\(found)\(isPassed ? ", " : "; expected ")\(expected)" }
}

extension Gate {
  /// The results of gates at every epsilon of a run.
  public static func results(_ gates: [Gate], of reports: [Report]) -> [GateResult] {
    reports.flatMap { report in
      let figures = GateFigures(
        epsilon: report.run.options.epsilon.text,
        certificates: report.certificates.map(PrintedCertificate.init),
        classCount: report.run.model.classCount)
      return gates.map { figures.result($0) }
    }
  }

  /// The results of gates over the reports of a file.
  ///
  /// - Throws: where a report has nothing for a gate.
  public static func results(
    _ gates: [Gate], of file: ReportFile
  ) throws(InputError) -> [GateResult] {
    var results: [GateResult] = []
    for report in file.reports {
      let figures = GateFigures(
        epsilon: report.sections.options["epsilon"]?["text"]?.string ?? "",
        certificates: report.certificates, classCount: report.classCount)
      for gate in gates {
        let summary = figures.summary
        try gate.check(
          isLabelled: summary.labelled != nil,
          isDetected: summary.labelled == nil || summary.detection != nil,
          hasRadii: report.certificates.contains(where: \.wasSearched), file: report.file)
        results.append(figures.result(gate))
      }
    }
    return results
  }
}
