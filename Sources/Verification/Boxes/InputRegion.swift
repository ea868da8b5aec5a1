import DualBounds
import PropertyFiles

/// A closed box of inputs with binary64 ends.
///
/// That of a property contains every real point of the property's box; for a deployed network also what
/// any rounding to the network's type makes of such a point. Parts of it share the bound that they are
/// split at, so that together they are the whole.
struct InputRegion: Sendable, Equatable {
  /// `[inputs]`, `lower <= upper`.
  private(set) var lower, upper: [Double]

  /// The box of a property.
  init(_ box: InputBox, _ arithmetic: Arithmetic) {
    lower = box.lower.map { Self.outward($0.lower, arithmetic, towards: -1) }
    upper = box.upper.map { Self.outward($0.upper, arithmetic, towards: 1) }
  }

  /// Past the next number of the deployed format, where the end is none.
  private static func outward(
    _ end: Double, _ arithmetic: Arithmetic, towards side: Double
  ) -> Double {
    guard let format = arithmetic.format, !format.represents(end) else { return end }
    let slack = (2 * format.roundoff * end.magnitude + format.tiny).nextUp
    return side < 0 ? (end - slack).nextDown : (end + slack).nextUp
  }

  /// The box as a ball, its radii rounded up.
  var ball: Ball {
    var center = lower
    var radius = lower
    for feature in lower.indices {
      let (low, high) = (lower[feature], upper[feature])
      let middle = 0.5 * low + 0.5 * high
      center[feature] = middle
      radius[feature] = low == high ? 0 : max(high - middle, middle - low).nextUp
    }
    return Ball(center: center, radius: radius)
  }

  /// The width of one side.
  func width(_ feature: Int) -> Double { upper[feature] - lower[feature] }

  /// How many features move.
  var movingCount: Int { lower.indices.count { lower[$0] < upper[$0] } }

  /// A number between the ends of a side, about in its middle, where there is one that makes two parts of it.
  ///
  /// - Parameter format: in which the deployed network takes inputs: the number is one of it, for between two
  ///   neighbours no part has an input that the other has not. nil for every binary64 number.
  func middle(_ feature: Int, in format: FloatFormat?) -> Double? {
    let (low, high) = (lower[feature], upper[feature])
    let middle = 0.5 * low + 0.5 * high
    guard let format else { return low < middle && middle < high ? middle : nil }
    // At least the next number, on either side.
    let step = 2 * format.roundoff * middle.magnitude + format.tiny
    return [middle, middle + step, middle - step].map(format.rounded)
      .first { low < $0 && $0 < high }
  }

  /// The two parts on both sides of a number between the ends of a side: both have it.
  func split(_ feature: Int, at middle: Double) -> (below: InputRegion, above: InputRegion) {
    precondition(lower[feature] <= middle && middle <= upper[feature], "a split outside the box")
    var (below, above) = (self, self)
    below.upper[feature] = middle
    above.lower[feature] = middle
    return (below, above)
  }
}
