import DataFiles
import DualBounds
import Glibc
import ReLUChain

/// Holds the chain's values against those of the exporter's own runtime, example by example.
struct ParityCheck: Sendable {
  /// The network behind `--mean` and `--std`.
  let chain: ReLUChain
  let trace: DeployedTrace
  let scaled: ScaledDataset
  let expected: ExpectedValues
  /// What `--logits-tolerance` allows; nil for what rounding explains.
  let tolerance: Double?
  /// Whether the largest or the smallest score is the prediction.
  let decision: Decision

  /// One number that was compared.
  struct Place: Sendable {
    var example = 0
    var unit = 0
    var ours = 0.0
    var theirs = 0.0
    var tolerance = 0.0

    var difference: Double { (ours - theirs).magnitude }
    /// Above 1 where the difference is not explained; infinite where it is not a number.
    var excess: Double {
      if difference == 0 { return 0 }
      let excess = difference / tolerance
      return excess.isNaN ? .infinity : excess
    }
  }

  /// What came out for one array.
  struct Outcome: Sendable {
    /// The largest difference, and the one that exceeds its tolerance the most.
    var largest = Place()
    var worst = Place()
    /// Examples with a difference that is not explained, or with another largest score by more than a
    /// tie; and those with another largest score at all.
    var differing = 0
    var otherPredictions = 0
    /// Those whose other score is larger by more than a tie.
    var otherWinners = 0
    /// The largest tolerance as a part of the example's largest score.
    var looseness = 0.0
    /// Whether the expected values are probabilities, or logarithms of some, and were compared with
    /// the same of ours.
    var probabilities: Probabilities?
    /// Where nothing can be said about rounding.
    var isUnbounded = false

    var agrees: Bool { differing == 0 }

    mutating func add(_ other: Outcome) {
      if other.largest.difference > largest.difference || largest.tolerance == 0 {
        largest = other.largest
      }
      if other.worst.excess > worst.excess { worst = other.worst }
      differing += other.differing
      otherPredictions += other.otherPredictions
      otherWinners += other.otherWinners
      looseness = max(looseness, other.looseness)
      isUnbounded = isUnbounded || other.isUnbounded
    }
  }

  /// The outcome of every array of `expected`.
  func outcomes(workers: Int) -> [Outcome] {
    let kinds = expected.arrays.map { $0.isOutput ? $0.probabilities : nil }
    let totals = outcomes(kinds, workers: workers)
    // Scores may look like probabilities, too, or like their logarithms.
    let doubted = totals.map { $0.probabilities != nil && $0.differing > 0 }
    guard doubted.contains(true) else { return totals }
    let asTheyAre = outcomes(
      zip(kinds, doubted).map { $1 ? nil : $0 }, workers: workers)
    return zip(totals, asTheyAre).map { $1.differing == 0 ? $1 : $0 }
  }

  private func outcomes(_ kinds: [Probabilities?], workers: Int) -> [Outcome] {
    var totals = kinds.map { kind in
      var outcome = Outcome()
      outcome.probabilities = kind
      return outcome
    }
    let rows = mapInParallel(expected.count, workers: workers) { outcomes(of: $0, kinds) }
    for row in rows {
      for (index, outcome) in row.enumerated() { totals[index].add(outcome) }
    }
    return totals
  }

  private func outcomes(of example: Int, _ kinds: [Probabilities?]) -> [Outcome] {
    let stages = trace.values(of: scaled.features(of: example))
    return zip(expected.arrays, kinds).map { array, probabilities in
      guard example < array.items.count else { return Outcome() }
      let place = array.place
      var ours = stages[place.stage][place.operatorCount - 1]
      if place.isRectified { ours = ours.rectified }
      if let probabilities { ours = ours.turned(into: probabilities) }
      return compare(ours, array, example)
    }
  }

