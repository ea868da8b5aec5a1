import ReLUChain

/// A Gemm as a deployed network may compute it: `alpha (B x) + beta c`, with alpha applied to the
/// weights beforehand or to the sum.
public struct GeneralProduct: Sendable {
  /// `[outputs][inputs]`.
  public var rows: [[Float]]
  /// `[outputs]`.
  public var offsets: [Float]
  /// The factors.
  public var alpha, beta: Float

  /// Creates a product from binary32 numbers.
  public init(rows: [[Float]], offsets: [Float], alpha: Float, beta: Float) {
    (self.rows, self.offsets, self.alpha, self.beta) = (rows, offsets, alpha, beta)
  }

  /// The operator that an importer would make of it: factors multiplied out, exactly, in binary64.
  public func dense(name: String) -> LinearOperator {
    LinearOperator(
      name: name, operatorType: "Gemm",
      kind: .dense(
        Dense(
          weights: rows.flatMap { $0 }.map { Double(alpha) * Double($0) },
          bias: offsets.map { Double(beta) * Double($0) })),
      inputShape: [rows.first?.count ?? 0], outputShape: [rows.count])
  }

  /// One evaluation, the sums in an order drawn for each output.
  public func applied(to values: [Float], using random: inout SeededGenerator) -> [Float] {
    zip(rows, offsets).map { row, offset in
      let multipliesFirst = random.chance(0.5)
      var products = zip(row, values).map { weight, value in
        (multipliesFirst ? alpha * weight : weight) * value
      }
      products.shuffle(using: &random)
      let sum = products.reduce(0, +)
      return (multipliesFirst ? sum : alpha * sum) + beta * offset
    }
  }
}
