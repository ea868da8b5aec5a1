import CertificateRecords
import Numbers

// The report's keys, in their order. schema/report.schema.json says the same in another language,
// and man/certify.1 in a third; the tests hold the first two together.

extension Certificate {
  /// Margins and radius are printed rounded down, the loss and the rounding budget up.
  var json: JSONValue {
    var members: [(key: String, value: JSONValue)] = [
      ("index", .integer(index)),
      ("label", .optional(label) { .integer($0) }),
      ("prediction", .integer(prediction)),
      ("verdict", .string(verdict.rawValue)),
    ]
    if let detection {
      members.append((PrintedCertificate.detectionKey, .string(detection.rawValue)))
    }
    if let detectionMargin {
      members.append(("detection_margin", .bound(detectionMargin, .down)))
    }
    members += [
      ("specification_class", .integer(specificationClass)),
      ("margin", .bound(margin, .down)),
      ("margin_real", .bound(marginReal, .down)),
      ("rounding_budget", .optional(roundingBudget) { .bound($0, .up) }),
      ("margins", .array(margins.map { .bound($0, .down) })),
      ("radius", .optional(radius) { .bound($0, .down) }),
      ("radius_upper", .optional(radiusUpper) { .bound($0, .up) }),
      ("radius_capped", .optional(radius) { _ in .bool(radiusIsCapped) }),
      ("radius_steps", .optional(radiusSteps) { .integer($0) }),
      ("radius_converged", .optional(radius) { _ in .bool(radiusIsConverged) }),
      (
        "slopes_used",
        slopesUsed.isEmpty ? .null : .array(slopesUsed.map { .string($0) })
      ),
      ("robust_loss", .optional(robustLoss) { .bound($0, .up) }),
      ("unstable", .array(unstable.map { .integer($0) })),
      ("attack", .optional(attack, \.json)),
    ]
    return .object(members)
  }
}

extension AttackRecord {
  static let (fgsmKey, frozenKey) = ("fgsm", "frozen")

  var json: JSONValue {
    .object([
      ("counterexample", .optional(counterexample, \.json)),
      (AttackRecord.fgsmKey, .bool(fgsmSucceeds)), (AttackRecord.frozenKey, .integer(frozen)),
      ("steps", .integer(steps)),
    ])
  }
}

extension Counterexample {
  /// The distance is printed rounded up, the margin down.
  var json: JSONValue {
    .object([
      ("class", .integer(winner)), ("distance", .bound(distance, .up)),
      ("margin", .bound(margin, .down)),
    ])
  }
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
  var json: JSONValue {
    .object(
      zip(Quantiles.points, values).map { point, value in (point.name, .printed(value, .down)) })
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
    return .object(members)
  }
}
