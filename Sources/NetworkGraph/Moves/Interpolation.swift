/// What Resize and Upsample make along one axis: of some elements each, weighted.
///
/// A deployed network computes the weights itself, of positions that it computes, too; both are rounded, in
/// binary32 or in the format of the deployment, whichever is coarser.
///
/// *Positions.* Of scale, its reciprocal, `x + 1/2`, product or quotient, and what is added to it, each rounds
/// once, relative to a number of at most `count + 1` behind the product; the offset of half_pixel_symmetric
/// adds three roundings of half of that. So a position errs by at most `e = g(8) (count + 1)`, or not at all
/// where a power of two scales numbers that the format has.
///
/// *Weights.* Linear ones are `max(0, 1 - |p - k|)`, also where a position is rounded over an element; cubic
/// ones (Keys 1981) are continuous in `p`, with a slope of at most `L`. So both move by at most `L e`, those of
/// elements that only a rounded position reaches included. Computing a linear weight adds one rounding, and
/// `x + t (y - x)`, as some runtimes have it, three for the weight of `x`. Of a cubic weight below 1 each term of
/// `(a + 2) t^3 - (a + 3) t^2 + 1` passes seven roundings at most, in Horner's order or by powers. Between 1 and 2
/// `((a t - 5 a) t + 8 a) t - 4 a` in Horner's order, as runtimes have it, errs by `(2 + 5 + 4) |a| u` in its first
/// bracket, twice that and `(6 + 4) |a| u` in its second, twice that and `4.3 |a| u` at the end, where `t` itself adds
/// `2 |a| u`: less than `72 |a| u`. The coefficient's own rounding moves a weight by less than one.
public struct AxisInterpolation: Sendable, Equatable {
  /// The axis, and how many elements are made along it.
  public var axis, made: Int
  /// How many elements each new one is made of.
  public var taps: Int
  /// `[made, taps]`: the elements, -1 for none.
  public var sources: [Int]
  /// `[made, taps]`: their weights, 0 for none.
  public var weights: [Double]
  /// How far a deployed network's weights may lie from these, rounded up; 0 where there is nothing to compute.
  public var error: Double

  /// Whether every new element is an old one.
  public var isSelection: Bool { taps == 1 && error == 0 && weights.allSatisfy { $0 == 1 } }
}

extension OperatorCall {
  /// What linear or cubic resampling makes along each axis that it changes; nil where the nearest element is
  /// taken.
  public func interpolation(of shape: [Int]) throws(NodeRefusal) -> [AxisInterpolation]? {
    let mode = try string("mode", default: "nearest")
    guard mode != "nearest" else { return nil }
    guard mode == "linear" || mode == "bilinear" && isPlainResampling || mode == "cubic" else {
      throw NodeRefusal("mode is '\(mode)'; expected nearest, linear or cubic")
    }
    guard try !flag("antialias") else {
      throw NodeRefusal(
        "antialias is 1, for which runtimes choose weights of their own; expected 0")
    }
    let excludes = try flag("exclude_outside")
    guard !excludes || mode == "cubic" else {
      throw NodeRefusal("exclude_outside is 1 with mode '\(mode)'; expected mode cubic")
    }
    let curve: InterpolationCurve =
      mode == "cubic"
      ? .cubic(try float("cubic_coeff_a", default: -0.75), excludesOutside: excludes) : .linear
    if case .cubic(let a, _) = curve, !(a.magnitude <= 16) {
      throw NodeRefusal("cubic_coeff_a is \(a); expected at most 16 in magnitude")
    }
    let rule = InterpolationRule(
      position: try samplePosition(), curve: curve, format: FloatFormat.binary32.coarser(deployed))
    return try resampledAxes(shape).filter { !$0.isCopied }.map { (axis) throws(NodeRefusal) in
      try rule.interpolation(along: axis)
    }
  }
}

/// How weights follow from positions.
private enum InterpolationCurve {
  case linear
  /// With the coefficient of Keys.
  case cubic(Double, excludesOutside: Bool)

  /// How many elements lie in reach on either side.
  var reach: Int {
    switch self {
    case .linear: 1
    case .cubic: 2
    }
  }

  /// The weight of an element at a distance.
  func weight(at distance: Double) -> Double {
    let x = distance.magnitude
    switch self {
    case .linear: return max(0, 1 - x)
    case .cubic(let a, _):
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
    }
  }

  /// Whether the weights at an element, 1 and 0, are computed without rounding.
  func isExactAtElements(in format: FloatFormat) -> Bool {
    guard case .cubic(let a, _) = self else { return true }
    return [3 * a, 5 * a, a + 2, a + 3].allSatisfy(format.represents)
  }

  /// The steepest slope, and what computing a weight rounds, in unit roundoffs; both rounded up.
  var slopeAndRoundings: (slope: Double, roundings: Double) {
    guard case .cubic(let a, _) = self else { return (1, 4) }
    // On [1, 2] it is a (3 x^2 - 10 x + 8), |a| at most; on [0, 1] 3 (a + 2) x^2 - 2 (a + 3) x, which has its
    // extreme at (a + 3) / (3 (a + 2)).
    let place = (a + 3) / (3 * (a + 2))
    let inner = place > 0 && place < 1 ? ((a + 3) * place).magnitude : 0
    return (
      max(a.magnitude, inner) * (1 + 0x1p-20),
      max(72 * a.magnitude, 7 * ((a + 2).magnitude + (a + 3).magnitude + 1)) + 2
    )
  }
}

