/// Why one example is certified or not: what its bounds are made of.
///
/// Everything but the certificate describes and proves nothing further: the bounds of each layer, the
/// margins one by one, and the features that the worst margin depends on.
public struct Explanation: Sendable, Equatable {
  /// The certificate that is explained.
  public var certificate: Certificate
  /// The mean width of the box of inputs.
  public var inputWidth: Double
  /// The layers of ReLUs, from the input.
  public var layers: [Layer]
  /// The margins against the other classes, the smallest first.
  public var rows: [Row]
  /// The input features by what they take off the smallest margin, the largest first; empty where
  /// that margin is not known.
  public var features: [Feature]

  /// The smallest margin by the row that `features` belong to, with parallel slopes; nil where it is not
  /// known.
  public var parallelMargin: Double?

  /// The bounds of one layer of ReLUs.
  public struct Layer: Sendable, Equatable {
    /// Units with `upper <= 0`.
    public var inactive: Int
    /// Units with `lower >= 0`.
    public var active: Int
    /// The others.
    public var unstable: Int
    /// The mean of `upper - lower`, each unit bounded by a row of its own; infinite where a bound is
    /// not known.
    public var meanWidth: Double
    /// The largest of them.
    public var largestWidth: Double
    /// The unit that has it, in the file's order.
    public var widestUnit: Int

    /// All units.
    public var units: Int { inactive + active + unstable }
  }

  /// The margin against one other class.
  public struct Row: Sendable, Equatable {
    /// The other class.
    public var classIndex: Int
    /// The lower bound of `z_y - z_j` over the ball; > 0 is a proof.
    public var margin: Double
    /// The same over the example alone.
    public var marginAtExample: Double

    /// Creates a row.
    public init(classIndex: Int, margin: Double, marginAtExample: Double) {
      self.classIndex = classIndex
      (self.margin, self.marginAtExample) = (margin, marginAtExample)
    }

    /// What the ball takes off the margin; nil where it is not known.
    public var lost: Double? {
      let lost = marginAtExample - margin
      return lost.isFinite ? lost : nil
    }
  }

  /// What one feature means for the smallest margin.
  public struct Feature: Sendable, Equatable {
    /// The feature, in the network's order.
    public var index: Int
    /// Its value, in the units of the scaled data.
    public var value: Double
    /// The coefficient of the linear lower bound.
    public var coefficient: Double
    /// What the feature's freedom takes off the margin: the coefficient's magnitude times the radius,
    /// or, for l2 and l1, times its move in the worst point of the ball.
    public var contribution: Double

    /// Creates a record.
    public init(index: Int, value: Double, coefficient: Double, contribution: Double) {
      self.index = index
      (self.value, self.coefficient, self.contribution) = (value, coefficient, contribution)
    }
  }

  /// Creates an explanation from its parts.
  public init(
    certificate: Certificate, inputWidth: Double, layers: [Layer], rows: [Row],
    features: [Feature], parallelMargin: Double? = nil
  ) {
    (self.certificate, self.inputWidth) = (certificate, inputWidth)
    (self.layers, self.rows, self.features) = (layers, rows, features)
    self.parallelMargin = parallelMargin
  }

  /// How many times wider than the layer before (the first: than the box of inputs) each layer is on
  /// average; nil where that is not known.
  public var growth: [Double?] {
    zip(layers, [inputWidth] + layers.map(\.meanWidth)).map { layer, before in
      let ratio = layer.meanWidth / before
      return ratio.isFinite ? ratio : nil
    }
  }

  /// The layer in which the bounds widen most; nil where that is not known.
  public var widestGrowth: Int? {
    growth.indices.filter { growth[$0] != nil }.max { growth[$0] ?? 0 < growth[$1] ?? 0 }
  }

  /// What the relaxation takes off the smallest margin, with parallel slopes: what the ball takes beyond
  /// what the features do. Where the domain cuts the ball, its middle is not the example, and this is
  /// both. nil where it is not known.
  public var relaxationCost: Double? {
    guard let worst = rows.first, let parallelMargin, !features.isEmpty else { return nil }
    let cost = worst.marginAtExample - parallelMargin - featuresTotal
    return cost.isFinite ? cost : nil
  }

  /// What all features together take off the smallest margin.
  public var featuresTotal: Double { features.reduce(0) { $0 + $1.contribution } }
}

extension Explanation.Layer {
  /// Counts the states of units, and measures their widths.
  ///
  /// - Parameters:
  ///   - bounds: lower and upper, one pair a unit: those that decide the states.
  ///   - rows: the same, each by a row of its own.
  public init(
    bounds: (lower: [Double], upper: [Double]), rows: (lower: [Double], upper: [Double])
  ) {
    (inactive, active, unstable) = (0, 0, 0)
    for (lower, upper) in zip(bounds.lower, bounds.upper) {
      if upper <= 0 {
        inactive += 1
      } else if lower >= 0 {
        active += 1
      } else {
        unstable += 1
      }
    }
    (meanWidth, largestWidth, widestUnit) = (0, 0, 0)
    for (unit, (lower, upper)) in zip(rows.lower, rows.upper).enumerated() {
      let width = upper - lower
      meanWidth += width / Double(max(1, rows.lower.count))
      if width > largestWidth { (largestWidth, widestUnit) = (width, unit) }
    }
  }
}
