import CKernels
import ReLUChain

/// A chain made ready for bounding, shared by every worker.
///
/// Layers are numbered from the input, 0; operator `i` maps layer `i - 1` to layer `i`. A layer
/// carries a ReLU or none: operators that follow each other without a ReLU meet at a layer whose
/// activation is the identity, which the relaxation treats as a unit that is always active. So every
/// operator is charged for its own rounding, unfolded.
public final class BoundProblem: Sendable {
  /// One layer of pre-activations.
  package struct Layer: Sendable {
    package var layout: UnitLayout
    package var isReLU: Bool
    /// How many operators so far mix units: with none of them a unit is a function of one feature.
    var mixing: Int
    /// The units whose value cannot be negative, in any arithmetic.
    var nonNegative: [Int] = []
    /// The operator that produces the layer; nil for the input.
    var compiled: CompiledOperator?
    /// The most outputs of the next operator that read one unit; 0 for the logits.
    var readers = 0.0

    /// Whether the interval bounds of a box are already the exact range (Algorithm 1's first layer).
    var intervalIsExact: Bool { mixing <= 1 }
  }

  package let layers: [Layer]
  /// The first layer of ReLUs, which is a linear function of the input; nil where there is none.
  package let firstReLU: Int?
  let arithmetic: Arithmetic
  let computesEveryRow: Bool
  let direction: Direction
  /// The number of logits.
  public let classCount: Int
  /// The number of features of one input.
  public let inputCount: Int
  /// The factor on a row's summed cost for the rounding of the sum.
  let rowInflation: Double
  /// What underflow can cost one row.
  let rowSlack: Double
  /// The most columns that are carried forward; 0 where rows are always cheaper.
  let columnLimit: Int

  /// Which way coefficients travel to bound a hidden layer.
  public enum Direction: Sendable {
    /// Layer by layer the one of fewer multiply-adds.
    case automatic
    /// Rows back to the input, one for each open unit.
    case rows
    /// Columns forward from the input, one for each feature and unstable unit; rows where there are
    /// more of them than are ever carried, 256.
    case columns
  }

  /// Lays the chain out for the kernels.
  ///
  /// - Parameters:
  ///   - arithmetic: the network that the bounds speak of.
  ///   - wideSums: a half-precision network accumulates its sums in binary32.
  ///   - direction: how bounds of hidden layers are computed; they agree but for rounding.
  ///   - computesEveryRow: computes a row for every unit, also where intervals already show it
  ///     stable, and the row's bounds decide its state: Algorithm 1 to the letter.
  public init(
    _ chain: ReLUChain, arithmetic: Arithmetic = .real, wideSums: Bool = true,
    direction: Direction = .automatic, computesEveryRow: Bool = false
  ) {
    let charges = StageCharges(
      arithmetic: arithmetic, wideSums: wideSums,
      isRead: arithmetic.format.map(chain.isRead) ?? true)
    var builder = LayerBuilder(chain: chain, charges: charges)
    layers = builder.build()
    firstReLU = layers.firstIndex(where: \.isReLU)
    self.arithmetic = arithmetic
    self.computesEveryRow = computesEveryRow
    self.direction = direction
    classCount = chain.classCount
    inputCount = chain.inputCount
    rowInflation = RoundingCharge.rowInflation(
      terms: layers.reduce(0) { $0 + $1.layout.count })
    columnLimit =
      switch direction {
      case .automatic: computesEveryRow ? 0 : ColumnBlock.limit(for: layers)
      case .rows: 0
      case .columns: layers[0].layout.count <= ColumnBlock.most ? ColumnBlock.most : 0
      }
    rowSlack = RoundingCharge.rowSlack(
      operations: layers.reduce(0) { $0 + Double($1.layout.count) * $1.readers })
  }
}

/// Turns the operators of a chain into layers, deciding each layer's layout.
private struct LayerBuilder {
  let chain: ReLUChain
  let charges: StageCharges
  var layers: [BoundProblem.Layer] = []
  /// Operators so far that mix units.
  var mixing = 0

