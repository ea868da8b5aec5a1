import Attack
import DualBounds

/// The points of one ball that a counterexample may use, and the test of membership that decides.
struct ExampleRegion {
  let example: ExampleBall
  /// Not above the ball's exact radius.
  let epsilon: Double

  /// A box of binary32 a hair inside the ball and the domain, so that its points pass the test; nil
  /// where it is empty.
  var searched: AttackRegion? {
    let count = example.center.count
    var (center, lower, upper) = (
      [Float](repeating: 0, count: count), [Float](repeating: 0, count: count),
      [Float](repeating: 0, count: count)
    )
    for (feature, x) in example.center.enumerated() {
      let reach = epsilon * (1 - 0x1p-40) - 4 * error(of: x)
      var (low, high) = (x - reach, x + reach)
      if let domain = example.domain {
        (low, high) = (max(low, domain.inner.lower), min(high, domain.inner.upper))
      }
      center[feature] = Float(x)
      lower[feature] = Float(low)
      if Double(lower[feature]) < low { lower[feature] = lower[feature].nextUp }
      upper[feature] = Float(high)
      if Double(upper[feature]) > high { upper[feature] = upper[feature].nextDown }
    }
    return AttackRegion(center: center, lower: lower, upper: upper)
  }

  /// An upper bound of a point's linf distance from the exact centre; nil where the point is not
  /// known to lie in the ball and in the domain.
  func distance(to point: [Double]) -> Double? {
    var distance = 0.0
    for (x, value) in zip(example.center, point) {
      if let inner = example.domain?.inner, !(value >= inner.lower && value <= inner.upper) {
        return nil
      }
      let difference = (value - x).magnitude
      // The difference of equal numbers is exact; any other is rounded, once, and the sum again.
      let bound = difference == 0 ? 0 : difference.nextUp
      let error = error(of: x)
      distance = max(distance, error == 0 ? bound : (bound + error).nextUp)
    }
    return distance <= epsilon ? distance : nil
  }

  /// How far the exact centre may lie from the stored one, which is the nearest binary64.
  private func error(of x: Double) -> Double {
    example.isExact ? 0 : max(x.ulp / 2, .leastNonzeroMagnitude)
  }

  /// The point in the numbers that the deployed network takes, each rounded towards the centre.
  func deployed(_ point: [Float]) -> [Double] {
    guard let format = example.arithmetic.format else { return point.map { Double($0) } }
    return point.indices.map { feature in
      let value = Double(point[feature])
      if format.represents(value) { return value }
      return format.neighbour(of: value, towards: example.center[feature])
    }
  }
}

extension FloatFormat {
  /// The number of the format next to a value, on the side of `goal`.
  fileprivate func neighbour(of value: Double, towards goal: Double) -> Double {
    let spacing = max(value.ulp * (roundoff * 0x1p53), tiny)
    return (value / spacing).rounded(goal < value ? .down : .up) * spacing
  }
}
