import ReLUChain

/// The points that an attack may use: a ball cut by the data's domain, in binary32. A feature whose
/// ends are equal does not move.
///
/// Everything that depends on the norm is asked of the region: the steepest step, the point that a
/// linear function likes best, a random one.
public struct AttackRegion: Sendable, Equatable {
  /// `[features]`: the ends, rounded inward.
  public let lower, upper: [Float]
  /// `[features]`: the centre, moved inside.
  public let center: [Float]
  /// The largest step that makes sense: half the widest side, or the length.
  public let radius: Float
  /// The norm in which points are within `length` of the centre, beside being in the box.
  public let norm: Norm
  /// How far from the centre points may be; the box alone decides for linf.
  public let length: Float

  /// Creates a region; nil where it is empty, or an end is not finite.
  public init?(
    center: [Float], lower: [Float], upper: [Float], norm: Norm = .linf, length: Float = 0
  ) {
    guard norm == .linf || length >= 0 && length.isFinite else { return nil }
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
    self.radius = norm == .linf ? radius : min(radius, length)
    (self.norm, self.length) = (norm, length)
  }

  /// The point of the box that is nearest to a point; in the norm's ball where that is.
  func inside(_ point: [Float]) -> [Float] {
    point.indices.map { min(max(point[$0], lower[$0]), upper[$0]) }
  }
}
