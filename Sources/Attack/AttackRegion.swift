/// The points that an attack may use: an linf ball cut by the data's domain, in binary32.
///
/// Everything that depends on the norm is asked of the region: the steepest step, the way back
/// inside, the point that a linear function likes best.
public struct AttackRegion: Sendable, Equatable {
  /// `[features]`: the ends, rounded inward.
  public let lower, upper: [Float]
  /// `[features]`: the centre, moved inside.
  public let center: [Float]
  /// The largest step that makes sense: half the widest side.
  public let radius: Float

  /// Creates a region; nil where it is empty, or an end is not finite.
  public init?(center: [Float], lower: [Float], upper: [Float]) {
    precondition(center.count == lower.count && center.count == upper.count, "ends do not fit")
    var radius: Float = 0
    var inside = center
    for feature in center.indices {
      let width = upper[feature] - lower[feature]
      guard width >= 0, width.isFinite else { return nil }
      radius = max(radius, width / 2)
      inside[feature] = min(max(center[feature], lower[feature]), upper[feature])
    }
    self.lower = lower
    self.upper = upper
    self.center = inside
    self.radius = radius
  }

  /// The point where a linear function is smallest; the centre where it does not depend on a
  /// feature.
  func lowest(of coefficients: [Double]) -> [Float] {
    var point = center
    for (feature, coefficient) in coefficients.enumerated() {
      if coefficient > 0 { point[feature] = lower[feature] }
      if coefficient < 0 { point[feature] = upper[feature] }
    }
    return point
  }

  /// A point drawn uniformly.
  func random(using stream: inout RandomStream) -> [Float] {
    lower.indices.map { feature in
      let drawn = lower[feature] + stream.fraction() * (upper[feature] - lower[feature])
      return min(drawn, upper[feature])
    }
  }
}
