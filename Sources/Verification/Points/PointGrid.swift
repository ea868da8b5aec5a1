import DualBounds
import NetworkGraph
import PropertyFiles

/// The points of a property's box that a counterexample may use.
///
/// They lie on the grid of binary32, or of the deployed network's own type where that is narrower, and in
/// the box for certain. A feature without such a number between its ends rests: at the number that the
/// deployed network makes of its bound; in exact arithmetic anywhere between them, all at once.
struct PointGrid: Sendable {
  private let format: FloatFormat
  private let isReal: Bool
  /// `[features]`: the first and the last number of the grid; nil at rest.
  private let ends: [(lower: Float, upper: Float)?]
  /// `[features]`: where a feature rests, its number as it is stated, and how far it may lie from it.
  private let rest: [(value: Double, stated: Double, radius: Double)]

  init(_ box: InputBox, _ arithmetic: Arithmetic) {
    let own = arithmetic.format
    let grid = arithmetic.isHalf ? own ?? .binary32 : .binary32
    (format, isReal) = (grid, own == nil)
    ends = zip(box.lower, box.upper).map { grid.ends(from: $0.upper, to: $1.lower) }
    rest = zip(box.lower, box.upper).map { lower, upper in
      let stated = lower.nearest
      let radius = max(upper.upper - stated, stated - lower.lower)
      return (own?.rounded(stated) ?? stated, stated, radius > 0 ? radius.nextUp : 0)
    }
  }

  /// The nearest point of the grid.
  func nearest(_ point: [Double]) -> [Float] {
    point.indices.map { feature in
      guard let (low, high) = ends[feature] else { return Float(rest[feature].value) }
      let value = min(max(point[feature], Double(low)), Double(high))
      // Between two numbers of the grid, the nearest is none beyond them.
      return min(max(Float(format.rounded(value)), low), high)
    }
  }

  /// The values that the network takes at a point that `nearest` made.
  func values(_ point: [Float]) -> [Double] {
    point.indices.map { ends[$0] == nil ? rest[$0].value : Double(point[$0]) }
  }

  /// The same as they are written down: within the box.
  func stated(_ point: [Float]) -> [Double] {
    point.indices.map { ends[$0] == nil ? rest[$0].stated : Double(point[$0]) }
  }

  /// The ball around a point for whose every input a proof holds for the point.
  func ball(_ point: [Float]) -> Ball {
    let values = values(point)
    return Ball(
      center: values,
      radius: values.indices.map { isReal && ends[$0] == nil ? rest[$0].radius : 0 })
  }
}

extension FloatFormat {
  /// The first and the last number of the format in a range that binary32 has, too; nil where there is
  /// none.
  fileprivate func ends(from low: Double, to high: Double) -> (lower: Float, upper: Float)? {
    guard low <= high else { return nil }
    func number(at end: Double, towards side: Double) -> Double {
      let value = rounded(end)
      let isInside = side > 0 ? value >= end : value <= end
      // One more unit is at least the next number.
      return isInside
        ? value : rounded(value + side * (2 * roundoff * value.magnitude + tiny))
    }
    let (lower, upper) = (number(at: low, towards: 1), number(at: high, towards: -1))
    guard low <= lower, lower <= upper, upper <= high, lower.magnitude <= greatest,
      upper.magnitude <= greatest
    else { return nil }
    return (Float(lower), Float(upper))
  }
}
