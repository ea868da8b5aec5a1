/// Wong & Kolter 2018, Algorithm 1 with the slopes of eq. (8), and the dual objective of Theorem 1,
/// in exact arithmetic: plain, slow, one dual pass a row, nothing avoided.
public struct ExactAlgorithm1: Sendable {
  /// The bounds of one ReLU layer.
  public struct Layer: Sendable {
    /// `[units]`.
    public var lower, upper: [Rational]

    /// The diagonal of eq. (10).
    var slopes: [Rational]
  }

  private let stages: [ExactStage]
  private let box: ExactBox
  private let part: ExactNormPart?
  /// One entry a ReLU layer.
  public private(set) var layers: [Layer] = []

  /// Bounds every pre-activation in front of a ReLU.
  ///
  /// - Parameter slopeBits: Where given, each slope is cut to that many binary places. A denominator
  ///   of each unstable unit enters every later bound, so that exact slopes grow exponentially with
  ///   the depth; at 400 bits the difference is far below anything that a test can see.
  /// - Parameter part: what the ball is beside a box; nil for a box.
  public init(
    _ chain: ExactChain, over box: ExactBox, and part: ExactNormPart? = nil, slopeBits: Int? = nil
  ) {
    stages = chain.stages
    (self.box, self.part) = (box, part)
    for stage in stages.dropLast() {
      let count = stage.rows.count
      var layer = Layer(lower: [], upper: [], slopes: [])
      for unit in 0..<count {
        var row = [Rational](repeating: .zero, count: count)
        row[unit] = .one
        // The dual pass with these slopes is linear, so J(-c) needs no pass of its own.
        let (lower, upper) = range(of: row)
        layer.lower.append(lower)
        layer.upper.append(upper)
        layer.slopes.append(Self.slope(lower: lower, upper: upper, bits: slopeBits))
      }
      layers.append(layer)
    }
  }

  /// `J` for the rows `e_y - e_j`: lower bounds of `z_y - z_j` over the box, 0 at `y`.
  public func margins(specificationClass: Int) -> [Rational] {
    let classes = stages.last?.rows.count ?? 0
    return (0..<classes).map { other in
      guard other != specificationClass else { return .zero }
      var row = [Rational](repeating: .zero, count: classes)
      row[specificationClass] = .one
      row[other] = -.one
      return range(of: row).lower
    }
  }

  /// Eqs. (6) and (7) for `c = row` on the output of stage `layers.count`, and for `-row`.
  ///
  /// Here `lambda = -nu`; the terms of J are `lambda' b`, `x' lambdaHat_1`, the dual norm at the
  /// input (weighted by each feature's own radius), and `l [nu]_+` of each unstable unit.
  private func range(of row: [Rational]) -> (lower: Rational, upper: Rational) {
    var lambda = row
    var center = Rational.zero
    var (below, above) = (Rational.zero, Rational.zero)
    for index in stride(from: layers.count, through: 0, by: -1) {
      for (coefficient, bias) in zip(lambda, stages[index].bias) { center += coefficient * bias }
      let lambdaHat = stages[index].transposedProduct(lambda)
      guard index > 0 else {
        lambda = lambdaHat
        break
      }
      let layer = layers[index - 1]
      lambda = zip(lambdaHat, layer.slopes).map { $0 * $1 }
      for (unit, coefficient) in lambda.enumerated() {
        guard layer.lower[unit].sign < 0 && layer.upper[unit].sign > 0 else { continue }
        let term = layer.lower[unit] * coefficient
        // l [nu]_+ lowers the lower bound where lambda < 0, and raises the upper where lambda > 0.
        if coefficient.sign < 0 { below -= term } else { above -= term }
      }
    }
    for (coefficient, (middle, radius)) in zip(lambda, zip(box.center, box.radius)) {
      center += coefficient * middle
      below -= coefficient.magnitude * radius
      above += coefficient.magnitude * radius
    }
    let reach = part?.reach(of: lambda) ?? .zero
    return (center + below - reach, center + above + reach)
  }

  private static func slope(lower: Rational, upper: Rational, bits: Int?) -> Rational {
    if upper.sign <= 0 { return .zero }
    if lower.sign >= 0 { return .one }
    let slope = upper / (upper - lower)
    guard let bits else { return slope }
    return slope.roundedDown(toFractionBits: bits)
  }
}
