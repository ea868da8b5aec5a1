import CertificateRecords
import Numbers

extension Certificate {
  /// Margins and radius are printed rounded down, the loss and the rounding budget up.
  static var fields: [ReportField<Certificate>] { verdictFields + marginFields + searchFields }

  private static var verdictFields: [ReportField<Certificate>] {
    [
      .init("index", .whole) { .integer($0.index) },
      .init("label", .optional(.whole)) { .optional($0.label) { .integer($0) } },
      .init("prediction", .whole) { .integer($0.prediction) },
      .init("verdict", .text) { .string($0.verdict.rawValue) },
      .init(PrintedCertificate.detectionKey) { $0.detection.map { .string($0.rawValue) } },
      .init("detection_margin") { $0.detectionMargin.map { .bound($0, .down) } },
      .init("specification_class", .whole) { .integer($0.specificationClass) },
    ]
  }

  private static var marginFields: [ReportField<Certificate>] {
    [
      .init("margin", .optional(.number)) { .bound($0.margin, .down) },
      .init("margin_real", .optional(.number)) { .bound($0.marginReal, .down) },
      .init("rounding_budget", .optional(.number)) {
        .optional($0.roundingBudget) { .bound($0, .up) }
      },
      .init("margins", .list(.optional(.number))) {
        .array($0.margins.map { .bound($0, .down) })
      },
    ]
  }

  private static var searchFields: [ReportField<Certificate>] {
    [
      .init("radius", .optional(.number)) { .optional($0.radius) { .bound($0, .down) } },
      .init("radius_upper", .optional(.number)) { .optional($0.radiusUpper) { .bound($0, .up) } },
      .init("radius_capped", .optional(.truth)) {
        $0.radius == nil ? .null : .bool($0.radiusIsCapped)
      },
      .init("radius_steps", .optional(.whole)) { .optional($0.radiusSteps) { .integer($0) } },
      .init("radius_converged", .optional(.truth)) {
        $0.radius == nil ? .null : .bool($0.radiusIsConverged)
      },
      .init(ExactRadius.key) { $0.exactRadius?.json },
      .init("slopes_used", .optional(.list(.text))) {
        $0.slopesUsed.isEmpty ? .null : .strings($0.slopesUsed)
      },
      .init("robust_loss", .optional(.number)) { .optional($0.robustLoss) { .bound($0, .up) } },
      .init("unstable", .list(.whole)) { .whole($0.unstable) },
      .init("attack", .optional(.record(AttackRecord.fields))) { .optional($0.attack, \.json) },
      .init("search", .optional(.record(SearchRecord.fields))) { .optional($0.search, \.json) },
    ]
  }

  var json: JSONValue { .record(self, Self.fields) }
}

extension SearchRecord {
  static let (nodesKey, reasonKey, provedKey) = ("nodes", "reason", "proved")

  /// Share and bound are printed rounded down.
  static var fields: [ReportField<SearchRecord>] {
    [
      .init(provedKey, .truth) { .bool($0.isProved) },
      .init(reasonKey, .optional(.name(Reason.self))) {
        .optional($0.reason) { .string($0.rawValue) }
      },
      .init(nodesKey, .whole) { .integer($0.nodes) },
      .init("leaves", .whole) { .integer($0.leaves) },
      .init("depth", .whole) { .integer($0.depth) },
      .init("share", .number) { .bound($0.share, .down) },
      .init("bound", .optional(.number)) { .optional($0.bound) { .bound($0, .down) } },
    ]
  }

  var json: JSONValue { .record(self, Self.fields) }
}

extension SearchCounts {
  var json: JSONValue {
    .object([
      ("examples", .integer(examples)), ("decided", .integer(decided)),
      ("nodes", .integer(nodes)),
      (
        "open",
        .object(SearchRecord.Reason.allCases.map { ($0.rawValue, .integer(open[$0] ?? 0)) })
      ),
    ])
  }
}

extension ExactRadius {
  static let (key, reasonKey) = ("radius_exact", "reason")

  /// The margin is printed rounded down.
  static var fields: [ReportField<ExactRadius>] {
    [
      .init(reasonKey, .optional(.name(SearchRecord.Reason.self))) {
        .optional($0.reason) { .string($0.rawValue) }
      },
      .init("class", .optional(.whole)) { .optional($0.winner) { .integer($0) } },
      .init("class_margin", .optional(.number)) {
        .optional($0.winnerMargin) { .bound($0, .down) }
      },
      .init("tried", .whole) { .integer($0.tried) },
      .init(SearchRecord.nodesKey, .whole) { .integer($0.nodes) },
      .init("steps", .whole) { .integer($0.steps) },
    ]
  }

  var json: JSONValue { .record(self, Self.fields) }
}

extension AttackRecord {
  static let (fgsmKey, frozenKey) = ("fgsm", "frozen")

  static var fields: [ReportField<AttackRecord>] {
    [
      .init("counterexample", .optional(.record(Counterexample.fields))) {
        .optional($0.counterexample, \.json)
      },
      .init(fgsmKey, .truth) { .bool($0.fgsmSucceeds) },
      .init(frozenKey, .whole) { .integer($0.frozen) },
      .init("steps", .whole) { .integer($0.steps) },
    ]
  }

  var json: JSONValue { .record(self, Self.fields) }
}

