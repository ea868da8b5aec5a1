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
    /// What is known of a rewriting's maxima and differences; nil behind any other operator.
    var maxima: RewrittenMaxima?
    /// Whether intervals of its units stand on such, right behind ReLUs: rows often know less.
    var readsMaxima = false
    /// The most outputs of the next operator that read one unit; 0 for the logits.
    var readers = 0.0
    /// Where the weights of its units lie.
    var offsets: WeightOffsets
    /// Whether a sparse operator asks for units by number.
    var isIndexed = false

    /// Whether the interval bounds of a box are already the exact range (Algorithm 1's first layer).
    var intervalIsExact: Bool { mixing <= 1 }
  }

  package let layers: [Layer]
  /// Operator `i` produces layer `i + 1`.
  private let operators: [CompiledOperator]
  /// Slopes of a block with lines of its own: 1 for every unit of the widest layer.
  package let ones: FixedNumbers<Double>
  /// The first layer of ReLUs, which is a linear function of the input; nil where there is none.
  package let firstReLU: Int?
  let arithmetic: Arithmetic
  let computesEveryRow: Bool
  let direction: Direction
  /// Whether some operators are a rewriting's: which bounds of its units count is a matter of rules then.
  package let isRewritten: Bool
  /// Whether some of them make maxima.
  let hasMaxima: Bool
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
  /// The units of the widest layer.
  let widest: Int

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
    let builder = LayerBuilder(chain, charges: charges)
    (layers, operators) = (builder.layers, builder.operators)
    widest = layers.map(\.layout.count).max() ?? 0
    ones = FixedNumbers(repeating: 1, count: widest + 1)
    firstReLU = layers.firstIndex(where: \.isReLU)
    self.arithmetic = arithmetic
    self.computesEveryRow = computesEveryRow
    self.direction = direction
    isRewritten = chain.stages.contains { $0.operators.contains(where: \.isVirtual) }
    hasMaxima = layers.contains { $0.maxima?.hasMaxima ?? false }
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

  /// The first layer whose units get rows with lines of their own: the first of ReLUs behind the first, but for
  /// those of a rewriting's comparisons.
  var firstRowOfLines: Int {
    guard let firstReLU else { return layers.count }
    let behind = firstReLU + 1
    return layers[behind...].firstIndex { $0.isReLU && $0.maxima == nil } ?? layers.count
  }

  /// The operator that produces a layer, which is not the input.
  func producer(_ layer: Int) -> CompiledOperator { operators[layer - 1] }
}

/// Turns a chain's layout into layers and operators with their charges.
private struct LayerBuilder {
  private(set) var layers: [BoundProblem.Layer] = []
  private(set) var operators: [CompiledOperator] = []
  /// Operators so far that mix units.
  private var mixing = 0

  init(_ chain: ReLUChain, charges: StageCharges) {
    let layout = ChainLayout(chain)
    let charges = chain.stages.map { charges.charges(of: $0.operators) }
    layers = [BoundProblem.Layer(layout: layout.input, isReLU: false, mixing: 0, offsets: .none)]
    for step in layout.steps {
      guard let place = step.place else {
        push(step, .none)
        continue
      }
      let linear = chain.stages[place.stage].operators[place.operator]
      push(step, charges[place.stage][place.operator], limit: linear.outputLimit)
      layers[layers.count - 1].nonNegative = linear.nonNegativeOutputs.flatMap {
        $0.map(step.output.physical)
      }
      know(maximaOf: linear)
    }
    layOutWeights()
  }

  private mutating func push(
    _ step: ChainLayout.Step, _ deployed: DeployedCharge, limit: Double = .infinity
  ) {
    let compiled = CompiledOperator(step, deployed: deployed)
    if compiled.mixesUnits { mixing += 1 }
    layers[layers.count - 1].readers = Double(compiled.charge.fanOut)
    operators.append(limit < .infinity ? compiled.limited(to: limit) : compiled)
    layers.append(
      BoundProblem.Layer(
        layout: step.output, isReLU: step.isReLU, mixing: mixing, offsets: .none))
  }

  private mutating func know(maximaOf linear: LinearOperator) {
    let top = layers.count - 1
    guard top > 1 else { return }
    let below = layers[top - 1]
    guard below.isReLU else {
      layers[top].readsMaxima = below.readsMaxima
      return
    }
    layers[top].maxima = RewrittenMaxima(
      linear, input: below.layout, output: layers[top].layout, below: below.maxima)
    layers[top].readsMaxima = layers[top].maxima != nil
  }

  private mutating func layOutWeights() {
    for index in layers.indices {
      let producer = index > 0 ? operators[index - 1] : nil
      let consumer = index < operators.count ? operators[index] : nil
      layers[index].offsets = WeightOffsets(
        layout: layers[index].layout, producer: producer, consumer: consumer)
      layers[index].isIndexed = (producer?.isSparse ?? false) || (consumer?.isSparse ?? false)
    }
  }
}
