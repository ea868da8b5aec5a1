import NetworkGraph
import ReLUChain

/// One step of the data's path through the network.
enum Step: Sendable {
  case linear(LinearOperator)
  case relu(name: String)
  /// A clip that was left out: magnitudes must be proved to stay below its ends.
  case limit(Double, clip: ClosedRange<Double>, name: String)
}

/// A value that depends on the network's input.
struct DataValue: Sendable {
  /// The dimensions; a batch of more than one is counted as 1.
  var shape: [Int]
  /// The axis of the batch, where the file fixes a batch of more than one.
  var batchAxis: Int?
  /// The type that the deployed network holds the value in.
  var elementType: ElementType
  /// Where the value comes from, for messages: `after 'relu1'`.
  var origin: String
  /// The last step of the value's path, a position in the builder's list; -1 at the input.
  var tail: Int
  /// The Softmax that stands between the last step and this value.
  var softmax: Node?
  /// Whether no element can be negative, in any arithmetic: a ReLU made them all.
  var isNonNegative = false
  /// What the dropped Sigmoid of one score has become since; nil where there is none.
  var binaryEnd: BinaryEnd?
  /// Whether the chain has another value here than the file, for as long as until the next node.
  var isRewritten = false
}

/// What a node makes of the data.
struct Lowered {
  var shape: [Int]
  var batchAxis: Int?
  var elementType: ElementType
  var steps: [Step]
  var softmax: Node?
  /// Whether the steps make nothing negative; where there are none, the data stay what they were.
  var isNonNegative = false
  var binaryEnd: BinaryEnd?
  var isRewritten = false
  /// What a person should know of a rewriting.
  var note: String?
  /// The format in which numbers that a deployed network computes were charged; nil where there are none.
  var constantFormat: FloatFormat?
}

/// A node on the data's path, about to be written as elementary operators.
struct Lowering {
  let call: OperatorCall
  let data: DataValue
  /// Which of the node's inputs is the data.
  let dataIndex: Int
  /// The batch size that the file fixes; 1 where it does not.
  let batchSize: Int
  let budget: ElementBudget
  let limits: ChainLimits
  /// Whether nothing but one ReLU reads what this node makes.
  var isReadByReLU = false

  var node: Node { call.node }

  /// Writes the node as elementary operators.
  func lowered() throws(NodeRefusal) -> Lowered {
    let result = try dispatched()
    let count = try elementCount(of: result.shape)
    guard count > 0 else {
      throw NodeRefusal("its result \(shapeText(result.shape)) is empty")
    }
    guard count <= limits.units else {
      throw NodeRefusal(
        "its result \(shapeText(result.shape)) has \(count) units; expected at most"
          + " \(limits.units)")
    }
    return withParameters(result)
  }

  /// The steps with the file's numbers counted at the first that computes.
  private func withParameters(_ result: Lowered) -> Lowered {
    var result = result
    var count = 0
    for case let constant? in call.constants where constant.elementType.isFloatingPoint {
      count += constant.count
    }
    for index in result.steps.indices {
      guard case .linear(let linear) = result.steps[index] else { continue }
      result.steps[index] = .linear(linear.using(fileParameters: linear.kind.computes ? count : 0))
      if linear.kind.computes { count = 0 }
    }
    return result
  }

