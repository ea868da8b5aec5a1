/// One affine operator of a chain, `y = W x + b`, with logical units in the file's own order.
///
/// The engine's promise covers the network *as the file writes it*, so operators are never folded
/// into each other here: a normalisation in front of a convolution stays an operator of its own.
public struct LinearOperator: Sendable {
  /// The node in the file that this operator came from, for messages and `inspect`.
  public let name: String
  /// The operator's type in the file (`Gemm`, `Conv`, `Add`, ...).
  public let operatorType: String
  /// The linear map and its offset.
  public private(set) var kind: Kind
  /// The shape of the input without the batch dimension, for display and layout.
  public let inputShape: [Int]
  /// The shape of the output without the batch dimension.
  public let outputShape: [Int]
  /// How many numbers of the file the operator uses; nil where no file is behind it.
  package private(set) var fileParameters: Int?
  /// Numbers of the file behind the operator's own that a deployed network has to hold.
  package let heldNumbers: [HeldNumber]
  /// Whether the operator is part of a rewriting: a deployed network computes what the rewriting stands
  /// for without rounding (max, clip, negation), so that it is charged nothing here but for numbers
  /// that its format does not have.
  public let isVirtual: Bool
  /// The outputs that cannot be negative, whatever the input, in any arithmetic: what a ReLU made,
  /// carried along by a rewriting.
  public private(set) var nonNegativeOutputs: [Range<Int>] = []
  /// What the magnitude of every output must be proved to stay below, in any arithmetic: where a Clip
  /// was left out that could bind there.
  public private(set) var outputLimit = Double.infinity
  /// That Clip, for evaluations: bounds do not need it where `outputLimit` is proved.
  public private(set) var outputClip = -Double.infinity...Double.infinity
  /// The values of the file that stand behind the operator, in front of any ReLU.
  package private(set) var values: [NamedValue] = []

  /// What the operator computes.
  public enum Kind: Sendable {
    case dense(Dense)
    case convolution(Convolution)
    case scaling(Scaling)
    case selection(Selection)
  }

  /// Creates an operator from its parts.
  public init(
    name: String, operatorType: String, kind: Kind, inputShape: [Int], outputShape: [Int],
    heldNumbers: [HeldNumber] = [], isVirtual: Bool = false
  ) {
    (self.name, self.operatorType, self.kind) = (name, operatorType, kind)
    (self.inputShape, self.outputShape) = (inputShape, outputShape)
    (self.heldNumbers, self.isVirtual) = (heldNumbers, isVirtual)
  }

  /// The number of input units.
  public var inputCount: Int { inputShape.reduce(1, *) }
  /// The number of output units.
  public var outputCount: Int { outputShape.reduce(1, *) }
}

// An operator is never changed: these give another one.
extension LinearOperator {
  /// The operator with another map between the same shapes.
  package func computing(_ kind: Kind) -> LinearOperator {
    var result = self
    result.kind = kind
    return result
  }

  /// The operator with so many numbers of the file.
  package func using(fileParameters: Int) -> LinearOperator {
    var result = self
    result.fileParameters = fileParameters
    return result
  }

  /// The operator with outputs that cannot be negative.
  package func withNonNegative(_ outputs: [Range<Int>]) -> LinearOperator {
    var result = self
    result.nonNegativeOutputs = outputs
    return result
  }

  /// The operator with a Clip behind it left out.
  ///
  /// - Parameters:
  ///   - limit: What magnitudes must stay below, so that it does not bind.
  ///   - clip: Its ends; -infinity and infinity for one that is not left out.
  package func limitingOutput(
    to limit: Double, _ clip: ClosedRange<Double> = -Double.infinity...Double.infinity
  ) -> LinearOperator {
    var result = self
    result.outputLimit = min(outputLimit, limit)
    result.outputClip = outputClip.clamped(to: clip)
    return result
  }

  /// The operator with more values of the file behind it.
  package func naming(_ values: [NamedValue]) -> LinearOperator {
    var result = self
    result.values += values
    return result
  }
}

/// `y = W x + b` with a full matrix.
public struct Dense: Sendable {
  /// `[outputCount, inputCount]`, row-major.
  public var weights: [Double]
  /// `[outputCount]`.
  public var bias: [Double]
  /// How far weights and bias may lie from those that are meant.
  public var uncertainty: Uncertainty

  /// Creates a dense operator.
  public init(weights: [Double], bias: [Double], uncertainty: Uncertainty = .none) {
    (self.weights, self.bias, self.uncertainty) = (weights, bias, uncertainty)
  }
}

