import Numbers

/// The search for eq. (17)'s radius: a value at which the certificate was computed and held.
///
/// `f(epsilon)`, the smallest margin, need be neither monotone nor continuous: every step is kept
/// inside a bracket [held, not held], and nothing relies on the order of its values.
package struct RadiusSearch {
  /// What a search found.
  package struct Outcome: Equatable {
    /// The largest tested decimal at which the certificate held, 0 where it did at the centre alone;
    /// nil where not even that.
    package var radius: Numeral?
    /// The smallest margin at `radius`.
    package var margin = -Double.infinity
    /// Whether the search ended at the cap.
    package var isCapped = false
    /// The smallest radius above `radius` that was tried and did not hold; nil where none was.
    package var lost: Double?
    /// Bound computations spent.
    package var steps = 0
    /// Whether the bracket is as narrow as was asked for, or the cap has held.
    package var isConverged = false

    package init(radius: Numeral? = nil) { self.radius = radius }
  }

  let options: RadiusOptions
  /// Where to look first when nothing was tried yet.
  let hint: Double
  /// The smallest margin at a radius; the argument is not below the decimal that is meant.
  let smallestMargin: (Double) -> Double

  package init(
    options: RadiusOptions, hint: Double, smallestMargin: @escaping (Double) -> Double
  ) {
    (self.options, self.hint, self.smallestMargin) = (options, hint, smallestMargin)
  }

  /// No search needs more: bisection alone gets from any start to the tolerance in 60 steps.
  private static let stepLimit = 80

  /// Searches from what is known: the margin at radius zero, and at radii already tried.
  ///
  /// - Parameters:
  ///   - known: radii already tried, each with the smallest margin there.
  ///   - start: what a search with looser bounds found: what held there is a proof here, what did not
  ///     says nothing.
  package func run(
    marginAtZero: Double, known: [(epsilon: Numeral, margin: Double)],
    from start: Outcome? = nil
  ) -> Outcome {
    var outcome = Outcome()
    outcome.steps = start?.steps ?? 0
    // A certificate at any radius holds at the centre, too.
    let held = [marginAtZero, start?.margin ?? -.infinity] + known.map(\.margin)
    guard let margin = held.first(where: { $0 > 0 }) else {
      outcome.isConverged = true
      return outcome
    }
    (outcome.radius, outcome.margin) = (.zero, margin)
    let cap = Numeral.decimal(notAbove: options.cap.nearest)
    var bracket = RadiusBracket(marginAtZero: margin, hint: hint)
    if let start, let radius = start.radius, radius.nearest > 0 {
      bracket.hold(radius.nearest, start.margin)
      (outcome.radius, outcome.margin) = (radius, start.margin)
    }
    let limit = outcome.steps + Self.stepLimit
    for (epsilon, margin) in known.sorted(by: { $0.epsilon < $1.epsilon })
    where epsilon.nearest <= cap.nearest {
      if margin > 0 {
        hold(epsilon, margin, &bracket, &outcome)
      } else {
        bracket.lose(epsilon.nearest, margin)
      }
    }
    while outcome.steps < limit {
      let next = bracket.next(tolerance: options.tolerance.nearest, cap: cap.nearest)
      guard let next else {
        outcome.isConverged = true
        break
      }
      let point = Numeral.decimal(notAbove: next)
      guard bracket.separates(point.nearest) else { break }
      test(point, &bracket, &outcome)
    }
    outcome.lost = bracket.lost?.epsilon
    outcome.isCapped = outcome.radius == cap && cap != .zero
    return outcome
  }

  private func test(
    _ point: Numeral, _ bracket: inout RadiusBracket, _ outcome: inout Outcome
  ) {
    outcome.steps += 1
    let margin = smallestMargin(point.upper)
    if margin > 0 {
      bracket.hold(point.nearest, margin)
      guard point.nearest >= outcome.radius?.nearest ?? 0 else { return }
      (outcome.radius, outcome.margin) = (point, margin)
    } else {
      bracket.lose(point.nearest, margin)
    }
  }

  /// Starts from an epsilon that holds: from the decimal just above it, so that a certified
  /// example's radius is not below epsilon; else from the one just below.
  private func hold(
    _ epsilon: Numeral, _ margin: Double, _ bracket: inout RadiusBracket,
    _ outcome: inout Outcome
  ) {
    let above = Numeral.decimal(notBelow: epsilon.upper)
    guard above.nearest > outcome.radius?.nearest ?? -1 else { return }
    if above.upper == epsilon.upper {
      bracket.hold(above.nearest, margin)
      (outcome.radius, outcome.margin) = (above, margin)
      return
    }
    test(above, &bracket, &outcome)
    if outcome.radius != above { test(.decimal(notAbove: epsilon.nearest), &bracket, &outcome) }
  }
}
