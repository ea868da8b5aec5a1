import CertificateRecords
import Numbers

/// What gates look at: the certificates of one epsilon, with the numbers that a reader of the report
/// gets.
struct GateFigures {
  let epsilon: String
  let summary: Summary
  private let certificates: [PrintedCertificate]

  init(epsilon: String, certificates: [PrintedCertificate], classCount: Int) {
    (self.epsilon, self.certificates) = (epsilon, certificates)
    summary = Summary(of: certificates, classCount: classCount)
  }

  func result(_ gate: Gate) -> GateResult {
    let counts = summary.counts
    switch gate {
    case .maxRobustError(let share):
      return most(counts.withoutCertificate, share, gate, "robust error")
    case .maxUnknown(let share): return most(counts.unknown, share, gate, "unknown")
    case .maxFlagged(let share):
      return most(summary.detection?.all.flagged ?? summary.flagged, share, gate, "flagged")
    case .minCertified(let share):
      let value = GateFigures.quotient(counts.certified, counts.examples)
      let text = DirectedDecimal.fraction(
        counts.certified, of: max(1, counts.examples), rounded: .down)
      return GateResult(
        option: gate.option, limit: share.text, epsilon: epsilon,
        found: found("certified \(text)", counts.certified), expected: "at least \(share.text)",
        isPassed: value >= share.value)
    case .minRadiusQuantile(let level, let radius): return quantile(level, radius, gate)
    }
  }

  private func most(
    _ count: Int, _ share: Gate.Share, _ gate: Gate, _ name: String
  ) -> GateResult {
    let total = summary.counts.examples
    let text = DirectedDecimal.fractionRoundedUp(count, of: max(1, total))
    return GateResult(
      option: gate.option, limit: share.text, epsilon: epsilon,
      found: found("\(name) \(text)", count), expected: "at most \(share.text)",
      isPassed: GateFigures.quotient(count, total) <= share.value)
  }

  private func found(_ words: String, _ count: Int) -> String {
    "\(words) at eps \(epsilon) (\(count) of \(summary.counts.examples))"
  }

  /// The quotient itself, not the binary64 next to it.
  private static func quotient(_ count: Int, _ total: Int) -> Numeral {
    (try? Numeral("\(count)/\(max(1, total))")) ?? Numeral(exactly: 1)
  }

  /// The quantile by nearest rank; an example without a radius lies below all that have one.
  private func quantile(_ level: Numeral, _ least: Numeral, _ gate: Gate) -> GateResult {
    let group = certificates.filter { $0.label == nil || $0.label == $0.prediction }
    let radii = group.map(\.radius).sorted { ($0 ?? -1) < ($1 ?? -1) }
    // The least place of which the share of the group reaches the level.
    let places = 1...max(1, radii.count)
    var (low, high) = (places.lowerBound, places.upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      if GateFigures.quotient(middle, radii.count) >= level {
        high = middle
      } else {
        low = middle + 1
      }
    }
    let text = radii.indices.contains(low - 1) ? radii[low - 1].flatMap(GateFigures.text) : nil
    let isPassed = text.flatMap { try? Numeral($0) }.map { $0 >= least } ?? false
    let kind = summary.labelled == nil ? "" : " rightly classified"
    return GateResult(
      option: gate.option, limit: "\(level.text):\(least.text)", epsilon: epsilon,
      found: "radius \(text ?? "none") at quantile \(level.text) of \(radii.count)\(kind)"
        + (radii.count == 1 ? " example" : " examples"),
      expected: "at least \(least.text)", isPassed: isPassed)
  }

  /// The decimal of a report.
  private static func text(_ radius: Double) -> String? {
    DirectedDecimal.text(printed: radius, rounded: .down)
  }
}
