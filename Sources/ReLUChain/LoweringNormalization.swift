import NetworkGraph

/// The constants of one channel of a batch-norm, folded to `scale x + shift`.
private struct ChannelNorm {
  var scale: Double
  var shift: Double
  var magnitude: Double

  /// Roundings of binary64 in `scale` and `shift`: variance + epsilon 1, square root 1 (and half of
  /// what came before), quotient 1, product with the mean 1, difference 1, the magnitude's own 1.
  static let inexactness = 6

  /// Roundings of a deployed network, relative to `|scale x| + magnitude`, by the longer of two
  /// ways. Unfolded: x - mean, variance + epsilon, root, reciprocal, two products, sum: 7. Folded
  /// into a scale and a shift: the scale 4, product 1; the shift one more product and difference,
  /// sum 1: 7. Folded further into the weights in front of it: 1 more.
  static let deployedRoundings = 8

  init(gamma: Double, beta: Double, mean: Double, variance: Double, epsilon: Double) {
    scale = gamma / (variance + epsilon).squareRoot()
    let moved = mean * scale
    shift = beta - moved
    magnitude = (abs(beta) + abs(moved)).nextUp
  }
}

extension Lowering {
  /// BatchNormalization as inference uses it.
  func batchNormalization() throws(NodeRefusal) -> Lowered {
    guard try !call.flag("training_mode") else {
      throw NodeRefusal("training_mode is 1; expected a network exported for inference")
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
    try budget.take(3 * count)
    func spread(_ value: (ChannelNorm) -> Double) -> [Double] {
      var result: [Double] = []
      result.reserveCapacity(count)
      for _ in 0..<outer {
        for norm in norms.values { result += repeatElement(value(norm), count: inner) }
      }
      return result
    }
    let scaling = Scaling(
      scale: spread(\.scale), shift: spread(\.shift), shiftMagnitude: spread(\.magnitude),
      inexactness: norms.roundings.stored + ChannelNorm.inexactness,
      deployedRoundings: norms.roundings.deployed + ChannelNorm.deployedRoundings)
    return unchanged(steps: [step(.scaling(scaling), from: data.unitShape, to: data.unitShape)])
  }

  private func channelNorms() throws(NodeRefusal) -> (
    values: [ChannelNorm], roundings: Constant.Roundings
  ) {
    let roles = ["scale", "bias", "mean", "variance"]
    let channels = data.shape[1]
    var parameters: [[Double]] = []
    var roundings = Constant.Roundings()
    for (index, role) in roles.enumerated() {
      let constant = try call.constant(index + 1, role)
      guard constant.shape == [channels] else {
        throw mismatch(role, constant.shape, expected: "[\(channels)]")
      }
      let own = try constant.relativeRoundings()
      roundings.stored += own.stored
      roundings.deployed += own.deployed
      parameters.append(try constant.weights(as: role))
    }
    // The standard's default is a binary32 number.
    let epsilon = try call.float("epsilon", default: Double(Float(1e-5)))
    var norms: [ChannelNorm] = []
    for channel in 0..<channels {
      let variance = parameters[3][channel]
      guard variance >= 0, variance + epsilon > 0, epsilon >= 0 else {
        throw NodeRefusal(
          "variance[\(channel)] is \(variance) with epsilon \(epsilon); expected a positive sum")
      }
      let norm = ChannelNorm(
        gamma: parameters[0][channel], beta: parameters[1][channel], mean: parameters[2][channel],
        variance: variance, epsilon: epsilon)
      guard norm.scale.isFinite, norm.magnitude.isFinite else {
        throw NodeRefusal("channel \(channel) has a scale of \(norm.scale); expected a finite one")
      }
      norms.append(norm)
    }
    return (norms, roundings)
  }
}
