import NumberSupport

/// What is written as a ReLU chain, or as one of its linear operators, though it is none as it stands.
public enum Rewriting: String, Sendable, CaseIterable {
  case maxPool, maxPoolBehindReLU, maxPoolBeforeReLU, paddedMaxPool, dilatedMaxPool, globalMaxPool
  case clip, lowerClip, upperClip, relu6, hardTanh, crossedClip
  case leakyReLU, steepLeakyReLU, singlePReLU, channelPReLU, thresholdedReLU, absoluteValue
  case largest, smallest, clamp, hardSigmoid
  case choice, choiceBelow, choiceOfSlope, choiceOfNegative, choiceOfSlopes, choiceByNumber
  case product, slopeInPieces, largestLine, smallestLine, largestOfAxis, smallestOfAxis
  case negatives, rotation, chosenFeatures
  case shrunk, shrunkByChoices, shrunkBySign, shrunkByProducts, endedSlope, maskedEnd
  case centred, cumulative, addedBranches, largestBranch, joinedBranches
  case volume, volumeMaximum, volumeMean, regression
  case resize, split, copies, contraction, batchedProduct, scaler, quantisedWeights, bytes
  case linearResize, cubicResize, maskedConstants, maskedSlopes, maskedBranches, byteEnds
  case tuples, movedSum, magnitudes, averaged, movedShrink
}

extension Rewriting {
  /// Whether its weights are computed where the network runs, so that nobody knows them exactly.
  public var computesWeights: Bool { self == .linearResize || self == .cubicResize }

  /// Whether it reads bytes.
  var readsBytes: Bool { self == .bytes || self == .byteEnds }

  /// Whether it is another linear operator.
  var isLinear: Bool {
    switch self {
    case .negatives, .rotation, .chosenFeatures, .resize, .split, .copies, .contraction,
      .batchedProduct, .scaler, .quantisedWeights, .bytes, .centred, .cumulative, .addedBranches,
      .volume, .volumeMean, .regression, .linearResize, .cubicResize, .maskedConstants, .tuples,
      .movedSum,
      .maskedBranches:
      true
    default: false
    }
  }

  /// The shape that the data need in front of it; nil where any will do.
  func shape(using random: inout SeededGenerator) -> [Int]? {
    func size(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    switch self {
    case .maxPool, .maxPoolBehindReLU, .maxPoolBeforeReLU:
      return random.pick(
        [[1, 1, 4], [1, 2, 3], [1, 1, 5], [1, 1, 2, 2], [1, 1, 2, 3]], or: [])
    case .paddedMaxPool: return random.pick([[1, 1, 3], [1, 2, 2], [1, 1, 2, 2]], or: [])
    case .dilatedMaxPool: return random.pick([[1, 1, 4], [1, 1, 5], [1, 1, 3, 2]], or: [])
    case .globalMaxPool: return [1, size(1...2)] + (random.chance(0.5) ? [size(2...4)] : [2, 2])
    case .channelPReLU: return random.pick([[1, 3], [1, 2, 2], [1, 2, 1, 2]], or: [])
    case .resize: return random.pick([[1, 1, 2], [1, 2, 2], [1, 1, 2, 1]], or: [])
    case .batchedProduct: return [1, 2, 1, 2]
    case .linearResize, .cubicResize:
      return random.pick([[1, 1, 1, 2], [1, 1, 2, 2], [1, 2, 1, 2], [1, 1, 1, 3]], or: [])
    case .tuples: return random.pick([[1, 3], [1, 2, 2], [1, 4]], or: [])
    case .movedSum: return [1, size(2...4)]
    case .bytes, .byteEnds, .scaler: return nil
    case .movedShrink:
      return random.pick([[1, 2, 2], [1, 1, 3], [1, 1, 2, 2], [1, 2, 1, 2]], or: [])
    case .largestOfAxis, .smallestOfAxis, .magnitudes:
      return random.pick([[1, 4], [1, 2, 3], [1, 3, 2], [1, 2, 2, 1]], or: [])
    case .rotation, .chosenFeatures, .regression: return [1, size(2...4)]
    // A third is no binary fraction, nor a number that is exact here.
    case .centred: return random.pick([[1, 2], [1, 4], [1, 2, 2]], or: [])
    case .cumulative, .addedBranches, .joinedBranches, .largestBranch, .maskedBranches:
      return random.pick([[1, 2], [1, 3], [1, 2, 2]], or: [])
    case .volume, .volumeMaximum, .volumeMean:
      return random.pick(
        [[1, 1, 2, 1, 2], [1, 1, 2, 2, 1], [1, 2, 2, 1, 1], [1, 1, 3, 1, 1]], or: [])
    default: return random.chance(0.3) ? [1, 2, 2] : nil
    }
  }
}

extension GraphMaker {
  /// A multiple of a quarter, of both signs.
  mutating func quarter(_ range: ClosedRange<Int> = -7...7) -> Double { Double(int(range)) / 4 }

