import NetworkGraph
import ReLUChain

/// The constants of the channels of a batch-norm, as two scalings: `(x - mean) / sigma`, whose values a
/// deployed network may hold and overflow in, and `gamma y + beta`.
private struct ChannelNorms {
  /// Per channel: the parameters, `1 / sigma` and `-mean / sigma`.
  var gamma, beta, mean, inverse, moved: [Double]
  /// The variance and epsilon, and their sum.
  var variance, sum: [Double]
  var normalizing, scaling: Uncertainty

  /// Roundings of binary64 in `inverse` and `moved`: variance + epsilon 1, square root 1 (and half
  /// of what came before), quotient 1, product with the mean 1.
  static let inexactness = 5

  /// Roundings of a deployed network up to the normalised value: x - mean, variance + epsilon,
  /// root, reciprocal, product.
  static let normalizingRoundings = 5

  /// Roundings from there: a product and a sum; one more where scale and shift were folded before.
  static let scalingRoundings = 3

  /// What the network holds on its way, folded or not.
  var held: [HeldNumber] {
    let folded = zip(gamma, inverse).map { $0 * $1 }
    return [
      HeldNumber("mean", mean), HeldNumber("variance", variance),
      HeldNumber("variance plus epsilon", sum, isDivisor: true),
      HeldNumber("1 / sigma", inverse), HeldNumber("gamma / sigma", folded),
      HeldNumber("gamma mean / sigma", zip(folded, mean).map { $0 * $1 }),
    ]
  }
}

extension Lowering {
  /// BatchNormalization as inference uses it.
  func batchNormalization() throws(NodeRefusal) -> Lowered {
    guard try !call.flag("training_mode") else {
      throw NodeRefusal("training_mode is 1; expected a network exported for inference")
    }
    try call.checkInferenceFlag()
    // Before training_mode it was the outputs that said so: mean and variance behind the result.
    let written = call.node.outputs.filter { !$0.isEmpty }.count
    guard call.opsetVersion < 7 || written == 1 else {
      throw NodeRefusal(
        "writes the data's own statistics (\(written) outputs), as training does; expected a network"
          + " exported for inference")
    }
    guard try call.flag("spatial", default: true) else {
      throw NodeRefusal("spatial is 0; expected one statistic a channel")
    }
    guard dataIndex == 0, data.shape.count >= 2 else {
      throw NodeRefusal(
        "the data is \(shapeText(data.shape)) \(data.origin); expected its first input with a"
          + " channel axis")
    }
    guard data.batchAxis != 1 else { throw mixing("normalises") }
    let norms = try channelNorms()
    let inner = try elementCount(of: Array(data.shape[2...]))
    let outer = data.shape[0]
    let count = try elementCount(of: data.shape)
    try budget.take(6 * count)
    func spread(_ channels: [Double]) -> [Double] {
      var result: [Double] = []
      result.reserveCapacity(count)
      for _ in 0..<outer {
        for value in channels { result += repeatElement(value, count: inner) }
      }
      return result
    }
    var normalizing = Scaling(
      scale: spread(norms.inverse), shift: spread(norms.moved),
      shiftMagnitude: spread(norms.moved.map(\.magnitude)), uncertainty: norms.normalizing,
      deployedRoundings: ChannelNorms.normalizingRoundings,
      // The mean, and the sum of variance and epsilon: two in a path.
      sources: [norms.mean, norms.variance, norms.sum], sourceRoundings: 2)
    normalizing.leastDivisor = norms.sum.min() ?? .infinity
    let scaling = Scaling(
      scale: spread(norms.gamma), shift: spread(norms.beta),
      shiftMagnitude: spread(norms.beta.map(\.magnitude)), uncertainty: norms.scaling,
      deployedRoundings: ChannelNorms.scalingRoundings, sources: [norms.gamma, norms.beta],
      // gamma / sigma multiplies x - mean, sigma times the input here.
      constantUnderflow: norms.inverse.reduce(1) { max($0, 1 / $1) } * (1 + 0x1p-40))
    return unchanged(
      steps: [(normalizing, norms.held), (scaling, [])].map {
        step(.scaling($0.0), from: data.unitShape, to: data.unitShape, holding: $0.1)
      })
  }

  private func channelNorms() throws(NodeRefusal) -> ChannelNorms {
    let channels = data.shape[1]
    func parameter(_ index: Int, _ role: String) throws(NodeRefusal) -> Constant {
      let constant = try call.constant(index, role)
      guard constant.shape == [channels] else {
        throw mismatch(role, constant.shape, expected: "[\(channels)]")
      }
      _ = try constant.weights(as: role)
      return constant
    }
    let (gamma, beta) = (try parameter(1, "scale"), try parameter(2, "bias"))
    let (mean, variance) = (try parameter(3, "mean"), try parameter(4, "variance"))
    // The standard's default is a binary32 number.
    let epsilon = try call.float("epsilon", default: Double(Float(1e-5)))
    var norms = ChannelNorms(
      gamma: gamma.doubles, beta: beta.doubles, mean: mean.doubles, inverse: [], moved: [],
      variance: variance.doubles, sum: [],
      normalizing: Uncertainty(roundings: ChannelNorms.inexactness),
      scaling: Uncertainty(
        weights: gamma.doubles, errors: gamma.errors, offsets: beta.doubles,
        offsetErrors: beta.errors))
    for channel in 0..<channels {
      let sum = norms.variance[channel] + epsilon
      guard norms.variance[channel] >= 0, sum > 0, epsilon >= 0 else {
        throw NodeRefusal(
          "variance[\(channel)] is \(norms.variance[channel]) with epsilon \(epsilon); expected a"
            + " positive sum")
      }
      let inverse = 1 / sum.squareRoot()
      let moved = -norms.mean[channel] * inverse
      guard inverse.isFinite, moved.isFinite else {
        throw NodeRefusal(
          "channel \(channel) has a deviation of \(1 / inverse); expected a finite quotient")
      }
      norms.sum.append(sum)
      norms.inverse.append(inverse)
      norms.moved.append(moved)
    }
    if !mean.isExact || !variance.isExact {
      norms.normalizing = try norms.normalizing + uncertainty(of: norms, mean, variance)
    }
    return norms
  }

  /// What the errors of mean and variance change of `1 / sigma` and of `mean / sigma`.
  ///
  /// With `r` the relative error of variance + epsilon, `1 / sigma` errs by `(1 - r)^(-1/2) - 1
  /// <= r / (1 - r)` relatively, and so does its product with the mean, whose own error is scaled.
  private func uncertainty(
    of norms: ChannelNorms, _ mean: Constant, _ variance: Constant
  ) throws(NodeRefusal) -> Uncertainty {
    var result = Uncertainty.none
    for channel in norms.sum.indices {
      let ratio = (variance.errors?[channel] ?? 0) / norms.sum[channel] * (1 + 0x1p-40)
      guard ratio < 0.5 else {
        throw NodeRefusal(
          "variance[\(channel)] is \(norms.variance[channel]), computed from constants whose"
            + " rounding may change it by as much; expected them folded before export")
      }
      let relative = ratio / (1 - ratio) * (1 + 0x1p-40)
      let error = (mean.errors?[channel] ?? 0) * norms.inverse[channel] * (1 + relative)
      result.relative = max(result.relative, relative)
      result.perUnit = max(result.perUnit, error * (1 + 0x1p-40))
    }
    return result
  }
}
