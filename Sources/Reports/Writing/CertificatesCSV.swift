import CertificateRecords

/// Certificates as lines of CSV: every number with the text that it has in the report, and nothing where
/// the report has null.
package struct CertificatesCSV: Sendable {
  private var csv = CSVText()
  private let classCount: Int

  /// The keys of a certificate that are columns of their own, in their order.
  private static let keys = [
    "index", "label", "prediction", "verdict", "detection", "specification_class", "margin",
    "margin_real", "rounding_budget", "radius", "radius_upper", "radius_capped", "radius_converged",
    "robust_loss",
  ]
  /// Keys of records in a certificate: the record, the key, and the column's name.
  private static let inner: [(path: [String], column: String)] = [
    (["attack", "counterexample", "class"], "counterexample_class"),
    (["attack", "counterexample", "distance"], "counterexample_distance"),
    (["attack", "counterexample", "margin"], "counterexample_margin"),
    (["search", "proved"], "search_proved"), (["search", "reason"], "search_reason"),
    (["search", "nodes"], "search_nodes"),
  ]

  /// Starts with the head.
  ///
  /// - Parameter classCount: of the network; every class has a column for its margin.
  package init(classCount: Int) {
    self.classCount = classCount
    csv.add(
      ["epsilon"] + Self.keys + Self.inner.map(\.column) + ["unstable"]
        + (0..<classCount).map { "margin_\($0)" })
  }

  /// Adds the certificates of a report.
  package mutating func add(_ report: Report) {
    for certificate in report.certificates {
      add(certificate.json, epsilon: report.run.options.epsilon.text)
    }
  }

  /// Adds a certificate as it stands in a report.
  mutating func add(_ certificate: JSONValue, epsilon: String) {
    let margins = certificate["margins"]?.elements ?? []
    let unstable = certificate["unstable"]?.elements ?? []
    csv.add(
      [epsilon] + Self.keys.map { Self.text(certificate[$0]) }
        + Self.inner.map { entry in
          Self.text(entry.path.reduce(Optional(certificate)) { $0?[$1] })
        } + [unstable.map { Self.text($0) }.joined(separator: " ")]
        + (0..<classCount).map { Self.text(margins.indices.contains($0) ? margins[$0] : nil) })
  }

  /// The records.
  package var text: String { csv.text }

  private static func text(_ value: JSONValue?) -> String {
    switch value {
    case .bool(let truth): truth ? "true" : "false"
    case .string(let text): text
    case .some(let value): value.numeral ?? ""
    case nil: ""
    }
  }
}