  mutating func quarters(_ count: Int, _ range: ClosedRange<Int> = -7...7) -> [Double] {
    (0..<count).map { _ in quarter(range) }
  }

  /// What keeps the shape of the data takes this constant: one number, or one a unit.
  mutating func operand(_ range: ClosedRange<Int>) -> String {
    let shape = random.chance(0.5) ? [] : Array(data.shape.dropFirst())
    return stored(shape, data.type, quarters(shape.reduce(1, *), range))
  }

  /// Appends a rewriting to the data's path.
  mutating func rewriting(_ kind: Rewriting) {
    switch kind {
    case .maxPool, .maxPoolBehindReLU, .maxPoolBeforeReLU, .paddedMaxPool, .dilatedMaxPool,
      .globalMaxPool:
      pooled(kind)
    case .clip, .lowerClip, .upperClip, .relu6, .hardTanh, .crossedClip: clipped(kind)
    case .shrunk, .shrunkByChoices, .shrunkBySign, .shrunkByProducts, .endedSlope, .maskedEnd,
      .centred, .cumulative, .addedBranches, .largestBranch, .joinedBranches:
      branched(kind)
    case .volume, .volumeMaximum, .volumeMean, .regression: linear(kind)
    case .choice, .choiceBelow, .choiceOfSlope, .choiceOfNegative, .choiceOfSlopes,
      .choiceByNumber, .product:
      chosen(kind)
    case .slopeInPieces, .largestLine, .smallestLine, .largestOfAxis, .smallestOfAxis,
      .negatives, .rotation, .chosenFeatures:
      inPieces(kind)
    case .resize, .split, .copies, .contraction, .batchedProduct, .scaler, .quantisedWeights,
      .bytes, .linearResize, .cubicResize, .byteEnds, .tuples, .movedSum:
      linear(kind)
    case .maskedConstants, .maskedSlopes, .maskedBranches: masked(kind)
    case .magnitudes, .averaged, .movedShrink: small(kind)
    default: bent(kind)
    }
  }

  private mutating func branched(_ kind: Rewriting) {
    switch kind {
    case .shrunk: shrink(by: quarter(1...5), form: 0)
    case .shrunkByChoices: shrink(by: quarter(1...5), form: 1)
    case .shrunkBySign: shrink(by: quarter(1...5), form: 2)
    case .shrunkByProducts: shrink(by: quarter(1...5), form: 3)
    case .endedSlope: endedSlope(quarter(1...8), quarter())
    case .maskedEnd: maskedEnd(quarter())
    case .centred: centred()
    case .cumulative: cumulative()
    case .addedBranches: branches(random.chance(0.5) ? "Add" : "Sub") { $0.quarter() }
    case .largestBranch: branches(random.chance(0.5) ? "Max" : "Min") { $0.quarter() }
    default: branches("Concat") { $0.quarter() }
    }
  }