extension Counterexample {
  /// The distance is printed rounded up, the margin down.
  static var fields: [ReportField<Counterexample>] {
    [
      .init("class", .whole) { .integer($0.winner) },
      .init("distance", .number) { .bound($0.distance, .up) },
      .init("margin", .number) { .bound($0.margin, .down) },
    ]
  }

  var json: JSONValue { .record(self, Self.fields) }
}

extension VerdictCounts {
  var members: [(key: String, value: JSONValue)] {
    [
      ("examples", .integer(examples)), ("certified", .integer(certified)),
      ("falsified", .integer(falsified)), ("misclassified", .integer(misclassified)),
      ("unknown", .integer(unknown)),
    ]
  }

  /// The error rates of labelled examples, lower bounds rounded down and upper ones up; `null` for no
  /// examples, that of FGSM also where it was not tried.
  func rates(isAttacked: Bool) -> [(key: String, value: JSONValue)] {
    func rate(_ count: Int, _ rounding: DirectedDecimal.Rounding) -> JSONValue {
      guard examples > 0 else { return .null }
      return .number(DirectedDecimal.fraction(count, of: examples, rounded: rounding))
    }
    // No bound: what the predictions say.
    let predicted = JSONValue.nearest(Double(predictedWrong) / Double(max(1, examples)))
    return [
      ("clean_error", rate(misclassified, .down)),
      ("predicted_error", examples > 0 ? predicted : .null),
      ("fgsm_error", isAttacked ? rate(misclassified + fgsm, .down) : .null),
      ("attacked_error", rate(attacked, .down)), ("robust_error", rate(withoutCertificate, .up)),
      // Where the two meet.
      (
        "exact_error",
        examples > 0 && isDecided ? .nearest(Double(attacked) / Double(examples)) : .null
      ),
    ]
  }
}

extension Summary {
  /// - Parameters:
  ///   - isAttacked: whether the run tried attacks.
  ///   - level: of the confidence intervals of a sample; nil for a run over all examples.
  func json(isAttacked: Bool, level: Double?) -> JSONValue {
    var members = counts.members
    if let labelled {
      members += counts.rates(isAttacked: isAttacked)
      members.append(("mean_robust_loss", .bound(labelled.meanRobustLoss, .up)))
      let perClass = labelled.perClass.enumerated().map { classIndex, counts in
        JSONValue.object(
          [("class", .integer(classIndex))] + counts.members
            + counts.rates(isAttacked: isAttacked))
      }
      members.append(("per_class", .array(perClass)))
      members.append(("detection", .optional(detection, \.json)))
    } else {
      let fraction = JSONValue.number(
        DirectedDecimal.fractionRoundedUp(flagged, of: max(1, counts.examples)))
      members += [
        ("cleared", .integer(cleared)), ("flagged", .integer(flagged)),
        ("flagged_fraction", counts.examples > 0 ? fraction : .null),
      ]
    }
    members.append(("lost_to_rounding", .integer(lostToRounding)))
    members.append(("search", searches.examples > 0 ? searches.json : .null))
    members.append(("margin_quantiles", .optional(margins, \.json)))
    members.append(
      (
        "confidence_intervals",
        .optional(level.flatMap { intervals(level: $0, isAttacked: isAttacked) }, \.json)
      ))
    return .object(members)
  }
}

extension Quantiles {
  /// Quantiles of lower bounds: each is printed as the one that it is.
  package var json: JSONValue { json(rounded: .down) }

  /// - Parameter rounding: how the bounds are printed that these are quantiles of.
  func json(rounded rounding: DirectedDecimal.Rounding) -> JSONValue {
    .object(
      zip(Quantiles.points, values).map { point, value in (point.name, .printed(value, rounding)) })
  }
}

extension RadiusHistogram {
  var json: JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("edges", .array(edges.map { .nearest($0) }))
    ]
    members += groups.map { group in
      (group.kind.rawValue, .array(group.counts.map { .integer($0) }))
    }
    members.append(("capped", .integer(capped)))
    members.append(
      (
        "without_radius",
        .object(groups.map { ($0.kind.rawValue, .integer($0.withoutRadius)) })
      ))
    members.append(
      (
        "quantiles",
        .object(groups.map { ($0.kind.rawValue, .optional($0.quantiles, \.json)) })
      ))
    members.append(("curve", .object(groups.map { ($0.kind.rawValue, $0.curve.json) })))
    if let exact { members.append(("exact", exact.json(groups.map(\.kind.rawValue)))) }
    return .object(members)
  }
}

extension RadiusHistogram.Exact {
  /// - Parameter names: of the groups.
  func json(_ names: [String]) -> JSONValue {
    func each(_ value: (RadiusHistogram.Upper) -> JSONValue) -> JSONValue {
      .object(zip(names, uppers).map { ($0, value($1)) })
    }
    return .object([
      ("closed", .integer(closed)),
      (
        "open",
        .object(SearchRecord.Reason.allCases.map { ($0.rawValue, .integer(open[$0] ?? 0)) })
      ),
      ("without_upper", each { .integer($0.without) }),
      ("upper_quantiles", each { .optional($0.quantiles) { $0.json(rounded: .up) } }),
      ("upper_curve", each { $0.curve.json }),
    ])
  }
}
