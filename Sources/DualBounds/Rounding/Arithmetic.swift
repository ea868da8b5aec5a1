import NetworkGraph

/// The formats of deployed networks are those of files.
public typealias FloatFormat = NetworkGraph.FloatFormat

/// Which network a bound speaks of.
public enum Arithmetic: String, Sendable, CaseIterable {
  /// The network in exact arithmetic, over every real point of the ball.
  case real
  /// The network as deployed in binary64, sums in any order, fused or not.
  case float64
  /// The same in binary32.
  case float32
  /// Weights and activations in binary16.
  case float16
  /// Weights and activations in bfloat16.
  case bfloat16

  /// Whether weights and activations are stored in fewer bits than binary32 has, so that it matters
  /// in which precision sums are accumulated.
  public var isHalf: Bool { self == .float16 || self == .bfloat16 }

  /// The type in which the deployed network stores weights and activations; nil where it rounds
  /// nothing.
  public var elementType: ElementType? {
    // Not by its name: every feature of every ball asks.
    switch self {
    case .real: nil
    case .float64: .float64
    case .float32: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    }
  }

  /// The format in which the deployed network stores weights and activations; nil where it rounds
  /// nothing.
  public var format: FloatFormat? {
    elementType.flatMap(\.format)
  }
}

/// Roundings of a deployed network on the way to one output.
package struct DeployedRoundings: Sendable, Equatable {
  /// Roundings to the format of weights and activations.
  var stored = 0
  /// Roundings of products and sums.
  var summed = 0

  package init(stored: Int = 0, summed: Int = 0) {
    (self.stored, self.summed) = (stored, summed)
  }

  package static func + (left: Self, right: Self) -> Self {
    Self(stored: left.stored + right.stored, summed: left.summed + right.summed)
  }

  var isExact: Bool { stored + summed == 0 }

  /// `g(stored)` and `g(summed)` together: what all of them can change, relative to the sum of
  /// magnitudes; rounded up.
  ///
  /// - Parameter wideSums: sums are accumulated in binary32 at least.
  package func relativeError(_ format: FloatFormat, wideSums: Bool) -> Double {
    guard wideSums, format.roundoff > FloatFormat.binary32.roundoff else {
      return RoundingCharge.gamma(stored + summed, format.roundoff) * (1 + 0x1p-50)
    }
    let ofStored = RoundingCharge.gamma(stored, format.roundoff)
    let ofSummed = RoundingCharge.gamma(summed, FloatFormat.binary32.roundoff)
    return (ofStored + ofSummed + ofStored * ofSummed) * (1 + 0x1p-49)
  }
}
