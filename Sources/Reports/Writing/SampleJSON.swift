import CertificateRecords
import Numbers

// What a sample and a detection add to a summary.

/// The confidence intervals of a sample's error rates.
public struct ErrorIntervals: Sendable, Equatable {
  /// How sure each of them is.
  public var level: Double
  /// Rates by their keys, and the interval of each, in the order of the summary.
  public var rates: [Rate]

  /// One rate.
  public struct Rate: Sendable, Equatable {
    /// The summary's key of the rate.
    public var key: String
    /// Its interval.
    public var interval: BinomialInterval

    package init(key: String, interval: BinomialInterval) {
      (self.key, self.interval) = (key, interval)
    }
  }

  package init(level: Double, rates: [Rate]) {
    (self.level, self.rates) = (level, rates)
  }

  /// The interval of a rate.
  public subscript(key: String) -> BinomialInterval? {
    rates.first { $0.key == key }?.interval
  }

  package var json: JSONValue {
    .object(
      [("level", .nearest(level))]
        + rates.map { rate in
          let ends = [
            JSONValue.bound(rate.interval.lower, .down), .bound(rate.interval.upper, .up),
          ]
          return (rate.key, .array(ends))
        })
  }
}

extension Summary {
  /// The intervals of the rates that the summary has; nil for no examples.
  ///
  /// - Parameter isAttacked: whether the run tried attacks.
  public func intervals(level: Double, isAttacked: Bool) -> ErrorIntervals? {
    guard counts.examples > 0 else { return nil }
    var shares: [(key: String, count: Int)] = []
    if labelled != nil {
      shares += [
        ("clean_error", counts.misclassified), ("predicted_error", counts.predictedWrong),
      ]
      if isAttacked { shares.append(("fgsm_error", counts.misclassified + counts.fgsm)) }
      shares += [
        ("attacked_error", counts.attacked), ("robust_error", counts.withoutCertificate),
      ]
    }
    let flagged = labelled == nil ? self.flagged : detection?.all.flagged
    if let flagged { shares.append(("flagged_fraction", flagged)) }
    return ErrorIntervals(
      level: level,
      rates: shares.map { key, count in
        ErrorIntervals.Rate(
          key: key, interval: BinomialInterval(successes: count, of: counts.examples, level: level))
      })
  }
}

extension DetectionCounts {
  var json: JSONValue {
    let all = all
    return .object(
      all.members + [
        (
          "flagged_fraction",
          .number(
            DirectedDecimal.fractionRoundedUp(all.flagged, of: max(1, all.cleared + all.flagged)))
        ),
        ("correct", .object(correct.members)), ("wrong", .object(wrong.members)),
      ])
  }
}

extension DetectionCounts.Group {
  fileprivate var members: [(key: String, value: JSONValue)] {
    [("cleared", .integer(cleared)), ("flagged", .integer(flagged))]
  }
}

extension RadiusHistogram.Curve {
  var json: JSONValue {
    .object([
      ("radii", .array(radii.map { .printed($0, .down) })),
      ("counts", .array(counts.map { .integer($0) })),
    ])
  }
}

extension PrintedCertificate {
  static let detectionKey = "detection"
}
