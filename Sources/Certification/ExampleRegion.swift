import Attack
import DualBounds
import ReLUChain

/// The points of one ball that a counterexample may use, and the test of membership that decides.
struct ExampleRegion {
  let example: ExampleBall
  /// Not above the ball's exact radius.
  let epsilon: Double

  /// A set of binary32 points a hair inside the ball and the domain, so that its points pass the
  /// test; nil where it is empty.
  var searched: AttackRegion? {
    let count = example.center.count
    let length = example.shape.isBox ? 0 : lengthInside
    var (center, lower, upper) = (
      [Float](repeating: 0, count: count), [Float](repeating: 0, count: count),
      [Float](repeating: 0, count: count)
    )
    for (feature, x) in example.center.enumerated() {
      center[feature] = Float(x)
      if isFrozen(feature) {
        (lower[feature], upper[feature]) = (Float(x), Float(x))
        continue
      }
      let reach =
        example.shape.isBox
        ? example.shape.reach(epsilon, of: feature).down * (1 - 0x1p-40) - 4 * error(of: x) : length
      var (low, high) = (x - reach, x + reach)
      if let domain = example.domain {
        (low, high) = (max(low, domain.inner.lower), min(high, domain.inner.upper))
      }
      lower[feature] = Float(low)
      if Double(lower[feature]) < low { lower[feature] = lower[feature].nextUp }
      upper[feature] = Float(high)
      if Double(upper[feature]) > high { upper[feature] = upper[feature].nextDown }
    }
    return AttackRegion(
      center: center, lower: lower, upper: upper, norm: example.shape.norm, length: Float(length))
  }

  /// How far a point may move, in an l2 or l1 ball, if its features and the centre's are rounded to
  /// binary32.
  private var lengthInside: Double {
    let size = example.center.reduce(0) { sum, x in
      example.shape.norm == .l2 ? sum + x * x : sum + x.magnitude
    }
    let rounding = 0x1p-22 * (example.shape.norm == .l2 ? size.squareRoot() : size)
    return epsilon * (1 - 0x1p-20) - rounding
  }

  /// An upper bound of a point's distance from the exact centre; nil where the point is not known to
  /// lie in the ball and in the domain.
  func distance(to point: [Double]) -> Double? {
    var distance = 0.0
    for (feature, (x, value)) in zip(example.center, point).enumerated() {
      if let inner = example.domain?.inner, !(value >= inner.lower && value <= inner.upper) {
        return nil
      }
      let difference = (value - x).magnitude
      if isFrozen(feature) {
        guard difference <= restRounding(of: x) else { return nil }
        continue
      }
      // The difference of equal numbers is exact; any other is rounded, once, and the sum again.
      let bound = difference == 0 ? 0 : difference.nextUp
      let error = error(of: x)
      let change = error == 0 ? bound : (bound + error).nextUp
      guard change > 0 else { continue }
      switch example.shape {
      case .norm(.linf): distance = max(distance, change)
      case .norm(.l1): distance = (distance + change).nextUp
      case .norm(.l2): distance = (distance + (change * change).nextUp).nextUp
      case .weighted(let units):
        let ratio = units[feature] == 1 ? change : (change / units[feature]).nextUp
        distance = max(distance, ratio)
      }
    }
    if example.shape.norm == .l2 { distance = distance == 0 ? 0 : distance.squareRoot().nextUp }
    return distance <= epsilon ? distance : nil
  }

  /// Whether a feature has no room at all: it stays what it is.
  private func isFrozen(_ feature: Int) -> Bool {
    if case .weighted(let units) = example.shape { units[feature] == 0 } else { false }
  }

  /// How far the deployed network's number for a feature that does not move may lie from it.
  private func restRounding(of x: Double) -> Double {
    example.arithmetic.format.map { 2 * $0.roundoff * x.magnitude + $0.tiny } ?? 0
  }

  /// How far the exact centre may lie from the stored one, which is the nearest binary64.
  private func error(of x: Double) -> Double {
    example.isExact ? 0 : max(x.ulp / 2, .leastNonzeroMagnitude)
  }

  /// The point in the numbers that the deployed network takes, each rounded towards the centre.
  func deployed(_ point: [Float]) -> [Double] {
    guard let format = example.arithmetic.format else {
      return point.indices.map { isFrozen($0) ? example.center[$0] : Double(point[$0]) }
    }
    return point.indices.map { feature in
      let value = Double(point[feature])
      if format.represents(value) { return value }
      return format.neighbour(of: value, towards: example.center[feature])
    }
  }

  /// The ball of radius zero around a point that `deployed` made: in exact arithmetic a feature that
  /// does not move is the data's exact value.
  func single(_ values: [Double]) -> Ball {
    let isReal = example.arithmetic.format == nil
    return Ball(
      center: values,
      radius: values.indices.map { isReal && isFrozen($0) ? error(of: values[$0]) : 0 })
  }
}

extension FloatFormat {
  /// The number of the format next to a value, on the side of `goal`.
  fileprivate func neighbour(of value: Double, towards goal: Double) -> Double {
    let spacing = max(value.ulp * (roundoff * 0x1p53), tiny)
    return (value / spacing).rounded(goal < value ? .down : .up) * spacing
  }
}
