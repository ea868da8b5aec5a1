import ReLUChain

/// The part of a ball that is no box, `||d|| <= extent`, in exact arithmetic.
public struct ExactNormPart: Sendable {
  /// l2 or l1; for linf the box has everything.
  public var norm: Norm
  /// The radius.
  public var extent: Rational

  /// Creates the part.
  public init(norm: Norm, extent: Double) {
    (self.norm, self.extent) = (norm, Rational(extent))
  }

  /// Whether a perturbation lies in the closed ball.
  public func contains(_ change: [Rational]) -> Bool {
    switch norm {
    case .linf: change.allSatisfy { $0.magnitude <= extent }
    case .l2: change.reduce(.zero) { $0 + $1 * $1 } <= extent * extent
    case .l1: change.reduce(.zero) { $0 + $1.magnitude } <= extent
    }
  }

  /// The largest value of `lambda' d`: `extent ||lambda||_dual`, for l2 cut to 600 binary places.
  func reach(of lambda: [Rational]) -> Rational {
    switch norm {
    case .linf: return extent * lambda.reduce(.zero) { $0 + $1.magnitude }
    case .l1: return extent * lambda.reduce(.zero) { max($0, $1.magnitude) }
    case .l2:
      let squares = lambda.reduce(Rational.zero) { $0 + $1 * $1 }
      return extent * squares.squareRoot(toFractionBits: 600)
    }
  }

  /// The point of the ball that lies furthest against a direction, pulled inside by a few roundings.
  public func corner(against direction: [Double]) -> [Rational] {
    let largest = direction.reduce(0) { max($0, $1.magnitude) }
    guard largest > 0, largest.isFinite else { return direction.map { _ in .zero } }
    switch norm {
    case .linf:
      return direction.map { $0 > 0 ? -extent : $0 < 0 ? extent : .zero }
    case .l1:
      let place = direction.firstIndex { $0.magnitude == largest }
      return direction.indices.map { index in
        index == place ? (direction[index] > 0 ? -extent : extent) : .zero
      }
    case .l2:
      let unit = direction.map { $0 / largest }
      let length = unit.reduce(0) { $0 + $1 * $1 }.squareRoot() * (1 + 0x1p-48)
      return unit.map { -extent * Rational($0 / length) }
    }
  }

  /// Draws a point of the ball: at its surface, on an axis, or anywhere.
  public func point(count: Int, using random: inout SeededGenerator) -> [Rational] {
    let isSparse = random.chance(0.4)
    let direction = (0..<count).map { _ in
      isSparse && random.chance(0.7) ? 0 : Double.random(in: -1...1, using: &random)
    }
    let corner: [Rational]
    if norm == .l1 {
      let sum = direction.reduce(0) { $0 + $1.magnitude } * (1 + 0x1p-48)
      corner = direction.map { sum > 0 ? extent * Rational($0 / sum) : .zero }
    } else {
      corner = self.corner(against: direction)
    }
    let share =
      random.chance(0.7) ? Rational.one : Rational(random.pick([1, 30, 60], or: 1), over: 64)
    return corner.map { share * $0 }
  }
}