  private func compare(
    _ ours: DeployedTrace.Values, _ array: ExpectedValues.Array, _ example: Int
  ) -> Outcome {
    var outcome = Outcome()
    let theirs = array.values(of: example)
    // A file of binary32 has rounded what it holds, whatever the network computed in.
    let stored = array.items.elementType == .float32 ? 0x1p-24 : 0
    for unit in theirs.indices {
      let place = Place(
        example: example, unit: unit, ours: ours.values[unit], theirs: theirs[unit],
        tolerance: tolerance ?? ours.tolerances[unit] + stored * theirs[unit].magnitude)
      if !place.tolerance.isFinite { outcome.isUnbounded = true }
      if place.difference > outcome.largest.difference || unit == 0 { outcome.largest = place }
      if place.excess > outcome.worst.excess || unit == 0 { outcome.worst = place }
    }
    if array.isOutput { comparePredictions(ours, theirs, &outcome) }
    outcome.differing = outcome.worst.excess > 1 || outcome.otherWinners > 0 ? 1 : 0
    return outcome
  }

  /// Tolerances above this part of the largest score confirm little.
  static let looseness = 1e-3

  /// Another class wins: by a tie only where both runtimes have the two that close.
  private func comparePredictions(
    _ ours: DeployedTrace.Values, _ theirs: [Double], _ outcome: inout Outcome
  ) {
    let size = ours.values.map(\.magnitude).max() ?? 0
    let widest = ours.tolerances.max() ?? 0
    if size > 0, widest.isFinite { outcome.looseness = widest / size }
    let (own, other) = (prediction(ours.values), prediction(theirs))
    guard own != other, let own, let other else { return }
    outcome.otherPredictions = 1
    let rounding = tolerance ?? max(ours.tolerances[own], ours.tolerances[other])
    let tie = 2 * min(rounding, ParityCheck.looseness * size)
    let isTie =
      (ours.values[own] - ours.values[other]).magnitude <= tie
      && (theirs[other] - theirs[own]).magnitude <= tie
    outcome.otherWinners = isTie ? 0 : 1
  }

  /// The lowest index of the score that decides.
  private func prediction(_ scores: [Double]) -> Int? {
    (decision == .argmax ? scores.max() : scores.min()).flatMap { scores.firstIndex(of: $0) }
  }
}

extension DeployedTrace.Values {
  /// What a final Softmax or LogSoftmax makes of the values.
  ///
  /// Where no logit moves by more than t, a probability and what it lacks of 1 change by a factor of
  /// `exp(2t)` at most, the logarithm by 2t.
  func turned(into kind: Probabilities) -> DeployedTrace.Values {
    let largest = (tolerances.max() ?? 0)
    let turned = values.turned(into: kind)
    let rounding = Double(values.count + 16) * 0x1p-24
    return DeployedTrace.Values(
      values: turned,
      tolerances: turned.map { value in
        guard kind == .plain else { return 2 * largest + rounding * (1 + value.magnitude) }
        return min(1, min(value, 1 - value) * expm1(2 * largest)) + rounding
      })
  }
}

/// What a network that ends in Softmax or LogSoftmax gives.
enum Probabilities: Sendable {
  case plain, logarithms
}

extension [Double] {
  /// Probabilities of these scores, or their logarithms.
  func turned(into kind: Probabilities) -> [Double] {
    let largest = self.max() ?? 0
    let powers = map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    switch kind {
    case .plain: return powers.map { $0 / sum }
    case .logarithms: return map { $0 - largest - log(sum) }
    }
  }
}

extension ExpectedValues.Array {
  /// Whether every item looks like the probabilities that a final Softmax gives, or like their
  /// logarithms: of the first few.
  fileprivate var probabilities: Probabilities? {
    if areProbabilities({ $0 }) { return .plain }
    return areProbabilities(exp) ? .logarithms : nil
  }

  private func areProbabilities(_ turned: (Double) -> Double) -> Bool {
    (items.featureCount > 1 || single != nil)
      && (0..<min(items.count, 100)).allSatisfy { index in
        let values = values(of: index).map(turned)
        let sum = values.reduce(0, +)
        return values.allSatisfy { $0 >= 0 && $0 <= 1 + 1e-3 } && abs(sum - 1) < 1e-3
      }
  }
}
