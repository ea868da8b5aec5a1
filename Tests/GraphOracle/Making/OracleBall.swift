import NumberSupport

/// The inputs that one certificate speaks of.
public struct OracleBall: Sendable {
  /// The norms of balls.
  public enum Norm: String, Sendable, CaseIterable {
    case linf, l2, l1
  }

  /// `[features]`: the example.
  public var center: [Double]
  /// The radius.
  public var epsilon: Double
  /// The norm.
  public var norm: Norm
  /// The box that cuts an linf ball, stretched up to an example that lies a little outside; nil leaves
  /// the ball whole.
  public var domain: ClosedRange<Double>?

  /// Creates a ball.
  public init(
    center: [Double], epsilon: Double, norm: Norm, domain: ClosedRange<Double>? = nil
  ) {
    (self.center, self.epsilon, self.norm, self.domain) = (center, epsilon, norm, domain)
  }

  /// Real points of the ball, the centre first: corners and what lies between.
  public func exactPoints(
    _ count: Int, using random: inout SeededGenerator
  ) -> [[Rational]] {
    let exact = center.map { Rational($0) }
    guard epsilon > 0 else { return [exact] }
    return [exact]
      + (0..<count).map { _ in
        let moved = zip(exact, shifts(using: &random)).map { $0 + $1 }
        return zip(center, moved).map { x, value in
          guard let side = side(of: x), norm == .linf else { return value }
          return max(Rational(side.lowerBound), min(Rational(side.upperBound), value))
        }
      }
  }

  /// Two opposite corners, for one feature the whole ball; nil for a point and for l2 and l1.
  public func diameter(using random: inout SeededGenerator) -> ([Rational], [Rational])? {
    guard epsilon > 0, norm == .linf else { return nil }
    let ends = center.map { x -> (Rational, Rational) in
      let radius = Rational(epsilon)
      var (low, high) = (Rational(x) - radius, Rational(x) + radius)
      if let side = side(of: x) {
        (low, high) = (max(low, Rational(side.lowerBound)), min(high, Rational(side.upperBound)))
      }
      return random.chance(0.5) ? (low, high) : (high, low)
    }
    return (ends.map(\.0), ends.map(\.1))
  }

  /// The domain of a feature.
  public func side(of x: Double) -> ClosedRange<Double>? {
    domain.map { min($0.lowerBound, x)...max($0.upperBound, x) }
  }

  /// A perturbation of norm `epsilon` at most.
  private func shifts(using random: inout SeededGenerator) -> [Rational] {
    let radius = Rational(epsilon)
    let count = center.count
    let part = random.chance(0.8) ? Rational.one : Rational(random.chance(0.5) ? 1 : 3, over: 4)
    func signed(_ value: Rational) -> Rational { random.chance(0.5) ? value : -value }
    var result = [Rational](repeating: .zero, count: count)
    let first = Int.random(in: 0..<count, using: &random)
    let second = Int.random(in: 0..<count, using: &random)
    switch norm {
    case .linf: return result.map { _ in random.chance(0.9) ? signed(radius * part) : .zero }
    case .l1:
      result[first] = signed(radius * part)
      guard second != first else { return result }
      result[first] = result[first] * Rational(1, over: 2)
      result[second] = signed(radius * part * Rational(1, over: 2))
    case .l2:
      result[first] = signed(radius * part)
      guard second != first else { return result }
      result[first] = result[first] * Rational(3, over: 5)
      result[second] = signed(radius * part * Rational(4, over: 5))
    }
    return result
  }

  /// Points of a deployed type within the ball and what rounding adds to it, the example's own
  /// rounding first.
  ///
  /// The manual: every input of the type within `epsilon + rho` of a feature, `rho = 2 u (|x| +
  /// epsilon) + tiny`; in l2 and l1 a point of the ball, each feature rounded.
  public func deployedPoints(
    _ format: DeployedFormat, _ count: Int, using random: inout SeededGenerator
  ) -> [[Double]] {
    var points = [center.map { format.rounded($0) }]
    for _ in 0..<count {
      guard norm == .linf else {
        points.append(
          zip(center, shifts(using: &random)).map { format.rounded(Rational($0) + $1) })
        continue
      }
      let choice = random.pick([0, 1, 2], or: 0)
      points.append(
        center.map { x in
          let isUp = random.chance(0.5)
          return choice == 2 && random.chance(0.5)
            ? format.rounded(x) : end(of: x, isUp: isUp, format, isWide: choice == 1)
        })
    }
    return points.filter { $0.allSatisfy(\.isFinite) }
  }

  /// The last number of the type in one direction.
  private func end(
    of x: Double, isUp: Bool, _ format: DeployedFormat, isWide: Bool
  ) -> Double {
    let (center, radius) = (Rational(x), Rational(epsilon))
    let roundoff = Rational(format.unitRoundoff)
    let rho =
      isWide
      ? Rational(2) * roundoff * (center.magnitude + radius) + Rational(format.least) : .zero
    let reach = radius + rho
    var value = format.rounded(isUp ? center + reach : center - reach)
    if value.isFinite, (Rational(value) - center).magnitude > reach {
      value = format.neighbour(of: value, up: !isUp)
    }
    guard let side = side(of: x) else { return value }
    let cut = min(max(value, side.lowerBound), side.upperBound)
    // The ends themselves only where the type has them.
    return format.rounded(cut) == cut ? cut : format.rounded(x)
  }
}

extension DeployedFormat {
  /// Half the distance from 1 to the next number.
  public var unitRoundoff: Double {
    (neighbour(of: 1, up: true) - 1) / 2
  }
}
