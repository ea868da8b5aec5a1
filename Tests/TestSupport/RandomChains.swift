import ReLUChain

/// What the numbers of a random chain look like.
public enum NumberStyle: Sendable, CaseIterable {
  /// Integers from -4 to 4: sums and products of small chains are exact in any arithmetic.
  case smallIntegers
  /// Multiples of 1/16 in -2...2.
  case dyadic
  /// Binary32 numbers with every bit used.
  case singles
  /// Binary64 numbers with every bit used.
  case doubles
  /// Binary32 numbers of very different sizes, 2^-20 to 2^20: sums absorb and cancel.
  case spread
  /// Binary32 numbers around 2^-70, whose products underflow in binary32.
  case underflowing
  /// Binary32 numbers just above 1 or below -1, where a rounding weighs most.
  case nearOne

  /// Whether every number is a small multiple of a power of two, so that small sums are exact.
  public var isExact: Bool { self == .smallIntegers || self == .dyadic }
}

/// Draws random chains and balls of many shapes; the seed alone decides what comes.
public struct RandomChains: Sendable {
  /// The source of every decision.
  public var random: SeededGenerator
  /// The style of weights and biases.
  public var style: NumberStyle
  /// The most inputs a chain has.
  public var inputLimit = 8
  /// The most units a layer has.
  public var widthLimit = 8
  /// The most outputs a dense operator has, where that is less.
  public var denseLimit = Int.max
  /// The numbers of stages to draw from.
  public var depths = 1...4
  /// Whether a stage may have several operators, and other kinds than dense.
  public var mixesKinds = true

  /// Starts the sequence of chains that belongs to `seed`.
  public init(seed: UInt64, style: NumberStyle) {
    random = SeededGenerator(state: seed)
    self.style = style
  }

  /// Draws a chain of at least two classes.
  public mutating func chain() -> ReLUChain {
    let depth = Int.random(in: depths, using: &random)
    let inputShape = startShape()
    var shape = inputShape
    var stages: [AffineStage] = []
    for index in 0..<depth {
      var operators: [LinearOperator] = []
      let length = mixesKinds ? Int.random(in: 1...3, using: &random) : 1
      for _ in 0..<length {
        let next = nextOperator(from: shape, stage: index, position: operators.count)
        shape = next.outputShape
        operators.append(next)
      }
      if index == depth - 1 && shape.reduce(1, *) < 2 {
        let last = dense(from: shape, outputs: 2, name: "classes")
        shape = last.outputShape
        operators.append(last)
      }
      stages.append(AffineStage(operators: operators))
    }
    return ReLUChain(inputShape: inputShape, stages: stages, notes: [])
  }

  /// Draws one number in the chain's style.
  public mutating func number() -> Double {
    switch style {
    case .smallIntegers: Double(Int.random(in: -4...4, using: &random))
    case .dyadic: Double(Int.random(in: -32...32, using: &random)) / 16
    case .singles: Double(Float.random(in: -1...1, using: &random))
    case .doubles: Double.random(in: -1...1, using: &random)
    case .spread: single(exponents: -20...20)
    case .underflowing: single(exponents: -76 ... -66)
    case .nearOne:
      (random.chance(0.5) ? 1 : -1)
        * (1 + Double(Int.random(in: 1...4096, using: &random)) * 0x1p-23)
    }
  }

  private mutating func single(exponents: ClosedRange<Int>) -> Double {
    let exponent = Int.random(in: exponents, using: &random)
    let value = Double(Float.random(in: 1..<2, using: &random))
    return Double(
      sign: random.chance(0.5) ? .plus : .minus, exponent: exponent, significand: value)
  }

  /// Draws `count` numbers; at times all are zero, at times most.
  mutating func numbers(_ count: Int) -> [Double] {
    let zeros = random.chance(0.05) ? 1 : random.chance(0.3) ? 0.5 : 0
    return (0..<count).map { _ in random.chance(zeros) ? 0 : number() }
  }

  private mutating func startShape() -> [Int] {
    if mixesKinds && inputLimit >= 4 && random.chance(0.5) {
      // At the default limit 2 to 4, and up to 9 where more inputs are allowed.
      let longest = max(4, min(9, inputLimit / 8))
      let side = Int.random(in: 2...longest, using: &random)
      let width = Int.random(in: 2...longest, using: &random)
      let channels = Int.random(in: 1...2, using: &random)
      if channels * side * width <= inputLimit { return [channels, side, width] }
      return [1, 2, inputLimit / 2]
    }
    return [Int.random(in: 1...inputLimit, using: &random)]
  }

