/// The inputs that a verdict speaks of: a box, and for l2 and l1 a ball of that norm around each of its
/// points.
struct AuditBall<N: AuditNumber> {
  var lower, upper: [N]
  var norm = AuditNorm.linf
  /// The radius of the part that is no box; 0 for linf.
  var extent = N.zero

  /// The largest magnitude of a feature.
  func size(_ feature: Int) -> N {
    let size = max(lower[feature].magnitude, upper[feature].magnitude)
    return extent == .zero ? size : (size + extent).up
  }

  /// A bound from below of the least `mu' x`.
  func least(_ mu: [N]) -> N {
    var sum = N.zero
    for (feature, factor) in mu.enumerated() where factor != .zero {
      sum = .addDown(sum, factor, factor > .zero ? lower[feature] : upper[feature])
    }
    return extent == .zero ? sum : (sum - (extent * norm.dual(of: mu)).up).down
  }
}

/// The norms of balls.
package enum AuditNorm: String, Sendable {
  case linf, l2, l1

  /// Not below the dual norm.
  func dual<N: AuditNumber>(of row: [N]) -> N {
    switch self {
    case .linf: row.reduce(N.zero) { ($0 + $1.magnitude).up }
    case .l2: row.reduce(N.zero) { N.addUp($0, $1, $1) }.rootUp
    case .l1: row.reduce(N.zero) { max($0, $1.magnitude) }
    }
  }
}

/// What is asked of every example of a run.
package struct AuditQuestion: Sendable {
  package var norm = AuditNorm.linf
  /// Binary64 numbers around the epsilon that was typed.
  package var epsilon: (lower: Double, upper: Double)
  /// The domain, rounded outward, and a range inside of it.
  package var domain: (outer: ClosedRange<Double>, inner: ClosedRange<Double>)?
  /// `[features]`: what an epsilon of 1 is for each; nil where it is 1.
  package var units: [Double]?
  /// nil for exact arithmetic.
  package var deployed: DeployedType?
  /// Whether every unit gets a row, as in the paper.
  package var rowsForAll = false
  /// Whether stored features are the exact values.
  package var isExact = false

  package init(epsilon: (lower: Double, upper: Double)) { self.epsilon = epsilon }

  /// How far the exact value of a feature may lie from the stored one, which is the nearest number.
  func error(_ x: Double) -> Double { isExact ? 0 : max(x.ulp / 2, 0x1p-1074) }

  /// The ball of this radius around an example (the manual, --norm, --clip, --arithmetic): a deployed
  /// network may take every number of its type within epsilon and the rounding of value, of epsilon and
  /// of their sum, `rho = 2 u (|x| + epsilon) + tiny`.
  func ball<N: AuditNumber>(_ center: [Double], _ epsilon: Double, as _: N.Type) -> AuditBall<N> {
    let reaches = center.indices.map { feature in
      let reach = units.map { ($0[feature] * epsilon).up } ?? epsilon
      return units?[feature] == 0 ? 0 : reach
    }
    func widened(_ x: Double, _ reach: Double, moves: Bool) -> N {
      var radius = N(moves ? reach : 0)
      radius = (radius + N(error(x))).up
      guard let deployed else { return radius }
      let rounding = N(2 * deployed.unit) * (N(x.magnitude) + N(reach)).up
      return (radius + (rounding.up + N(deployed.tiny)).up).up
    }
    let isBox = norm == .linf
    let radii = center.indices.map { widened(center[$0], reaches[$0], moves: isBox) }
    var ball = AuditBall<N>(
      lower: center.indices.map { (N(center[$0]) - radii[$0]).down },
      upper: center.indices.map { (N(center[$0]) + radii[$0]).up })
    if !isBox { (ball.norm, ball.extent) = (norm, N(epsilon)) }
    guard isBox, let outer = domain?.outer else { return ball }
    for (feature, x) in center.enumerated() {
      // The domain is stretched up to an example: the exact value may lie on the other side of an end from
      // the stored one, and further where the scaling was rounded.
      func reach(_ isOutside: Bool) -> N { isOutside ? widened(x, 0, moves: false) : N(error(x)) }
      let (below, above) = (reach(x < outer.lowerBound), reach(x > outer.upperBound))
      let least = below == .zero ? N(x) : (N(x) - below).down
      let most = above == .zero ? N(x) : (N(x) + above).up
      let (low, high) = (
        min(N(end(outer.lowerBound, -1)), least), max(N(end(outer.upperBound, 1)), most)
      )
      ball.lower[feature] = max(ball.lower[feature], low)
      ball.upper[feature] = min(ball.upper[feature], high)
    }
    return ball
  }

  /// An end of the domain as the deployed type rounds it.
  private func end(_ value: Double, _ sign: Double) -> Double {
    guard let deployed, !deployed.holds(value) else { return value }
    let slack = 2 * deployed.unit * value.magnitude + deployed.tiny
    return sign < 0 ? (value - slack).down : (value + slack).up
  }

  /// Why a point is none of the ball of a verdict; nil where it is one.
  func objection(to point: [Double], around center: [Double]) -> String? {
    guard point.count == center.count else {
      return "the point has \(point.count) features; expected \(center.count)"
    }
    for (feature, x) in center.enumerated() {
      let value = point[feature]
      // What no number of the type lets move is where it is.
      if value == (deployed?.rounded(x) ?? x) { continue }
      if let inner = domain?.inner,
        !(value >= min(inner.lowerBound, x) && value <= max(inner.upperBound, x))
      {
        return "feature \(feature) of the point is \(value), outside the domain"
      }
      if let deployed, !deployed.holds(value) {
        return "feature \(feature) of the point is \(value), no number of the deployed type"
      }
    }
    let distance = distance(of: point, from: center)
    return distance <= epsilon.lower
      ? nil : "the point is \(distance) away; expected at most \(epsilon.lower)"
  }

  /// Not below the distance of a point, features at rest aside.
  func distance(of point: [Double], from center: [Double]) -> Double {
    var sum = 0.0
    for (feature, x) in center.enumerated() where point[feature] != (deployed?.rounded(x) ?? x) {
      let difference = (point[feature] - x).magnitude
      let change = difference == 0 && error(x) == 0 ? 0 : (difference.up + error(x)).up
      switch norm {
      case .linf:
        let unit = units?[feature] ?? 1
        sum = max(sum, unit == 1 ? change : (change / unit).up)
      case .l1: sum = (sum + change).up
      case .l2: sum = .addUp(sum, change, change)
      }
    }
    return norm == .l2 ? sum.rootUp : sum
  }

  /// The point itself; what rests in exact arithmetic is the exact value of the data.
  func single<N: AuditNumber>(
    _ point: [Double], around center: [Double], as _: N.Type
  ) -> AuditBall<N> {
    let radii = point.indices.map {
      N(deployed == nil && point[$0] == center[$0] ? error(point[$0]) : 0)
    }
    return AuditBall(
      lower: point.indices.map { (N(point[$0]) - radii[$0]).down },
      upper: point.indices.map { (N(point[$0]) + radii[$0]).up })
  }
}
