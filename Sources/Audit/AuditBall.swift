/// The norms of balls.
package enum AuditNorm: String, Sendable {
  case linf, l2, l1

  /// Not below the dual norm.
  func dual<N: AuditNumber>(of row: [N]) -> N {
    // Steps over roundings would make something of zeros, and roots more.
    let row = row.filter { $0 != .zero }
    return switch self {
    case .linf: row.reduce(N.zero) { ($0 + $1.magnitude).up }
    case .l2: row.reduce(N.zero) { N.addUp($0, $1, $1) }.rootUp
    case .l1: row.reduce(N.zero) { max($0, $1.magnitude) }
    }
  }
}

/// The inputs that a verdict speaks of: a box, and for l2 and l1 a ball of that norm around each of its
/// points.
struct AuditBall<N: AuditNumber> {
  var lower, upper: [N]
  var norm = AuditNorm.linf
  /// The radius of the part that is no box; 0 for linf.
  var radius = N.zero

  /// One feature's ends.
  func extent(_ feature: Int) -> Extent<N> {
    let (low, high) = (lower[feature], upper[feature])
    let size = max(low.magnitude, high.magnitude)
    if radius == .zero { return Extent(lower: low, upper: high, size: size) }
    return Extent(
      lower: (low - radius).down, upper: (high + radius).up, size: (size + radius).up)
  }

  /// A bound from below of the least `mu' x`.
  func least(_ mu: [N]) -> N {
    var sum = N.zero
    for (feature, factor) in mu.enumerated() where factor != .zero {
      sum = .addDown(sum, factor, factor > .zero ? lower[feature] : upper[feature])
    }
    return radius == .zero ? sum : (sum - (radius * norm.dual(of: mu)).up).down
  }
}