  private mutating func nextOperator(
    from shape: [Int], stage: Int, position: Int
  ) -> LinearOperator {
    let name = "stage\(stage).\(position)"
    guard mixesKinds else { return dense(from: shape, outputs: width(), name: name) }
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<5 where shape.count == 3:
      if let next = convolution(from: shape, name: name) { return next }
      return scaling(from: shape, name: name)
    case 5, 6: return scaling(from: shape, name: name)
    case 7: return selection(from: shape, name: name)
    default: return dense(from: shape, outputs: width(), name: name)
    }
  }

  private mutating func width() -> Int {
    Int.random(in: 1...min(widthLimit, denseLimit), using: &random)
  }

  private mutating func dense(from shape: [Int], outputs: Int, name: String) -> LinearOperator {
    let inputs = shape.reduce(1, *)
    return LinearOperator(
      name: name, operatorType: "Gemm",
      kind: .dense(Dense(weights: numbers(inputs * outputs), bias: numbers(outputs))),
      inputShape: shape, outputShape: [outputs])
  }

  private mutating func scaling(from shape: [Int], name: String) -> LinearOperator {
    let count = shape.reduce(1, *)
    let shift = numbers(count)
    return LinearOperator(
      name: name, operatorType: "Mul",
      kind: .scaling(
        Scaling(
          scale: numbers(count), shift: shift, shiftMagnitude: shift.map(\.magnitude),
          // A product and a sum.
          deployedRoundings: 2)),
      inputShape: shape, outputShape: shape)
  }

  /// A permutation, a repetition, a slice or a padding; keeps an image's shape at times.
  private mutating func selection(from shape: [Int], name: String) -> LinearOperator {
    let count = shape.reduce(1, *)
    let keepsShape = random.chance(0.7)
    let outputs = keepsShape ? count : width()
    var source = Array(0..<count).shuffled(using: &random)
    if !keepsShape {
      source = (0..<outputs).map { _ in Int.random(in: -1..<count, using: &random) }
    }
    let constant = source.map { $0 < 0 ? number() : 0 }
    return LinearOperator(
      name: name, operatorType: "Transpose",
      kind: .selection(Selection(source: source, constant: constant)),
      inputShape: shape, outputShape: keepsShape ? shape : [outputs])
  }

  /// A convolution with any stride, padding, dilation and groups that keeps to the width limit.
  private mutating func convolution(from shape: [Int], name: String) -> LinearOperator? {
    let (channels, height, width) = (shape[0], shape[1], shape[2])
    let groups = channels % 2 == 0 && random.chance(0.4) ? 2 : 1
    let vertical = axis(height)
    let horizontal = axis(width)
    let area = vertical.output * horizontal.output
    guard area > 0 else { return nil }
    let most = widthLimit / area / groups
    guard most > 0 else { return nil }
    let outputs = groups * Int.random(in: 1...min(most, 4), using: &random)
    let count = outputs * (channels / groups) * vertical.kernel * horizontal.kernel
    return LinearOperator(
      name: name, operatorType: "Conv",
      kind: .convolution(
        Convolution(
          input: (channels, height, width),
          output: (outputs, vertical.output, horizontal.output),
          kernel: (vertical.kernel, horizontal.kernel),
          stride: (vertical.stride, horizontal.stride),
          pad: (vertical.pad, horizontal.pad),
          dilation: (vertical.dilation, horizontal.dilation), groups: groups,
          weights: numbers(count), bias: numbers(outputs))),
      inputShape: shape, outputShape: [outputs, vertical.output, horizontal.output])
  }

  private typealias Axis = (kernel: Int, stride: Int, pad: Int, dilation: Int, output: Int)

  private mutating func axis(_ size: Int) -> Axis {
    let kernel = Int.random(in: 1...3, using: &random)
    let stride = Int.random(in: 1...3, using: &random)
    let dilation = Int.random(in: 1...2, using: &random)
    let before = Int.random(in: 0...2, using: &random)
    let after = Int.random(in: 0...2, using: &random)
    let room = size + before + after - dilation * (kernel - 1) - 1
    return (kernel, stride, before, dilation, room < 0 ? 0 : room / stride + 1)
  }
}
