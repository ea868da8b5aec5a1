@_exported import NumberSupport

/// The points of a box that a format has.
public struct DeployedBox: Sendable {
  /// `[inputCount]`: the smallest and greatest finite number of each side.
  public private(set) var lower: [Double] = []
  /// As `lower`.
  public private(set) var upper: [Double] = []
  private let format: DeployedFormat

  /// Finds the ends exactly; nil where a side holds no finite number of the format.
  public init?(_ box: ExactBox, _ format: DeployedFormat) {
    self.format = format
    for (low, high) in zip(box.lower, box.upper) {
      guard let least = format.roundedUp(low), let most = format.roundedUp(-high), least <= -most
      else { return nil }
      lower.append(least)
      upper.append(-most)
    }
  }

  /// Draws a point: a corner, a point with some features at their ends, or any point.
  public func point(using random: inout SeededGenerator) -> [Double] {
    let ends = random.pick([0, 0.5, 1], or: 0)
    return zip(lower, upper).map { low, high in
      if random.chance(ends) { return random.chance(0.5) ? low : high }
      let share = Double.random(in: 0...1, using: &random)
      return min(high, max(low, format.rounded(low * (1 - share) + high * share)))
    }
  }
}
