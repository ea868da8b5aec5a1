import ReLUChain

extension LinearOperator {
  /// The operator as an exact matrix, straight from the definition of each kind.
  var exactStage: ExactStage {
    let taps = self.taps
    return ExactStage(
      rows: taps.map { tap in
        var sums: [Int: Rational] = [:]
        for term in tap.terms { sums[term.source, default: .zero] += Rational(term.weight) }
        return sums.filter { !$0.value.isZero }.sorted { $0.key < $1.key }
          .map { ($0.key, $0.value) }
      },
      bias: taps.map { Rational($0.offset) }, inputCount: inputCount)
  }

  /// What every output unit sums: `offset + sum of weight * input[source]`, zero weights included.
  public var taps: [Taps] {
    switch kind {
    case .dense(let dense):
      return (0..<outputCount).map { row in
        Taps(
          terms: (0..<inputCount).map {
            Taps.Term(source: $0, weight: dense.weights[row * inputCount + $0])
          }, offset: dense.bias[row])
      }
    case .convolution(let convolution):
      return convolution.taps
    case .scaling(let scaling):
      return zip(scaling.scale, scaling.shift).enumerated().map { unit, numbers in
        Taps(terms: [Taps.Term(source: unit, weight: numbers.0)], offset: numbers.1)
      }
    case .selection(let selection):
      return zip(selection.source, selection.constant).map { source, constant in
        source < 0
          ? Taps(terms: [], offset: constant)
          : Taps(terms: [Taps.Term(source: source, weight: 1)], offset: 0)
      }
    }
  }
}

/// The sum that one output unit of an operator computes.
public struct Taps: Sendable {
  /// One product of the sum.
  public struct Term: Sendable {
    /// The input unit.
    public var source: Int
    /// Its weight.
    public var weight: Double
  }

  /// The products.
  public var terms: [Term]
  /// The constant.
  public var offset: Double
}

extension Convolution {
  /// Every output unit's taps, in the order channel, row, column; padding contributes none.
  ///
  /// ONNX Conv: `y[o, p, q] = b[o] + sum over c, i, j of W[o, c, i, j] *
  /// x[group * inputsPerGroup + c, p * strideY + i * dilationY - padTop, q * strideX + ...]`.
  var taps: [Taps] {
    var result: [Taps] = []
    for channel in 0..<outputChannels {
      for row in 0..<outputHeight {
        for column in 0..<outputWidth {
          result.append(
            Taps(terms: terms(channel: channel, row: row, column: column), offset: bias[channel]))
        }
      }
    }
    return result
  }

  private func terms(channel: Int, row: Int, column: Int) -> [Taps.Term] {
    let inputsPerGroup = inputChannels / groups
    let group = channel / (outputChannels / groups)
    var terms: [Taps.Term] = []
    for inputInGroup in 0..<inputsPerGroup {
      for kernelY in 0..<kernelHeight {
        let y = row * strideY + kernelY * dilationY - padTop
        guard (0..<inputHeight).contains(y) else { continue }
        for kernelX in 0..<kernelWidth {
          let x = column * strideX + kernelX * dilationX - padLeft
          guard (0..<inputWidth).contains(x) else { continue }
          let input = group * inputsPerGroup + inputInGroup
          let weight =
            ((channel * inputsPerGroup + inputInGroup) * kernelHeight + kernelY) * kernelWidth
            + kernelX
          terms.append(
            Taps.Term(
              source: (input * inputHeight + y) * inputWidth + x, weight: weights[weight]))
        }
      }
    }
    return terms
  }
}
