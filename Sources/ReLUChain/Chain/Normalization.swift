import NetworkGraph

/// A number of means or deviations that fits neither the whole input nor its channels.
public struct NormalizationMismatch: Error, Equatable, Sendable, CustomStringConvertible {
  /// How many values were given.
  public var count: Int
  /// The input's channels: the first dimension of one example.
  public var channels: Int

  /// Creates a mismatch.
  public init(count: Int, channels: Int) {
    (self.count, self.channels) = (count, channels)
  }

  /// The message: `3 values; expected 1, or 1 for each of 2 channels`.
  public var description: String {
    "\(count) values; expected 1, or 1 for each of \(channels) channels"
  }
}

extension ReLUChain {
  /// The chain behind `(x - mean) / std`, two operators in front of the first stage.
  ///
  /// Whoever certifies a network deployed in binary32 rounds the values to binary32 first; otherwise
  /// a value stands for a typed decimal, one rounding of binary64 away. Deployed roundings: 1 for the
  /// difference; 2 for the quotient, which may be a product with a rounded reciprocal.
  ///
  /// - Parameters:
  ///   - mean: One value, or one a channel; finite.
  ///   - std: One value, or one a channel; finite, above 0, with a finite reciprocal.
  ///   - channelAxis: Which dimension of `inputShape` counts the channels.
  public func normalizing(
    mean: [Double], std: [Double], channelAxis: Int = 0
  ) throws(NormalizationMismatch) -> ReLUChain {
    let means = try spread(mean, channelAxis)
    let deviations = try spread(std, channelAxis)
    let count = inputCount
    let difference = Scaling(
      scale: [Double](repeating: 1, count: count), shift: means.map { -$0 },
      shiftMagnitude: means.map(abs), uncertainty: Uncertainty(roundings: 1), deployedRoundings: 1)
    let factors = deviations.map { 1 / $0 }
    let isExact = zip(factors, deviations).allSatisfy { (-1).addingProduct($0, $1) == 0 }
    let zeros = [Double](repeating: 0, count: count)
    var quotient = Scaling(
      scale: factors, shift: zeros, shiftMagnitude: zeros,
      uncertainty: Uncertainty(roundings: isExact ? 1 : 2), deployedRoundings: isExact ? 1 : 2,
      sources: [deviations])
    quotient.leastDivisor = deviations.min() ?? .infinity
    func front(
      _ type: String, _ name: String, _ scaling: Scaling, _ held: HeldNumber
    ) -> LinearOperator {
      LinearOperator(
        name: name, operatorType: type, kind: .scaling(scaling), inputShape: inputShape,
        outputShape: inputShape, heldNumbers: [held])
    }
    let operators = [
      front("Sub", "--mean", difference, HeldNumber("mean", means)),
      front("Div", "--std", quotient, HeldNumber("std", deviations, isDivisor: true)),
    ]
    let first = stages[0].with(operators: operators + stages[0].operators)
    return with(stages: [first] + stages.dropFirst())
  }

  /// One value a feature, for one value or one a channel.
  private func spread(
    _ values: [Double], _ channelAxis: Int
  ) throws(NormalizationMismatch) -> [Double] {
    let channels = inputShape.indices.contains(channelAxis) ? inputShape[channelAxis] : 1
    guard values.count == 1 || values.count == channels else {
      throw NormalizationMismatch(count: values.count, channels: channels)
    }
    let inner = inputShape.dropFirst(channelAxis + 1).reduce(1, *)
    return (0..<inputCount).map { feature in
      values.count == 1 ? values[0] : values[feature / inner % channels]
    }
  }
}