  init(chain: ReLUChain, charges: StageCharges) {
    self.chain = chain
    self.charges = charges
  }

  mutating func build() -> [BoundProblem.Layer] {
    let all = chain.stages.flatMap(\.operators)
    layers.append(
      BoundProblem.Layer(
        layout: demanded(by: all[...], count: chain.inputCount), isReLU: false,
        mixing: 0, compiled: nil))
    var next = 0
    for (index, stage) in chain.stages.enumerated() {
      for (linear, deployed) in zip(stage.operators, charges.charges(of: stage.operators)) {
        next += 1
        append(linear, deployed, followedBy: all[next...])
        limit(to: linear.outputLimit)
        know(linear.nonNegativeOutputs)
      }
      layers[layers.count - 1].isReLU = index + 1 < chain.stages.count
    }
    return layers
  }

  private mutating func limit(to limit: Double) {
    let top = layers.count - 1
    if limit < .infinity { layers[top].compiled = layers[top].compiled?.limited(to: limit) }
  }

  private mutating func know(_ nonNegative: [Range<Int>]) {
    let top = layers.count - 1
    layers[top].nonNegative = nonNegative.flatMap { $0.map(layers[top].layout.physical) }
  }

  /// The layout that the next operator which cares wants of its input.
  private func demanded(by operators: ArraySlice<LinearOperator>, count: Int) -> UnitLayout {
    for linear in operators {
      switch linear.kind {
      case .scaling: continue
      case .convolution(let c) where c.groups == 1:
        return UnitLayout(channels: c.inputChannels, height: c.inputHeight, width: c.inputWidth)
      default: return .flat(count)
      }
    }
    return .flat(count)
  }

  private mutating func append(
    _ linear: LinearOperator, _ deployed: DeployedCharge,
    followedBy rest: ArraySlice<LinearOperator>
  ) {
    var input = layers[layers.count - 1].layout
    switch linear.kind {
    case .dense(let dense):
      mixing += 1
      push(.dense(dense, input: input, deployed: deployed), .flat(linear.outputCount))
    case .convolution(let c):
      let output = UnitLayout(
        channels: c.outputChannels, height: c.outputHeight, width: c.outputWidth)
      if c.groups == 1 {
        let wanted = UnitLayout(
          channels: c.inputChannels, height: c.inputHeight, width: c.inputWidth)
        if input != wanted {
          pushExact(SparseRows(rearranging: input, to: wanted), .none, wanted)
          input = wanted
        }
        mixing += 1
        push(.convolution(c, deployed: deployed), output)
      } else {
        mixing += 1
        let rows = SparseRows(c, input: input, output: output)
        let charge = RoundingCharge(
          fanIn: rows.fanIn, fanOut: rows.fanOut, uncertainty: c.uncertainty, deployed: deployed)
        push(.sparse(rows, charge: charge, keepsWindow: false), output)
      }
    case .scaling(let scaling):
      let charge = RoundingCharge(
        fanIn: 1, fanOut: 1, uncertainty: scaling.uncertainty, deployed: deployed)
      push(.sparse(SparseRows(scaling, layout: input), charge: charge, keepsWindow: true), input)
    case .selection(let selection):
      let output = demanded(by: rest, count: linear.outputCount)
      pushExact(SparseRows(selection, input: input, output: output), deployed, output)
    }
  }

  private mutating func pushExact(
    _ rows: SparseRows, _ deployed: DeployedCharge, _ output: UnitLayout
  ) {
    if rows.fanOut > 1 { mixing += 1 }
    let charge = RoundingCharge(
      fanIn: 1, fanOut: rows.fanOut, deployed: deployed)
    push(.sparse(rows, charge: charge, keepsWindow: false), output)
  }

  private mutating func push(_ compiled: CompiledOperator, _ output: UnitLayout) {
    layers[layers.count - 1].readers = Double(compiled.charge.fanOut)
    layers.append(
      BoundProblem.Layer(
        layout: output, isReLU: false, mixing: mixing, compiled: compiled))
  }
}
