/// One affine operator of a chain, `y = W x + b`, with logical units in the file's own order.
///
/// The engine's promise covers the network *as the file writes it*, so operators are never folded
/// into each other here: a normalisation in front of a convolution stays an operator of its own.
public struct LinearOperator: Sendable {
  /// The node in the file that this operator came from, for messages and `inspect`.
  public var name: String
  /// The operator's type in the file (`Gemm`, `Conv`, `Add`, ...).
  public var operatorType: String
  /// The linear map and its offset.
  public var kind: Kind
  /// The shape of the input without the batch dimension, for display and layout.
  public var inputShape: [Int]
  /// The shape of the output without the batch dimension.
  public var outputShape: [Int]
  /// How many numbers of the file the operator uses; nil where no file is behind it.
  public var fileParameters: Int?

  /// What the operator computes.
  public enum Kind: Sendable {
    case dense(Dense)
    case convolution(Convolution)
    case scaling(Scaling)
    case selection(Selection)
  }

  /// Creates an operator from its parts.
  public init(
    name: String, operatorType: String, kind: Kind, inputShape: [Int], outputShape: [Int]
  ) {
    self.name = name
    self.operatorType = operatorType
    self.kind = kind
    self.inputShape = inputShape
    self.outputShape = outputShape
  }

  /// The number of input units.
  public var inputCount: Int { inputShape.reduce(1, *) }
  /// The number of output units.
  public var outputCount: Int { outputShape.reduce(1, *) }
}

/// `y = W x + b` with a full matrix.
public struct Dense: Sendable {
  /// `[outputCount, inputCount]`, row-major.
  public var weights: [Double]
  /// `[outputCount]`.
  public var bias: [Double]
  /// How many roundings of binary64 each stored number carries against the file's exact value
  /// (0 where it *is* the file's value; alpha * B in Gemm of doubles carries 1).
  public var inexactness: Int
  /// How many roundings a deployed network may make beyond those of the products and their sum:
  /// for weights that it computes from other constants, for Gemm's alpha and beta.
  public var extraRoundings: Int

  /// Creates a dense operator.
  public init(
    weights: [Double], bias: [Double], inexactness: Int = 0, extraRoundings: Int = 0
  ) {
    self.weights = weights
    self.bias = bias
    self.inexactness = inexactness
    self.extraRoundings = extraRoundings
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
  public var inexactness: Int
  /// As in `Dense`.
  public var extraRoundings: Int

  /// Creates a convolution.
  public init(
    input: (channels: Int, height: Int, width: Int),
    output: (channels: Int, height: Int, width: Int),
    kernel: (height: Int, width: Int), stride: (y: Int, x: Int), pad: (top: Int, left: Int),
    dilation: (y: Int, x: Int), groups: Int, weights: [Double], bias: [Double],
    inexactness: Int = 0, extraRoundings: Int = 0
  ) {
    (inputChannels, inputHeight, inputWidth) = (input.channels, input.height, input.width)
    (outputChannels, outputHeight, outputWidth) = (output.channels, output.height, output.width)
    (kernelHeight, kernelWidth) = (kernel.height, kernel.width)
    (strideY, strideX) = (stride.y, stride.x)
    (padTop, padLeft) = (pad.top, pad.left)
    (dilationY, dilationX) = (dilation.y, dilation.x)
    self.groups = groups
    self.weights = weights
    self.bias = bias
    self.inexactness = inexactness
    self.extraRoundings = extraRoundings
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
  /// As in `Dense`: binary64 roundings in `scale` and `shift` (relative to `shiftMagnitude`).
  public var inexactness: Int
  /// How many roundings a deployed network may make in computing one output, in any of the usual
  /// ways of evaluating the operator, those of the constants included: Neg 0; Add, Sub and Mul 1;
  /// Div 2 (1 where the reciprocal is exact); batch-norm 8. Relative to `|scale_i x_i|` plus
  /// `shiftMagnitude_i`.
  public var deployedRoundings: Int

  /// Creates a scaling.
  public init(
    scale: [Double], shift: [Double], shiftMagnitude: [Double], inexactness: Int,
    deployedRoundings: Int
  ) {
    self.scale = scale
    self.shift = shift
    self.shiftMagnitude = shiftMagnitude
    self.inexactness = inexactness
    self.deployedRoundings = deployedRoundings
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
    self.source = source
    self.constant = constant
  }
}
