import Attack
import DualBounds
import Numbers
import ReLUChain

/// The points of one ball that a counterexample may use, and the test of membership that decides.
///
/// An attack moves on the grid of its numbers: binary32, or the deployed network's own type where that
/// is narrower; of a network that takes whole numbers only these. A feature without such a number in its range
/// rests: it is the data's exact value in exact arithmetic, and that value rounded where the network is deployed.
package struct ExampleRegion {
  let example: ExampleBall
  /// Not above the ball's exact radius.
  let epsilon: Double
  /// `[features]`: the first and last number of the grid inside ball and domain; nil at rest.
  private let ends: [(lower: Double, upper: Double)?]
  /// How far a point of an l2 or l1 ball may move; 0 for a box.
  private let length: Double

  /// - Parameter epsilon: not above the ball's exact radius.
  package init(example: ExampleBall, epsilon: Double) {
    (self.example, self.epsilon) = (example, epsilon)
    length = example.shape.isBox ? 0 : max(0, example.lengthInside(epsilon))
    var ends: [(lower: Double, upper: Double)?] = []
    for feature in example.center.indices {
      ends.append(example.range(of: feature, epsilon, length).flatMap(example.ends))
    }
    self.ends = ends
  }

  /// The points of the ball that was typed.
  package init(_ example: ExampleBall, _ epsilon: Numeral) {
    self.init(example: example, epsilon: epsilon.lower)
  }

  /// The features that may move, but have no number of the grid to move to.
  var frozenCount: Int {
    guard epsilon > 0 else { return 0 }
    return ends.indices.count { ends[$0] == nil && !example.shape.fixes($0) }
  }

  /// A set of points a hair inside the ball and the domain, so that they pass the test; nil where
  /// binary32 cannot hold it.
  var searched: AttackRegion? {
    let rest = example.center.indices.map { Float(resting($0)) }
    let sides = zip(ends, rest).map { ends, rest in
      ends.map { (Float($0.lower), Float($0.upper)) } ?? (rest, rest)
    }
    let center = ends.indices.map { ends[$0] == nil ? rest[$0] : Float(example.center[$0]) }
    return AttackRegion(
      center: center, lower: sides.map(\.0), upper: sides.map(\.1), norm: example.shape.norm,
      length: Float(length))
  }

  /// An upper bound of a point's distance from the exact centre; nil where the point is not known to
  /// lie in the ball and in the domain.
  package func distance(to point: [Double]) -> Double? {
    var distance = 0.0
    for (feature, (x, value)) in zip(example.center, point).enumerated() {
      guard example.takes(value) else { return nil }
      // The difference of equal numbers is exact; any other is rounded, once, and the sum again.
      let difference = (value - x).magnitude
      if ends[feature] == nil {
        guard difference <= restRounding(of: x) else { return nil }
        continue
      }
      guard example.mayHold(value, at: feature) else { return nil }
      let isExact = difference == 0 || example.isWhole(x)
      let bound = isExact ? difference : difference.nextUp
      let error = example.error(of: x)
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

  /// How far the deployed network's number for a feature at rest may lie from it.
  private func restRounding(of x: Double) -> Double {
    example.arithmetic.format.map { 2 * $0.roundoff * x.magnitude + $0.tiny } ?? 0
  }

  /// The value of a feature at rest.
  private func resting(_ feature: Int) -> Double {
    example.arithmetic.format?.rounded(example.center[feature]) ?? example.center[feature]
  }

  /// The point in the numbers that the network takes, each rounded towards the centre; what rests is
  /// where it rests.
  func deployed(_ point: [Float]) -> [Double] {
    point.indices.map { feature in
      if ends[feature] == nil { return resting(feature) }
      return example.value(nearest: Double(point[feature]), towards: example.center[feature])
    }
  }

  /// The ball of radius zero around a point that `deployed` made: in exact arithmetic a feature at rest
  /// is the data's exact value.
  func single(_ values: [Double]) -> Ball {
    let isReal = example.arithmetic.format == nil
    return Ball(
      center: values,
      radius: values.indices.map {
        isReal && ends[$0] == nil ? example.error(of: values[$0]) : 0
      })
  }
}

extension BallShape {
  /// Whether a feature has no room at all: it stays what it is.
  fileprivate func fixes(_ feature: Int) -> Bool {
    if case .weighted(let units) = self { units[feature] == 0 } else { false }
  }
}

extension ExampleBall {
  /// The numbers that an attack moves on.
  fileprivate var grid: FloatFormat {
    arithmetic.isHalf ? arithmetic.format ?? .binary32 : .binary32
  }

  /// The first and the last number of the grid in a range, whole ones where the network takes no others; nil
  /// where there is none. A whole number between two of a grid is one of it.
  fileprivate func ends(in range: ClosedRange<Double>) -> (lower: Double, upper: Double)? {
    let ends = grid.ends(in: range)
    guard let ends, let whole = wholeNumbers else { return ends }
    let lower = max(ends.lower.rounded(.up), whole.lowerBound)
    let upper = min(ends.upper.rounded(.down), whole.upperBound)
    return lower <= upper && grid.represents(lower) && grid.represents(upper) ? (lower, upper) : nil
  }

  /// The number of the grid next to a value, on the side of `goal`, which may be the value itself.
  fileprivate func value(nearest value: Double, towards goal: Double) -> Double {
    let whole = wholeNumbers == nil ? value : value.rounded(goal < value ? .down : .up)
    return grid.represents(whole) ? whole : grid.neighbour(of: whole, towards: goal)
  }

  /// Whether a centre is one of the whole numbers that the network takes: differences of them are exact.
  fileprivate func isWhole(_ x: Double) -> Bool {
    wholeNumbers != nil && isExact && takes(x)
  }

  /// Whether the network can be given a number.
  fileprivate func takes(_ value: Double) -> Bool {
    wholeNumbers.map { $0.contains(value) && value == value.rounded() } ?? true
  }

  /// How far the exact centre may lie from the stored one, which is the nearest binary64.
  fileprivate func error(of x: Double) -> Double {
    isExact ? 0 : max(x.ulp / 2, .leastNonzeroMagnitude)
  }

  /// How far a point may move, in an l2 or l1 ball, if its features and the centre's are rounded to
  /// binary32.
  fileprivate func lengthInside(_ epsilon: Double) -> Double {
    let size = center.reduce(0) { sum, x in
      shape.norm == .l2 ? sum + x * x : sum + x.magnitude
    }
    let rounding = 0x1p-22 * (shape.norm == .l2 ? size.squareRoot() : size)
    return epsilon * (1 - 0x1p-20) - rounding
  }

  /// The range of one feature, a hair inside the ball and the domain; nil where it does not move.
  ///
  /// - Parameter length: of an l2 or l1 ball, already a hair inside.
  fileprivate func range(
    of feature: Int, _ epsilon: Double, _ length: Double
  ) -> ClosedRange<Double>? {
    if shape.fixes(feature) || !shape.isBox && length == 0 { return nil }
    let x = center[feature]
    // Of whole numbers the last one may lie at the very end.
    let hair = isWhole(x) ? 0 : 0x1p-40
    let reach =
      shape.isBox
      ? shape.reach(epsilon, of: feature).down * (1 - hair) - 4 * error(of: x) : length
    var (low, high) = (x - reach, x + reach)
    // A difference that rounds away from the centre is no range.
    guard reach >= 0, low <= high else { return nil }
    if let ends = innerDomain(at: x) { (low, high) = (max(low, ends.lower), min(high, ends.upper)) }
    return low <= high ? low...high : nil
  }

  /// Whether the domain has a value for certain, or the stretch to an example just outside it.
  fileprivate func mayHold(_ value: Double, at feature: Int) -> Bool {
    guard let ends = innerDomain(at: center[feature]) else { return true }
    return value >= ends.lower && value <= ends.upper
  }

  private func innerDomain(at x: Double) -> (lower: Double, upper: Double)? {
    guard let inner = domain?.inner else { return nil }
    let (below, above) = isExact ? (x, x) : ((x + error(of: x)).nextUp, (x - error(of: x)).nextDown)
    return (min(inner.lower, below), max(inner.upper, above))
  }
}

extension FloatFormat {
  /// What ends of a range may be, so that their difference is a number, too.
  private var farthest: Double { greatest / 2 }

  /// The distance of neighbouring numbers around a value.
  private func spacing(at value: Double) -> Double {
    max(value.ulp * (roundoff * 0x1p53), tiny)
  }

  /// The first and the last number of the format in a range; nil where there is none.
  fileprivate func ends(in range: ClosedRange<Double>) -> (lower: Double, upper: Double)? {
    let (low, high) = (max(range.lowerBound, -farthest), min(range.upperBound, farthest))
    guard low <= high else { return nil }
    let lower = (low / spacing(at: low)).rounded(.up) * spacing(at: low)
    let upper = (high / spacing(at: high)).rounded(.down) * spacing(at: high)
    return lower <= upper ? (lower, upper) : nil
  }

  /// The number of the format next to a value, on the side of `goal`.
  fileprivate func neighbour(of value: Double, towards goal: Double) -> Double {
    let spacing = spacing(at: value)
    return (value / spacing).rounded(goal < value ? .down : .up) * spacing
  }
}
