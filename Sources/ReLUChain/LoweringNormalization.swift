import NetworkGraph

/// The constants of one channel of a batch-norm, as two scalings: `(x - mean) / sigma`, whose values
/// a deployed network may hold and overflow in, and `gamma y + beta`.
private struct ChannelNorm {
  var inverse: Double
  var moved: Double
  var gamma: Double
  var beta: Double

  /// Roundings of binary64 in `inverse` and `moved`: variance + epsilon 1, square root 1 (and half
  /// of what came before), quotient 1, product with the mean 1.
  static let inexactness = 5

  /// Roundings of a deployed network up to the normalised value: x - mean, variance + epsilon,
  /// root, reciprocal, product.
  static let normalizing = 5

  /// Roundings from there: a product and a sum; one more where scale and shift were folded before.
  static let scaling = 3

  init(gamma: Double, beta: Double, mean: Double, variance: Double, epsilon: Double) {
    inverse = 1 / (variance + epsilon).squareRoot()
    moved = -mean * inverse
    (self.gamma, self.beta) = (gamma, beta)
  }
}

extension Lowering {
  /// BatchNormalization as inference uses it.
  func batchNormalization() throws(NodeRefusal) -> Lowered {
    guard try !call.flag("training_mode") else {
      throw NodeRefusal("training_mode is 1; expected a network exported for inference")
    }
    try call.checkInferenceFlag()
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
    func spread(_ value: (ChannelNorm) -> Double) -> [Double] {
      var result: [Double] = []
      result.reserveCapacity(count)
      for _ in 0..<outer {
        for norm in norms.values { result += repeatElement(value(norm), count: inner) }
      }
      return result
    }
    let normalizing = Scaling(
      scale: spread(\.inverse), shift: spread(\.moved),
      shiftMagnitude: spread { $0.moved.magnitude },
      inexactness: norms.roundings.stored + ChannelNorm.inexactness,
      deployedRoundings: norms.roundings.deployed + ChannelNorm.normalizing)
    let scaling = Scaling(
      scale: spread(\.gamma), shift: spread(\.beta), shiftMagnitude: spread { $0.beta.magnitude },
      inexactness: norms.roundings.stored,
      deployedRoundings: norms.roundings.deployed + ChannelNorm.scaling)
    return unchanged(
      steps: [normalizing, scaling].map {
        step(.scaling($0), from: data.unitShape, to: data.unitShape)
      })
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
      guard norm.inverse.isFinite, norm.moved.isFinite else {
        throw NodeRefusal(
          "channel \(channel) has a deviation of \(1 / norm.inverse); expected a finite quotient")
      }
      norms.append(norm)
    }
    return (norms, roundings)
  }
}
