/// A greedy search for the corner of a box where a function is small: attacks for tests.
///
/// Starts at a drawn corner and flips one feature at a time while that helps; NaN counts as least.
public func lowestCorner<Number: BinaryFloatingPoint>(
  lower: [Number], upper: [Number], rounds: Int, using random: inout SeededGenerator,
  _ value: ([Number]) -> Number
) -> [Number] {
  var corner = zip(lower, upper).map { random.chance(0.5) ? $0 : $1 }
  var least = value(corner)
  for _ in 0..<rounds {
    var improved = false
    for feature in corner.indices.shuffled(using: &random) {
      let kept = corner[feature]
      corner[feature] = kept == lower[feature] ? upper[feature] : lower[feature]
      let flipped = value(corner)
      if flipped < least || flipped.isNaN {
        least = flipped
        improved = true
      } else {
        corner[feature] = kept
      }
    }
    if !improved { break }
  }
  return corner
}
