import ReLUChain

/// The inputs that a bound speaks of: `center + d + r`, where `||d|| <= extent` in the ball's norm
/// and `|r_j| <= radius_j` for every feature.
///
/// An linf ball is all box: its extent is 0, and its radii hold epsilon. They also differ from
/// feature to feature, where the ball is cut by the data's domain or widened for the rounding of its
/// own centre. An l2 or l1 ball has epsilon as its extent, and only such widenings in its box.
/// Whoever builds one rounds the radii and the extent up.
public struct Ball: Sendable {
  /// `[inputCount]`.
  public var center: [Double]
  /// `[inputCount]`, each >= 0.
  public var radius: [Double]
  /// The norm of the part that is no box; linf means that there is none.
  public let norm: Norm
  /// The radius of that part, >= 0; 0 for linf.
  public let extent: Double

  /// Creates a box; radii must not be smaller than what is meant.
  public init(center: [Double], radius: [Double]) {
    precondition(center.count == radius.count, "one radius a feature")
    self.center = center
    self.radius = radius
    (norm, extent) = (.linf, 0)
  }

  /// Creates the sum of a box and a ball of any norm; neither radii nor extent may be smaller than
  /// what is meant.
  public init(center: [Double], radius: [Double], norm: Norm, extent: Double) {
    precondition(center.count == radius.count, "one radius a feature")
    self.center = center
    self.norm = norm
    // An extent below 0 is no extent, whatever rounding makes of it.
    self.radius =
      norm == .linf ? radius.map { extent >= 0 ? ($0 + extent).nextUp : .nan } : radius
    self.extent = norm == .linf ? 0 : extent
  }
}

/// The interval of every pre-activation of one layer, units in the file's own order.
public struct PreActivationBounds: Sendable, Equatable {
  /// `[units]`, rounded down.
  public var lower: [Double]
  /// `[units]`, rounded up.
  public var upper: [Double]

  /// Creates bounds.
  public init(lower: [Double], upper: [Double]) {
    self.lower = lower
    self.upper = upper
  }
}
