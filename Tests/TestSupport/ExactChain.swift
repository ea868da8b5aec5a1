import ReLUChain

/// A closed box of inputs with exact ends.
public struct ExactBox: Sendable {
  /// `[inputCount]`.
  public var center, radius: [Rational]

  /// The box `|x_j - center_j| <= radius_j`.
  public init(center: [Double], radius: [Double]) {
    self.center = center.map { Rational($0) }
    self.radius = radius.map { Rational($0) }
  }

  /// `[inputCount]`: the lower ends.
  public var lower: [Rational] { zip(center, radius).map { $0 - $1 } }
  /// `[inputCount]`: the upper ends.
  public var upper: [Rational] { zip(center, radius).map { $0 + $1 } }

  /// Whether the point lies in the closed box.
  public func contains(_ point: [Rational]) -> Bool {
    zip(point, zip(center, radius)).allSatisfy { ($0 - $1.0).magnitude <= $1.1 }
  }
}

/// One stage of a chain as an exact matrix, the entries that are not zero row by row.
public struct ExactStage: Sendable {
  /// One entry of a row.
  public typealias Entry = (column: Int, weight: Rational)

  /// `[outputCount]` rows; columns ascend within a row, none twice, no weight is 0.
  public var rows: [[Entry]]
  /// `[outputCount]`.
  public var bias: [Rational]
  /// The number of inputs.
  public var inputCount: Int

  /// `W x + b`.
  public func applied(to input: [Rational]) -> [Rational] {
    zip(rows, bias).map { row, offset in
      row.reduce(offset) { $0 + $1.weight * input[$1.column] }
    }
  }

  /// `W' lambda`.
  public func transposedProduct(_ lambda: [Rational]) -> [Rational] {
    var product = [Rational](repeating: .zero, count: inputCount)
    for (row, coefficient) in zip(rows, lambda) where !coefficient.isZero {
      for entry in row { product[entry.column] += entry.weight * coefficient }
    }
    return product
  }

  /// The product of operators in order of evaluation.
  init(_ operators: ArraySlice<LinearOperator>, inputCount: Int) {
    self = operators.reduce(.identity(inputCount)) { $0.followed(by: $1.exactStage) }
  }

  init(rows: [[Entry]], bias: [Rational], inputCount: Int) {
    (self.rows, self.bias, self.inputCount) = (rows, bias, inputCount)
  }

  /// The identity on `count` units.
  static func identity(_ count: Int) -> ExactStage {
    ExactStage(
      rows: (0..<count).map { [($0, .one)] }, bias: .init(repeating: .zero, count: count),
      inputCount: count)
  }

  /// The stage that applies `self` first and `next` to what comes out.
  func followed(by next: ExactStage) -> ExactStage {
    var rows: [[Entry]] = []
    var bias: [Rational] = []
    for (row, offset) in zip(next.rows, next.bias) {
      var sums: [Int: Rational] = [:]
      var constant = offset
      for outer in row {
        constant += outer.weight * self.bias[outer.column]
        for inner in self.rows[outer.column] {
          sums[inner.column, default: .zero] += outer.weight * inner.weight
        }
      }
      rows.append(
        sums.filter { !$0.value.isZero }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
      bias.append(constant)
    }
    return ExactStage(rows: rows, bias: bias, inputCount: inputCount)
  }
}

/// A chain in exact rational arithmetic: the network that `real` certificates speak of.
public struct ExactChain: Sendable {
  /// The stages, a ReLU between consecutive ones.
  public var stages: [ExactStage]

  /// Expands every stage to a matrix; every number of the chain must be finite.
  public init(_ chain: ReLUChain) {
    stages = chain.stages.map { stage in
      ExactStage(stage.operators[...], inputCount: stage.operators.first?.inputCount ?? 0)
    }
  }

  /// The pre-activations of every stage at one point, the logits last.
  public func preActivations(at point: [Rational]) -> [[Rational]] {
    var input = point
    return stages.map { stage in
      let output = stage.applied(to: input)
      input = output.map(\.positivePart)
      return output
    }
  }

  /// The logits at one point.
  public func logits(at point: [Rational]) -> [Rational] {
    preActivations(at: point).last ?? []
  }
}
