/// Order statistics by nearest rank: every entry is one of the values, none is interpolated.
///
/// The quantile at `p` percent of `n` values is the `ceil(n p / 100)`-th smallest (the smallest for
/// `p = 0`): the least value that at least `p` percent of the values do not exceed. A lower bound
/// of each value therefore gives a lower bound of each quantile.
public struct Quantiles: Sendable, Equatable {
  /// The percentages, ascending, and the names they are reported by.
  public static let points: [(percent: Int, name: String)] = [
    (0, "min"), (5, "p05"), (25, "p25"), (50, "median"), (75, "p75"), (95, "p95"), (100, "max"),
  ]

  /// One value for each of `points`.
  public var values: [Double]

  /// Sorts the values; NaN counts as -infinity, nothing known. Nil when there are none.
  public init?(of values: some Sequence<Double>) {
    let sorted = values.map { $0.isNaN ? -.infinity : $0 }.sorted()
    guard !sorted.isEmpty else { return nil }
    self.values = Quantiles.points.map { point in
      sorted[max(0, (sorted.count * point.percent + 99) / 100 - 1)]
    }
  }

  /// The value in the middle; of two, the smaller.
  public var median: Double { values[3] }
}
