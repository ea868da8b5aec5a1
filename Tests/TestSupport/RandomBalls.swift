/// The sizes of ball that tests draw from.
public enum BallStyle: Sendable, CaseIterable {
  case point, small, middling, wide, huge, perFeature
}

extension RandomChains {
  /// Draws a box, centre and radius in the chain's own style of number.
  public mutating func ball(
    inputCount: Int, style ballStyle: BallStyle
  ) -> (center: [Double], radius: [Double]) {
    let center = (0..<inputCount).map { _ in number() }
    // Radii of the size of the centre.
    let unit = style == .underflowing ? 0x1p-68 : 1
    let radius = (0..<inputCount).map { _ in unit * reach(ballStyle) }
    if ballStyle == .perFeature { return (center, radius) }
    return (center, .init(repeating: radius.first ?? 0, count: inputCount))
  }

  private mutating func reach(_ ballStyle: BallStyle) -> Double {
    switch ballStyle {
    case .point: 0
    case .small: style.isExact ? 0.0625 : Double.random(in: 0.001...0.02, using: &random)
    case .middling: style.isExact ? 0.25 : Double.random(in: 0.02...0.3, using: &random)
    case .wide: style.isExact ? 2 : Double.random(in: 0.3...3, using: &random)
    case .huge: style.isExact ? 1048576 : Double.random(in: 1e3...1e6, using: &random)
    case .perFeature:
      reach(random.pick([.point, .small, .middling, .wide], or: .point))
    }
  }
}

extension ExactBox {
  /// Draws a point of the box: a corner, a point with some features at their ends, or any point.
  public func point(using random: inout SeededGenerator) -> [Rational] {
    let corners = random.pick([0, 0.5, 1], or: 0)
    return zip(center, radius).map { middle, reach in
      if random.chance(corners) { return random.chance(0.5) ? middle - reach : middle + reach }
      return middle + reach * Rational(Int.random(in: -64...64, using: &random), over: 64)
    }
  }
}