/// A 2-D convolution (cross-correlation, as ONNX defines Conv); 1-D is a height of 1.
public struct Convolution: Sendable {
  /// Input channels, height, width: the input's units are `[channels, height, width]`, row-major.
  public var inputChannels, inputHeight, inputWidth: Int
  /// Output channels, height, width.
  public var outputChannels, outputHeight, outputWidth: Int
  /// Kernel height and width.
  public var kernelHeight, kernelWidth: Int
  /// Strides.
  public var strideY, strideX: Int
  /// Padding before the first row and column (what stands after follows from the output's size).
  public var padTop, padLeft: Int
  /// Dilations.
  public var dilationY, dilationX: Int
  /// Groups.
  public var groups: Int
  /// `[outputChannels, inputChannels / groups, kernelHeight, kernelWidth]`, row-major.
  public var weights: [Double]
  /// `[outputChannels]`.
  public var bias: [Double]
  /// As in `Dense`.
  public var uncertainty: Uncertainty

  /// Creates a convolution.
  public init(
    input: (channels: Int, height: Int, width: Int),
    output: (channels: Int, height: Int, width: Int),
    kernel: (height: Int, width: Int), stride: (y: Int, x: Int), pad: (top: Int, left: Int),
    dilation: (y: Int, x: Int), groups: Int, weights: [Double], bias: [Double],
    uncertainty: Uncertainty = .none
  ) {
    (inputChannels, inputHeight, inputWidth) = (input.channels, input.height, input.width)
    (outputChannels, outputHeight, outputWidth) = (output.channels, output.height, output.width)
    (kernelHeight, kernelWidth) = (kernel.height, kernel.width)
    (strideY, strideX) = (stride.y, stride.x)
    (padTop, padLeft) = (pad.top, pad.left)
    (dilationY, dilationX) = (dilation.y, dilation.x)
    (self.groups, self.weights, self.bias, self.uncertainty) = (groups, weights, bias, uncertainty)
  }
}

/// `y_i = scale_i x_i + shift_i`, unit by unit: normalisation, Add, Sub, Mul, Div, batch-norm.
public struct Scaling: Sendable {
  /// `[count]`.
  public var scale: [Double]
  /// `[count]`.
  public var shift: [Double]
  /// `[count]`: at least the sum of the magnitudes of the terms that make up `shift`
  /// (|gamma * mean / sigma| + |beta|), for the rounding of a network that computes them apart.
  public var shiftMagnitude: [Double]
  /// As in `Dense`; offsets are relative to `shiftMagnitude`.
  public var uncertainty: Uncertainty
  /// How many roundings a deployed network may make in computing one output, in any of the usual
  /// ways of evaluating the operator: Neg 0; Add, Sub and Mul 1; Div 2 (1 where the reciprocal is
  /// exact); batch-norm 8. Relative to `|scale_i x_i|` plus `shiftMagnitude_i`.
  public var deployedRoundings: Int
  /// The numbers of the file that the operator is made of, of which the deployed format may have to
  /// round each first.
  public var sources: [[Double]]
  /// How many of these roundings stand in one path.
  public var sourceRoundings: Int
  /// Where products of the file's constants are held and may underflow: what their absolute error is
  /// multiplied by beside an input's magnitude; 0 where there is none.
  public var constantUnderflow: Double
  /// The least magnitude of what the operator divides by: where it is subnormal in the deployed
  /// format, a rounding of it is more than a unit roundoff.
  public var leastDivisor = Double.infinity

  /// Creates a scaling.
  ///
  /// - Parameter sources: Left out, scale and shift themselves.
  public init(
    scale: [Double], shift: [Double], shiftMagnitude: [Double], uncertainty: Uncertainty = .none,
    deployedRoundings: Int, sources: [[Double]]? = nil, sourceRoundings: Int = 1,
    constantUnderflow: Double = 0
  ) {
    self.scale = scale
    (self.shift, self.shiftMagnitude) = (shift, shiftMagnitude)
    (self.uncertainty, self.deployedRoundings) = (uncertainty, deployedRoundings)
    self.sources = sources ?? [scale, shift]
    (self.sourceRoundings, self.constantUnderflow) = (sourceRoundings, constantUnderflow)
  }
}

extension LinearOperator {
  /// Whether the operator adds anything.
  public var hasOffset: Bool {
    switch kind {
    case .dense(let dense): dense.bias.contains { $0 != 0 }
    case .convolution(let convolution): convolution.bias.contains { $0 != 0 }
    case .scaling(let scaling): scaling.shiftMagnitude.contains { $0 != 0 }
    case .selection(let selection): selection.constant.contains { $0 != 0 }
    }
  }
}

extension Convolution {
  /// The number of input units.
  public var inputCount: Int { inputChannels * inputHeight * inputWidth }
  /// The number of output units.
  public var outputCount: Int { outputChannels * outputHeight * outputWidth }
}

/// `y_i = x_{source_i}`, or the constant `constant_i` where `source_i` is -1: transposition,
/// slicing and padding. Exact in every arithmetic.
public struct Selection: Sendable {
  /// `[outputCount]`: the input unit that each output unit repeats, or -1.
  public var source: [Int]
  /// `[outputCount]`: the value where `source` is -1; 0 elsewhere.
  public var constant: [Double]

  /// Creates a selection.
  public init(source: [Int], constant: [Double]) {
    (self.source, self.constant) = (source, constant)
  }
}
