import ReLUChain

/// The network's own evaluation at one point: what a prediction is made of, and the logits that a run
/// writes. No proof rests on it.
///
/// The order is the file's: operator by operator; a dense sum takes its products by input, from the
/// first to the last, and then the bias; a convolution starts with the bias and takes its products by
/// input channel, row and column of the kernel; a scaling is a product and a sum.
/// - *Deployed*: input and numbers are rounded to the network's type, and so is every product and
///   every sum; a half-precision network that sums in binary32 rounds products and sums to that, and
///   each output once to its own type. This is one of the evaluations that certificates speak of.
/// - What a rewriting stands for (a maximum, a clip) is no sum there: its operators are not rounded.
/// - A Clip at the ends of binary32, which bounds leave out where it cannot bind, is there.
/// - *Real*: every product and sum in about 106 bits (double-double; Dekker 1971), and the logits
///   rounded to the nearest binary64.
public struct NetworkEvaluation: Sendable {
  private let chain: ReLUChain
  private let arithmetic: Arithmetic
  private let wideSums: Bool

  /// Prepares a chain.
  ///
  /// - Parameter wideSums: a half-precision network accumulates its sums in binary32.
  public init(_ chain: ReLUChain, arithmetic: Arithmetic, wideSums: Bool = true) {
    (self.arithmetic, self.wideSums) = (arithmetic, wideSums)
    self.chain =
      switch arithmetic {
      case .real, .float64: chain
      case .float32: chain.mappingNumbers(Binary32.stored)
      case .float16: chain.mappingNumbers(Binary16.stored)
      case .bfloat16: chain.mappingNumbers(Brain16.stored)
      }
  }

  /// The logits.
  ///
  /// - Parameter input: `[inputCount]`, in the network's order.
  /// - Returns: `[classCount]`; an overflow is an infinity or NaN, as it is where a network runs.
  public func logits(at input: [Double]) -> [Double] {
    precondition(input.count == chain.inputCount, "one value a feature")
    return switch (arithmetic, wideSums) {
    case (.real, _): PreciseNumber.evaluate(chain, at: input)
    case (.float64, _): RoundedEvaluation<Binary64>.evaluate(chain, at: input)
    case (.float32, _): RoundedEvaluation<Binary32>.evaluate(chain, at: input)
    case (.float16, true): RoundedEvaluation<Wide<Binary16>>.evaluate(chain, at: input)
    case (.float16, false): RoundedEvaluation<Binary16>.evaluate(chain, at: input)
    case (.bfloat16, true): RoundedEvaluation<Wide<Brain16>>.evaluate(chain, at: input)
    case (.bfloat16, false): RoundedEvaluation<Brain16>.evaluate(chain, at: input)
    }
  }

  /// The class of the largest logit, the lowest such class on a tie; the first that is not a number,
  /// where one is not, as NumPy has it.
  public static func prediction(of logits: [Double]) -> Int {
    var best = 0
    for (index, logit) in logits.enumerated().dropFirst() {
      if logits[best].isNaN { break }
      if logit > logits[best] || logit.isNaN { best = index }
    }
    return best
  }
}

/// How one type of deployed network rounds; every number is held in binary64.
///
/// A product of two numbers of at most 24 bits is exact in binary64. A sum that is rounded to 53
/// bits and then to 24 or fewer is the sum rounded once (Figueroa 1995: 53 >= 2 * 24 + 2).
protocol RoundedType {
  /// To the type of numbers and activations.
  static func stored(_ value: Double) -> Double
  /// To the type of products and sums.
  static func summed(_ value: Double) -> Double
}

enum Binary64: RoundedType {
  static func stored(_ value: Double) -> Double { value }
  static func summed(_ value: Double) -> Double { value }
}

package enum Binary32: RoundedType {
  package static func stored(_ value: Double) -> Double { Double(Float(value)) }
  static func summed(_ value: Double) -> Double { Double(Float(value)) }
}

package enum Binary16: RoundedType {
  package static func stored(_ value: Double) -> Double {
    roundedToNearest(value, droppedBits: 42, least: 0x1p-14, greatest: 65504)
  }
  static func summed(_ value: Double) -> Double { stored(value) }
}

package enum Brain16: RoundedType {
  package static func stored(_ value: Double) -> Double {
    roundedToNearest(value, droppedBits: 45, least: 0x1p-126, greatest: 0x1.fep127)
  }
  static func summed(_ value: Double) -> Double { stored(value) }
}

/// Numbers of a half-precision type, sums in binary32.
enum Wide<Stored: RoundedType>: RoundedType {
  static func stored(_ value: Double) -> Double { Stored.stored(value) }
  static func summed(_ value: Double) -> Double { Double(Float(value)) }
}

/// The nearest number, ties to even, of a type with `53 - droppedBits` bits whose least normal number
/// is `least`; an infinity beyond `greatest`.
private func roundedToNearest(
  _ value: Double, droppedBits: UInt64, least: Double, greatest: Double
) -> Double {
  let magnitude = value.magnitude
  guard magnitude < .infinity else { return value }
  if magnitude < least {
    // At this size binary64 numbers lie as far apart as the subnormal ones of the type.
    let anchor = least * Double(sign: .plus, exponent: Int(droppedBits), significand: 1.5)
    return (value + anchor) - anchor
  }
  let bits = magnitude.bitPattern
  let half = (UInt64(1) << (droppedBits - 1)) - 1 + ((bits >> droppedBits) & 1)
  let rounded = Double(bitPattern: ((bits + half) >> droppedBits) << droppedBits)
  let result = rounded > greatest ? .infinity : rounded
  return value < 0 ? -result : result
}

extension ReLUChain {
  /// The chain with every number of its operators changed; operators that stay as they are share their
  /// memory.
  fileprivate func mappingNumbers(_ change: (Double) -> Double) -> ReLUChain {
    func changed(_ values: [Double]) -> [Double] {
      values.allSatisfy { change($0) == $0 } ? values : values.map(change)
    }
    return mapOperators { linear in
      switch linear.kind {
      case .dense(var dense):
        (dense.weights, dense.bias) = (changed(dense.weights), changed(dense.bias))
        return linear.computing(.dense(dense))
      case .convolution(var convolution):
        convolution.weights = changed(convolution.weights)
        convolution.bias = changed(convolution.bias)
        return linear.computing(.convolution(convolution))
      case .scaling(var scaling):
        // A rewriting takes the room between the ends of a clip from these.
        if linear.isVirtual { scaling.sources = scaling.sources.map(changed) }
        (scaling.scale, scaling.shift) = (changed(scaling.scale), changed(scaling.shift))
        return linear.computing(.scaling(scaling))
      case .selection(var selection):
        selection.constant = changed(selection.constant)
        return linear.computing(.selection(selection))
      }
    }
  }
}
