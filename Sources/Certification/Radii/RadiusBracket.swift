/// A bracket [held, not held] with the values that guide the next step.
package struct RadiusBracket {
  package typealias Point = (epsilon: Double, margin: Double)

  /// The largest radius that held, and its margin.
  private(set) var held: Point
  /// The smallest radius above `held` that did not.
  package private(set) var lost: Point?
  /// The end that was replaced last, for the interpolation.
  private var before: Point?
  private let hint: Double
  /// The last guess of where the margin is 0.
  private var lastGuess: Double?
  private var lastWidth = Double.infinity
  private var expansions = 0

  package init(marginAtZero: Double, hint: Double) {
    held = (0, marginAtZero)
    self.hint = hint
  }

  package mutating func hold(_ epsilon: Double, _ margin: Double) {
    guard epsilon >= held.epsilon else { return }
    before = held
    held = (epsilon, margin)
    if let lost, lost.epsilon <= epsilon { self.lost = nil }
  }

  package mutating func lose(_ epsilon: Double, _ margin: Double) {
    guard epsilon > held.epsilon, epsilon < lost?.epsilon ?? .infinity else { return }
    before = lost ?? before
    lost = (epsilon, margin)
  }

  package func separates(_ epsilon: Double) -> Bool {
    epsilon > held.epsilon && epsilon < lost?.epsilon ?? .infinity
  }

  /// The next radius to try; nil when the bracket is narrow enough or the cap has held.
  mutating func next(tolerance: Double, cap: Double) -> Double? {
    guard let lost else { return held.epsilon >= cap ? nil : min(cap, expanded()) }
    let width = lost.epsilon - held.epsilon
    // A little less than what closes the bracket: decimals are rounded.
    let goal = tolerance * held.epsilon
    if width <= goal || lost.epsilon <= 1e-12 { return nil }
    defer { lastWidth = width }
    let middle = held.epsilon + width * half(lost)
    // A margin of exactly 0 makes its own end the guess.
    guard let guess = interpolated(lost), guess > held.epsilon, guess < lost.epsilon,
      width <= 0.7 * lastWidth
    else {
      lastGuess = nil
      return middle
    }
    defer { lastGuess = guess }
    let reach = 0.95 * goal
    // Once guesses agree, steps close the bracket around them rather than meet them.
    if let lastGuess, (guess - lastGuess).magnitude < 0.2 * goal {
      if guess - held.epsilon < reach { return min(held.epsilon + reach, middle + 0.49 * width) }
      if lost.epsilon - guess < reach { return max(lost.epsilon - reach, middle - 0.49 * width) }
      return guess - 0.5 * reach
    }
    return min(max(guess, held.epsilon + 0.4 * reach), lost.epsilon - 0.4 * reach)
  }

  /// Where a bracket is cut in two: orders of magnitude are halved before lengths are.
  private func half(_ lost: Point) -> Double {
    let (low, high) = (held.epsilon, lost.epsilon)
    if low <= 0 { return 1 / 16 }
    return high > 4 * low ? ((low * high).squareRoot() - low) / (high - low) : 0.5
  }

  /// Beyond the largest radius that held: a quarter further at first (a network is robust up to where
  /// it was trained to be, and no slope below tells of the one beyond), then along the last slope.
  private mutating func expanded() -> Double {
    guard held.epsilon > 0 else { return hint }
    expansions += 1
    guard expansions > 1, let before, before.margin > held.margin else {
      return held.epsilon * (expansions > 1 ? 2 : 1.25)
    }
    let slope = (before.margin - held.margin) / (held.epsilon - before.epsilon)
    return min(max(held.epsilon + 1.1 * held.margin / slope, 1.1 * held.epsilon), 4 * held.epsilon)
  }

  /// Where the inverse quadratic through both ends and the end replaced last is 0, or the line through
  /// the ends where that is no good; nil where neither is.
  private func interpolated(_ lost: Point) -> Double? {
    let (a, b) = (held.margin, lost.margin)
    guard a.isFinite, b.isFinite, a > b else { return nil }
    let width = lost.epsilon - held.epsilon
    let linear = held.epsilon + width * (a / (a - b))
    guard let before, isAlike(before, lost) else { return linear }
    let c = before.margin
    let third = (before.epsilon - held.epsilon) / width
    let guess = a * c / ((b - a) * (b - c)) + third * a * b / ((c - a) * (c - b))
    return guess > 0 && guess < 1 ? held.epsilon + width * guess : linear
  }

  /// Whether a third point continues the slope between the ends, roughly: beyond a kink it misleads.
  private func isAlike(_ third: Point, _ lost: Point) -> Bool {
    let inner = (held.margin - lost.margin) / (lost.epsilon - held.epsilon)
    let end = third.epsilon < held.epsilon ? held : lost
    let outer = (third.margin - end.margin) / (end.epsilon - third.epsilon)
    return outer.isFinite && outer > 0.2 * inner && outer < 5 * inner
  }
}