  private mutating func pooled(_ kind: Rewriting) {
    if kind == .maxPoolBehindReLU { step("Relu", [data.name]) }
    let sizes = Array(data.shape.dropFirst(2))
    let lead = Array(data.shape.prefix(2))
    if kind == .globalMaxPool {
      return step("GlobalMaxPool", [data.name], shape: lead + sizes.map { _ in 1 })
    }
    let isDilated = kind == .dilatedMaxPool
    let kernel = sizes.map { isDilated ? 2 : int(min(2, $0)...$0) }
    let dilations = zip(sizes, kernel).map { size, taps in
      isDilated && size > 2 && taps == 2 ? 2 : 1
    }
    let pads = kernel.map { kind == .paddedMaxPool ? min(1, $0 - 1) : 0 }
    let attributes: [String: OracleAttribute] = [
      "kernel_shape": .ints(kernel), "strides": .ints(sizes.map { _ in int(1...2) }),
      "pads": .ints(pads + pads), "dilations": .ints(dilations),
    ]
    let plan = WindowPlan(OracleNode("MaxPool", [], [], attributes), kernel: kernel)
    step("MaxPool", [data.name], attributes, shape: lead + plan.output(sizes))
    if kind == .maxPoolBeforeReLU { step("Relu", [data.name]) }
  }

  private mutating func clipped(_ kind: Rewriting) {
    let low = quarter(-6...2)
    let ends: (Double?, Double?) =
      switch kind {
      case .lowerClip: (low, nil)
      case .upperClip: (nil, low + 1)
      case .relu6: (0, 6)
      case .hardTanh: (-1, 1)
      // The upper end wins.
      case .crossedClip: (low + 0.5, low)
      default: (low, low + quarter(1...8))
      }
    data.name = clipped(data.name, low: ends.0, high: ends.1, data.type)
  }

  private mutating func bent(_ kind: Rewriting) {
    switch kind {
    case .leakyReLU:
      step("LeakyRelu", [data.name], ["alpha": .float(random.pick([0.01, 0.25, -0.5], or: 0))])
    case .steepLeakyReLU: step("LeakyRelu", [data.name], ["alpha": .float(Float(quarter(5...9)))])
    case .singlePReLU: step("PRelu", [data.name, stored([1], data.type, [quarter()])])
    case .channelPReLU:
      // A channel's slopes, at every position of its own.
      let shape = [data.shape[1]] + data.shape.dropFirst(2).map { _ in 1 }
      step("PRelu", [data.name, stored(shape, data.type, quarters(data.shape[1]))])
    case .thresholdedReLU: step("ThresholdedRelu", [data.name], ["alpha": .float(0)])
    case .absoluteValue: step("Abs", [data.name])
    case .largest: step("Max", [data.name, operand(-4...4)])
    case .smallest: step("Min", [operand(-4...4), data.name])
    case .clamp:
      step("Max", [operand(-6...(-1)), data.name])
      step("Min", [data.name, operand(0...6)])
    default:
      let attributes: [String: OracleAttribute] =
        random.chance(0.4)
        ? [:]
        : ["alpha": .float(Float(quarter(-2...3))), "beta": .float(Float(quarter(-2...3)))]
      step("HardSigmoid", [data.name], attributes)
    }
  }

  private mutating func chosen(_ kind: Rewriting) {
    let (x, type) = (data.name, data.type)
    let young = graph.opset >= 12 && random.chance(0.5) ? "OrEqual" : ""
    let name = (random.chance(0.5) ? "Greater" : "Less") + young
    let isFirst = random.chance(0.5)
    let number = kind == .choiceByNumber ? quarter(-4...4) : 0
    let zero = stored(random.chance(0.5) ? [] : [1], type, [number])
    let condition = node(name, isFirst ? [x, zero] : [zero, x])
    var (above, below) = (x, x)
    switch kind {
    case .choice: below = stored([], type, [0])
    case .choiceBelow: above = stored([1], type, [0])
    case .choiceOfNegative: below = node("Neg", [x])
    case .choiceByNumber:
      let constant = stored([], type, [number])
      if random.chance(0.5) { below = constant } else { above = constant }
    case .choiceOfSlopes:
      above = node("Mul", [operand(-6...8), x])
      below = node("Mul", [x, operand(-6...8)])
    case .product:
      let mask = node("Cast", [condition], ["to": .int(type.rawValue)])
      return step("Mul", random.chance(0.5) ? [x, mask] : [mask, x])
    default: below = node("Mul", [x, operand(-6...8)])
    }
    let asksAbove = name.hasPrefix("Greater") == isFirst
    step("Where", asksAbove ? [condition, above, below] : [condition, below, above])
  }
}