  private func dispatched() throws(NodeRefusal) -> Lowered {
    switch node.operatorType {
    case "Gemm": try gemm()
    case "MatMul": try matrixProduct()
    case "Einsum": try einsum()
    case "Conv": try convolution()
    case "ConvTranspose": try transposedConvolution()
    case "AveragePool": try averagePool()
    case "GlobalAveragePool": try globalAveragePool()
    case "ReduceMean", "ReduceSum", "ReduceProd": try reduction()
    case "ReduceL1": try sumOfMagnitudes()
    case "GlobalLpPool": try globalSumOfMagnitudes()
    case "LpPool": try pooledMagnitudes()
    case "Pow": try power()
    case "BatchNormalization": try batchNormalization()
    case "Sub" where data.binaryEnd == .probability && dataIndex == 1: try complement()
    case "Add", "Sub", "Mul", "Div": try arithmetic()
    case "Sum": try sum()
    case "Neg": try negation()
    case "Relu": rectified()
    case "Clip": try clip()
    case "Max", "Min": try extremum()
    case "MaxPool": try maxPool()
    case "GlobalMaxPool": try globalMaxPool()
    case "ReduceMax", "ReduceMin": try extremesOverAxes()
    case "LeakyRelu", "PRelu", "ThresholdedRelu", "Abs", "HardSigmoid": try piecewiseLinear()
    case "Softmax", "LogSoftmax": try softmax()
    case "Sigmoid": try sigmoid()
    case "Log": try logarithm()
    case "Scaler": try scaler()
    case "LinearRegressor": try linearModel()
    case "SVMRegressor": try supportVectorRegression()
    case "Normalizer": try normalizer()
    case "Imputer": try imputer()
    case "CumSum": try cumulativeSum()
    case "Cast": try cast()
    case "Concat": try concatenation()
    case "Resize", "Upsample": try resampled()
    case "Where": try selected()
    case "GatherND": try gatheredTuples()
    case "Trilu", "GatherElements": try movedElements()
    case "ScatterND", "ScatterElements": try scattered()
    default: try rearranged()
    }
  }

  /// The data as it is, after these steps.
  func unchanged(steps: [Step] = []) -> Lowered {
    Lowered(
      shape: data.shape, batchAxis: data.batchAxis, elementType: data.elementType, steps: steps,
      softmax: steps.isEmpty ? data.softmax : nil,
      binaryEnd: steps.isEmpty ? data.binaryEnd : nil)
  }

  /// The data behind a ReLU.
  func rectified() -> Lowered {
    guard !data.isNonNegative else {
      var result = unchanged()
      result.isNonNegative = true
      result.note = "'\(node.name)' dropped: what it reads is never negative"
      return result
    }
    var result = unchanged(steps: [.relu(name: node.name)])
    result.isNonNegative = true
    return result
  }

  /// An operator of this node's name.
  ///
  /// - Parameter held: Numbers besides its own that a deployed network has to hold.
  func step(
    _ kind: LinearOperator.Kind, from input: [Int], to output: [Int],
    holding held: [HeldNumber] = [], isVirtual: Bool = false
  ) -> Step {
    .linear(
      LinearOperator(
        name: node.name, operatorType: node.operatorType, kind: kind, inputShape: input,
        outputShape: output, heldNumbers: held, isVirtual: isVirtual))
  }

  /// The selection that makes `output` of `input`; pays for itself.
  func selection(
    _ source: [Int], constant: [Double]? = nil, from input: [Int], to output: [Int]
  ) throws(NodeRefusal) -> Step {
    try budget.take(2 * source.count)
    let constant = constant ?? [Double](repeating: 0, count: source.count)
    return step(.selection(Selection(source: source, constant: constant)), from: input, to: output)
  }

  /// The refusal of an operator that treats the file's batch as if it were features.
  func mixing(_ what: String) -> NodeRefusal {
    NodeRefusal("\(what) across a batch of \(batchSize)", mixesBatch: true)
  }

  /// The refusal of a weight whose shape does not fit the data.
  func mismatch(_ role: String, _ found: [Int], expected: String) -> NodeRefusal {
    NodeRefusal("\(role) is \(shapeText(found)); expected \(expected) \(data.origin)")
  }
}

extension DataValue {
  /// The dimensions with the batch that the file fixes.
  func trueShape(batchSize: Int) -> [Int] {
    var result = shape
    if let batchAxis { result[batchAxis] = batchSize }
    return result
  }

  /// The dimensions without the batch, for display.
  var unitShape: [Int] { ReLUChain.withoutBatch(shape, batchAxis: batchAxis) }
}

extension ReLUChain {
  /// A shape without its batch dimension: the batch's axis, or a leading 1.
  static func withoutBatch(_ shape: [Int], batchAxis: Int?) -> [Int] {
    var result = shape
    if let batchAxis, shape.indices.contains(batchAxis) {
      result.remove(at: batchAxis)
    } else if shape.count > 1, shape[0] == 1 {
      result.removeFirst()
    }
    return result
  }
}