/// Positions and weights of one operator.
private struct InterpolationRule {
  var position: SamplePosition
  var curve: InterpolationCurve
  var format: FloatFormat

  func interpolation(along axis: ResampledAxis) throws(NodeRefusal) -> AxisInterpolation {
    guard axis.count >= 1 else { throw NodeRefusal("resamples an axis without elements") }
    let eight = 8 * format.roundoff
    let shift = isExact(axis) ? 0 : eight / (1 - eight) * Double(axis.count + 1)
    guard shift < 1 else {
      throw NodeRefusal(
        "positions among \(axis.count) elements are rounded by up to \(shift) of one;"
          + " expected a format with more digits")
    }
    var rows: [[(source: Int, weight: Double)]] = []
    var error = 0.0
    for index in 0..<axis.made {
      let (row, own) = try taps(at: position.place(of: Double(index), axis), shift, axis.count)
      rows.append(row)
      error = max(error, own)
    }
    // As many elements as before are another matter: some runtimes copy them.
    let isCopy = rows.indices.allSatisfy {
      rows[$0].allSatisfy { $0.weight == 0 || $0.weight == 1 }
    }
    guard axis.count != axis.made || isCopy else {
      throw NodeRefusal(
        "makes \(axis.count) elements of as many with a scale of \(axis.scale), which some runtimes"
          + " copy; expected a scale of 1")
    }
    if shift == 0, isCopy, curve.isExactAtElements(in: format) {
      rows = rows.map { $0.filter { $0.weight == 1 } }
      error = 0
    }
    let taps = rows.map(\.count).max() ?? 1
    let filled = rows.map { $0 + repeatElement((source: -1, weight: 0), count: taps - $0.count) }
    return AxisInterpolation(
      axis: axis.axis, made: axis.made, taps: taps, sources: filled.flatMap { $0.map(\.source) },
      weights: filled.flatMap { $0.map(\.weight) }, error: error)
  }

  /// Whether every evaluation of a position gives it exactly.
  private func isExact(_ axis: ResampledAxis) -> Bool {
    func isPower(_ value: Double) -> Bool { value.isNormal && value.significand == 1 }
    let ratio =
      position == .alignedCorners
      ? axis.made > 1 ? Double(axis.count - 1) / Double(axis.made - 1) : 0 : 1 / axis.scale
    let isWhole = axis.scale * Double(axis.count) == Double(axis.made)
    guard isPower(ratio) || ratio == 0, position != .symmetricHalfPixel || isWhole else {
      return false
    }
    return (0..<axis.made).allSatisfy { index in
      let x = Double(index)
      let last = position == .alignedCorners ? x * Double(axis.count - 1) : x
      return [x, x + 0.5, (x + 0.5) * ratio, x * ratio, last, position.place(of: x, axis)]
        .allSatisfy(format.represents)
    }
  }

  /// The elements around a position with their weights, and how far those may be off.
  private func taps(
    at place: Double, _ shift: Double, _ count: Int
  ) throws(NodeRefusal) -> ([(source: Int, weight: Double)], error: Double) {
    let (slope, roundings) = curve.slopeAndRoundings
    let error = (slope * shift + roundings * format.roundoff) * (1 + 0x1p-20)
    let last = Double(count - 1)
    guard case .cubic(_, let excludes) = curve else {
      let place = min(max(place, 0), last)
      let (low, high) = (max(0, (place - shift).rounded(.down)), (place + shift).rounded(.down) + 1)
      let taps = stride(from: low, through: min(high, last), by: 1).map {
        (Int($0), curve.weight(at: place - $0))
      }
      return (taps, error)
    }
    let first = Int((place - shift).rounded(.down)) - curve.reach + 1
    let end = Int((place + shift).rounded(.down)) + curve.reach
    let all = (first...end).map { ($0, curve.weight(at: place - Double($0))) }
    guard excludes else {
      // The elements at the ends stand for those beyond.
      return (all.map { (min(max($0, 0), count - 1), $1) }, error)
    }
    let inside = all.filter { (0..<count).contains($0.0) }
    let total = inside.reduce(0) { $0 + $1.1 }
    // Their sum moves by all their errors, and is rounded, as the quotient is.
    let count = Double(inside.count)
    let magnitudes = inside.reduce(0) { $0 + $1.1.magnitude }
    let ofTotal = count * (error + 2 * format.roundoff * magnitudes)
    let largest = inside.reduce(0) { max($0, ($1.1 / total).magnitude) }
    let least = (total - ofTotal) * (1 - 0x1p-20)
    guard least > 0.125 else {
      throw NodeRefusal("exclude_outside leaves weights that add up to \(total)")
    }
    return (
      inside.map { ($0, $1 / total) },
      ((error + largest * ofTotal) / least + 2 * format.roundoff * largest) * (1 + 0x1p-20)
    )
  }
}
