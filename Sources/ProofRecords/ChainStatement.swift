/// A network as a proof states it: what an auditor's loops run over, whatever file it came from.
///
/// `zhat_{i+1} = W_i z_i + b_i`, `z_i = max(zhat_i, 0)` (Wong & Kolter 2018, eq. 1). A stage is one `W_i`,
/// as operators in order of evaluation; a ReLU stands between stages, and none behind the last. Units
/// are in the file's own order, images as `[channels, height, width]`.
package struct ChainStatement: Sendable, Equatable {
  package var inputCount: Int
  package var stages: [[OperatorStatement]]
  /// Whether constants that the file computes were read for the type of the deployment.
  package var isRead: Bool

  package init(inputCount: Int, stages: [[OperatorStatement]], isRead: Bool) {
    (self.inputCount, self.stages, self.isRead) = (inputCount, stages, isRead)
  }

  /// The number of logits.
  package var classCount: Int { stages.last?.last?.outputCount ?? 0 }
}

/// One operator `y = W x + b`.
package struct OperatorStatement: Sendable, Equatable {
  /// What it computes.
  package enum Map: Sendable, Equatable {
    /// `weights`: `[outputs, inputs]`, row-major.
    case dense(weights: [Double], bias: [Double])
    case convolution(ConvolutionShape, weights: [Double], bias: [Double])
    /// `y_i = scale_i x_i + shift_i`, where the offset may be computed of terms with this sum of magnitudes.
    case scaling(scale: [Double], shift: [Double], magnitude: [Double])
    /// `y_i = x_{source_i}`, or `constant_i` where the source is -1.
    case selection(source: [Int], constant: [Double])
  }

  package var map: Map
  package var inputCount: Int
  package var outputCount: Int
  /// How far the stored numbers may lie from those that are meant: a weight by
  /// `relative |w| + perInput`, an offset by `relative |b| + perUnit`.
  package var relative = 0.0
  package var perInput = 0.0
  package var perUnit = 0.0
  /// Part of a rewriting: a deployed network computes what it stands for without rounding.
  package var isVirtual = false
  /// A scaling's roundings in the deployed network, the numbers that it is made of, how many of them
  /// stand in one path, what their products' underflow is multiplied by, the least divisor.
  package var roundings = 0
  package var sources: [[Double]] = []
  package var sourceRoundings = 0
  package var constantUnderflow = 0.0
  package var leastDivisor = Double.infinity
  /// Numbers that the deployed network must be able to hold: the largest of a kind and, of divisors, the
  /// least.
  package var held: [HeldPair] = []
  /// What every output's magnitude must be proved to stay below.
  package var outputLimit = Double.infinity

  package struct HeldPair: Sendable, Equatable {
    package var largest: Double
    package var least: Double?

    package init(largest: Double, least: Double?) {
      (self.largest, self.least) = (largest, least)
    }
  }

  package init(map: Map, inputCount: Int, outputCount: Int) {
    (self.map, self.inputCount, self.outputCount) = (map, inputCount, outputCount)
  }
}

/// A convolution's shape (cross-correlation, as ONNX defines Conv).
package struct ConvolutionShape: Sendable, Equatable {
  package var inputChannels, inputHeight, inputWidth: Int
  package var outputChannels, outputHeight, outputWidth: Int
  package var kernelHeight, kernelWidth: Int
  package var strideY, strideX: Int
  package var padTop, padLeft: Int
  package var dilationY, dilationX: Int
  package var groups: Int

  /// In the order of the declarations above: fifteen numbers.
  package init?(_ numbers: [Int]) {
    guard numbers.count == Self.count else { return nil }
    (inputChannels, inputHeight, inputWidth) = (numbers[0], numbers[1], numbers[2])
    (outputChannels, outputHeight, outputWidth) = (numbers[3], numbers[4], numbers[5])
    (kernelHeight, kernelWidth) = (numbers[6], numbers[7])
    (strideY, strideX, padTop, padLeft) = (numbers[8], numbers[9], numbers[10], numbers[11])
    (dilationY, dilationX, groups) = (numbers[12], numbers[13], numbers[14])
  }

  package static let count = 15

  package var numbers: [Int] {
    [
      inputChannels, inputHeight, inputWidth, outputChannels, outputHeight, outputWidth,
      kernelHeight, kernelWidth, strideY, strideX, padTop, padLeft, dilationY, dilationX, groups,
    ]
  }
}

extension ChainStatement {
  /// Whether every operator fits its numbers and the operator before it, so that loops over it end
  /// inside of them.
  package var isConsistent: Bool {
    var count = inputCount
    guard inputCount > 0, !stages.isEmpty else { return false }
    for stage in stages {
      guard !stage.isEmpty else { return false }
      for statement in stage {
        guard statement.inputCount == count, statement.isConsistent else { return false }
        count = statement.outputCount
      }
    }
    return true
  }
}

extension OperatorStatement {
  fileprivate var isConsistent: Bool {
    // No product of counts below overflows, and no memory would hold more.
    guard inputCount > 0, outputCount > 0, max(inputCount, outputCount) < 1 << 26 else {
      return false
    }
    let facts = [relative, perInput, perUnit, constantUnderflow].allSatisfy {
      $0 >= 0 && $0.isFinite
    }
    guard facts, roundings < 1 << 61, sourceRoundings < 1 << 30, leastDivisor > 0 else {
      return false
    }
    switch map {
    case .dense(let weights, let bias):
      return weights.count == inputCount * outputCount && bias.count == outputCount
    case .scaling(let scale, let shift, let magnitude):
      return inputCount == outputCount
        && [scale, shift, magnitude].allSatisfy { $0.count == outputCount }
        && zip(shift, magnitude).allSatisfy { $0.magnitude <= $1 }
    case .selection(let source, let constant):
      return source.count == outputCount && constant.count == outputCount
        && source.allSatisfy { $0 < inputCount }
    case .convolution(let c, let weights, let bias):
      return c.isConsistent && inputCount == c.inputChannels * c.inputHeight * c.inputWidth
        && outputCount == c.outputChannels * c.outputHeight * c.outputWidth
        && bias.count == c.outputChannels
        && weights.count
          == c.outputChannels * (c.inputChannels / c.groups) * c.kernelHeight * c.kernelWidth
    }
  }
}

extension ConvolutionShape {
  fileprivate var isConsistent: Bool {
    let positive = [
      inputChannels, inputHeight, inputWidth, outputChannels, outputHeight, outputWidth,
      kernelHeight, kernelWidth, strideY, strideX, dilationY, dilationX, groups,
    ]
    // Three of them multiply without overflow.
    return positive.allSatisfy { $0 > 0 && $0 < 1 << 20 } && padTop < 1 << 20 && padLeft < 1 << 20
      && inputChannels % groups == 0 && outputChannels % groups == 0
  }
}
