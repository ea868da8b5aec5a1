import ExactNumbers

/// What is asked of every example of a run.
package struct AuditQuestion: Sendable {
  package var norm = AuditNorm.linf
  /// Binary64 numbers around the epsilon that was typed.
  package var epsilon: (lower: Double, upper: Double)
  /// That epsilon, where rational numbers are asked for.
  package var exactEpsilon: Exact?
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
  /// The numbers that the network takes, where these are whole ones.
  package var wholeNumbers: ClosedRange<Double>?

  package init(epsilon: (lower: Double, upper: Double)) { self.epsilon = epsilon }

  /// How far the exact value of a feature may lie from the stored one, which is the nearest number.
  func error(_ x: Double) -> Double { isExact ? 0 : max(x.ulp / 2, 0x1p-1074) }

  /// The ball of this radius around an example (the manual, --norm, --clip, --arithmetic): a deployed
  /// network may take every number of its type within epsilon and the rounding of value, of epsilon and
  /// of their sum, `rho = 2 u (|x| + epsilon) + tiny`.
  func ball<N: AuditNumber>(_ center: AuditCenter<N>, _ epsilon: N) -> AuditBall<N> {
    let isBox = norm == .linf
    func widened(_ feature: Int, moves: Bool) -> N {
      let unit = units.map { N($0[feature]) }
      let reach = moves ? unit.map { ($0 * epsilon).up } ?? epsilon : .zero
      let radius = ((isBox ? reach : .zero) + center.errors[feature]).up
      guard let deployed else { return radius }
      let sum = (center.values[feature].magnitude + reach).up
      return (radius + ((N(2 * deployed.unit) * sum).up + N(deployed.tiny)).up).up
    }
    let features = center.values.indices
    let radii = features.map { widened($0, moves: true) }
    var ball = AuditBall<N>(
      lower: features.map { (center.values[$0] - radii[$0]).down },
      upper: features.map { (center.values[$0] + radii[$0]).up })
    if !isBox { (ball.norm, ball.radius) = (norm, epsilon) }
    guard isBox, let outer = domain?.outer else { return ball }
    for feature in features {
      // The domain is stretched up to an example: the exact value may lie on the other side of an end from
      // the stored one, and further where the scaling was rounded.
      let (x, stored) = (center.values[feature], center.stored[feature])
      func reach(_ isOutside: Bool) -> N {
        isOutside ? widened(feature, moves: false) : center.errors[feature]
      }
      let (below, above) = (reach(stored < outer.lowerBound), reach(stored > outer.upperBound))
      let least = below == .zero ? x : (x - below).down
      let most = above == .zero ? x : (x + above).up
      ball.lower[feature] = max(ball.lower[feature], min(N(end(outer.lowerBound, -1)), least))
      ball.upper[feature] = min(ball.upper[feature], max(N(end(outer.upperBound, 1)), most))
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
    if let feature = point.firstIndex(where: { wholeNumbers != nil && !isWhole($0) }) {
      return
        "feature \(feature) of the point is \(point[feature]), no whole number that the network takes"
    }
    for (feature, (value, x)) in zip(point, center).enumerated() where !rests(value, x) {
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

  /// Whether a number is one of the whole ones that the network takes: differences of them are exact.
  private func isWhole(_ x: Double) -> Bool {
    wholeNumbers.map { $0.contains(x) && x == x.rounded() } ?? false
  }

  /// What no number of the type lets move is where it is.
  private func rests(_ value: Double, _ x: Double) -> Bool { value == (deployed?.rounded(x) ?? x) }

  /// Not below the distance of a point, features at rest aside.
  func distance(of point: [Double], from center: [Double]) -> Double {
    var sum = 0.0
    for (feature, (value, x)) in zip(point, center).enumerated() where !rests(value, x) {
      let difference = (value - x).magnitude
      let isExact = error(x) == 0 && (difference == 0 || isWhole(x) && isWhole(value))
      let change = isExact ? difference : (difference.up + error(x)).up
      let unit = units?[feature] ?? 1
      switch norm {
      case .linf: sum = max(sum, unit == 1 ? change : (change / unit).up)
      case .l1: sum = (sum + change).up
      case .l2: sum = .addUp(sum, change, change)
      }
    }
    return norm == .l2 ? sum.rootUp : sum
  }

  /// The point itself; what rests in exact arithmetic is the exact value of the data.
  func single<N: AuditNumber>(_ point: [Double], around center: AuditCenter<N>) -> AuditBall<N> {
    func ends(_ feature: Int) -> (N, N) {
      guard deployed == nil, point[feature] == center.stored[feature] else {
        return (N(point[feature]), N(point[feature]))
      }
      let (x, error) = (center.values[feature], center.errors[feature])
      return error == .zero ? (x, x) : ((x - error).down, (x + error).up)
    }
    let all = point.indices.map(ends)
    return AuditBall(lower: all.map(\.0), upper: all.map(\.1))
  }
}
