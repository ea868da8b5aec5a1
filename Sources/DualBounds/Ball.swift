/// The box of inputs that a bound speaks of: `|x_j - center_j| <= radius_j` for every feature.
///
/// An linf ball has one radius for all; a ball cut by the data's domain, and one widened for the
/// rounding of its own centre, do not. Whoever builds one rounds the radii up.
public struct Ball: Sendable {
  /// `[inputCount]`.
  public var center: [Double]
  /// `[inputCount]`, each >= 0.
  public var radius: [Double]

  /// Creates a box; radii must not be smaller than what is meant.
  public init(center: [Double], radius: [Double]) {
    precondition(center.count == radius.count, "one radius a feature")
    self.center = center
    self.radius = radius
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
