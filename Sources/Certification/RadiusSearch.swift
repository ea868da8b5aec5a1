/// The search for eq. (17)'s radius: a value at which the certificate was computed and held.
///
/// `f(epsilon)`, the smallest margin, need be neither monotone nor continuous: every step is kept
/// inside a bracket [held, not held], and nothing relies on the order of its values.
struct RadiusSearch {
  /// What a search found.
  struct Outcome: Equatable {
    /// The largest tested decimal at which the certificate held; nil where none did, not even 0.
    var radius: DecimalGrid.Point?
    /// Whether the search ended at the cap.
    var isCapped = false
    /// Bound computations spent.
    var steps = 0
  }

  let options: RadiusOptions
  /// The smallest margin at a radius; the argument is the decimal's upper neighbour.
  let smallestMargin: (DecimalGrid.Point) -> Double

  /// No search needs more: bisection alone gets from any start to the tolerance in 60 steps.
  private static let stepLimit = 80

  /// Searches from what is known: the margin at radius zero, and at radii already tried.
  ///
  /// - Parameter known: radii already tried, each with the smallest margin there.
  func run(marginAtZero: Double, known: [(epsilon: TypedMagnitude, margin: Double)]) -> Outcome {
    var outcome = Outcome()
    guard marginAtZero > 0 else { return outcome }
    let cap = DecimalGrid.floor(options.cap)
    var bracket = Bracket(held: (0, marginAtZero))
    for (epsilon, margin) in known.sorted(by: { $0.epsilon.value < $1.epsilon.value })
    where epsilon.value <= cap.nearest {
      if margin > 0 {
        hold(epsilon, margin, &bracket, &outcome)
      } else {
        bracket.lose(epsilon.value, margin)
      }
    }
    while outcome.steps < Self.stepLimit {
      let next = bracket.next(tolerance: options.tolerance, cap: cap.nearest)
      guard let next else { break }
      let point = DecimalGrid.floor(next)
      guard bracket.separates(point.nearest) else { break }
      test(point, &bracket, &outcome)
    }
    outcome.isCapped = outcome.radius == cap && cap != .zero
    return outcome
  }

  private func test(
    _ point: DecimalGrid.Point, _ bracket: inout Bracket, _ outcome: inout Outcome
  ) {
    outcome.steps += 1
    let margin = smallestMargin(point)
    if margin > 0 {
      bracket.hold(point.nearest, margin)
      outcome.radius = point
    } else {
      bracket.lose(point.nearest, margin)
    }
  }

  /// Starts from an epsilon that holds: from the decimal just above it, so that a certified
  /// example's radius is not below epsilon; else from the one just below.
  private func hold(
    _ epsilon: TypedMagnitude, _ margin: Double, _ bracket: inout Bracket, _ outcome: inout Outcome
  ) {
    let above = DecimalGrid.ceiling(epsilon.upper)
    guard above.nearest > outcome.radius?.nearest ?? -1 else { return }
    if above.upper == epsilon.upper {
      bracket.hold(above.nearest, margin)
      outcome.radius = above
      return
    }
    test(above, &bracket, &outcome)
    if outcome.radius != above { test(DecimalGrid.floor(epsilon.value), &bracket, &outcome) }
  }
}

/// A bracket [held, not held] with the values that guide the next step.
private struct Bracket {
  /// The largest radius that held, and its margin.
  private(set) var held: (epsilon: Double, margin: Double)
  /// The smallest radius above `held` that did not.
  private(set) var lost: (epsilon: Double, margin: Double)?
  /// The end that was replaced last, for the interpolation.
  private var before: (epsilon: Double, margin: Double)?
  private var lastWidth = Double.infinity

  init(held: (epsilon: Double, margin: Double)) { self.held = held }

  mutating func hold(_ epsilon: Double, _ margin: Double) {
    guard epsilon >= held.epsilon else { return }
    before = held
    held = (epsilon, margin)
    if let lost, lost.epsilon <= epsilon { self.lost = nil }
  }

  mutating func lose(_ epsilon: Double, _ margin: Double) {
    guard epsilon > held.epsilon, epsilon < lost?.epsilon ?? .infinity else { return }
    before = lost
    lost = (epsilon, margin)
  }

  func separates(_ epsilon: Double) -> Bool {
    epsilon > held.epsilon && epsilon < lost?.epsilon ?? .infinity
  }

  /// The next radius to try; nil when the bracket is narrow enough or the cap has held.
  mutating func next(tolerance: Double, cap: Double) -> Double? {
    guard let lost else { return held.epsilon >= cap ? nil : min(cap, extrapolated(cap)) }
    let width = lost.epsilon - held.epsilon
    if width <= tolerance * held.epsilon || lost.epsilon <= 1e-12 { return nil }
    defer { lastWidth = width }
    // Bisect when the last step did not halve the bracket, or where values guide badly.
    var step = 0.5
    if width <= 0.6 * lastWidth, let guess = interpolated(lost), guess > 0, guess < 1 {
      step = guess
    }
    // Never closer to an end than closes the bracket from that side.
    let least = min(0.5, 0.45 * tolerance * held.epsilon / width)
    return held.epsilon + width * min(max(step, least), 1 - least)
  }

  /// Beyond the largest radius that held: along the last slope, at most four times as far.
  private func extrapolated(_ cap: Double) -> Double {
    guard held.epsilon > 0 else { return max(cap * 1e-3, 1e-12) }
    guard let before, before.margin > held.margin else { return 2 * held.epsilon }
    let slope = (before.margin - held.margin) / (held.epsilon - before.epsilon)
    return min(max(held.epsilon + held.margin / slope, 1.05 * held.epsilon), 4 * held.epsilon)
  }

  /// The zero of the inverse quadratic through both ends and the end replaced last, as a fraction of
  /// the bracket; linear without a third point.
  private func interpolated(_ lost: (epsilon: Double, margin: Double)) -> Double? {
    let (a, b) = (held.margin, lost.margin)
    guard a.isFinite, b.isFinite, a != b else { return nil }
    let linear = a / (a - b)
    guard let before, before.margin.isFinite, before.margin != a, before.margin != b else {
      return linear
    }
    let c = before.margin
    let width = lost.epsilon - held.epsilon
    let third = (before.epsilon - held.epsilon) / width
    let guess = a * c / ((b - a) * (b - c)) + third * a * b / ((c - a) * (c - b))
    return guess.isFinite && guess > 0 && guess < 1 ? guess : linear
  }
}
