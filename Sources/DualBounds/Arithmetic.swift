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

  /// The format in which the deployed network stores weights and activations; nil where it rounds
  /// nothing.
  public var format: FloatFormat? {
    switch self {
    case .real: nil
    case .float64: FloatFormat(roundoff: 0x1p-53, greatest: 0x1.fffffffffffffp1023, tiny: 0x1p-1074)
    case .float32: .binary32
    case .float16: FloatFormat(roundoff: 0x1p-11, greatest: 65504, tiny: 0x1p-24)
    case .bfloat16: FloatFormat(roundoff: 0x1p-8, greatest: 0x1.fep127, tiny: 0x1p-133)
    }
  }
}

/// What rounding to nearest in one floating-point format can do.
public struct FloatFormat: Sendable, Equatable {
  /// The unit roundoff: the relative error of one rounding.
  public var roundoff: Double
  /// The largest finite number.
  public var greatest: Double
  /// The smallest positive number: twice the error of one rounding that underflows.
  public var tiny: Double

  /// What numbers and values must stay below: a quarter of the greatest, so that the difference of two
  /// of them, which a batch-norm may hold before it divides, is no infinity either.
  var safelyHeld: Double { greatest / 4 }

  /// binary32.
  public static let binary32 = FloatFormat(
    roundoff: 0x1p-24, greatest: Double(Float.greatestFiniteMagnitude), tiny: 0x1p-149)

  /// Whether the format has this number.
  public func represents(_ value: Double) -> Bool {
    if roundoff == 0x1p-53 { return true }
    if value == 0 { return true }
    guard value.magnitude <= greatest, value.isFinite else { return false }
    // A multiple of the spacing at its own exponent, or of the smallest number.
    let spacing = max(value.ulp * (roundoff * 0x1p53), tiny)
    return value / spacing == (value / spacing).rounded()
  }
}

/// Roundings of a deployed network on the way to one output.
struct DeployedRoundings: Sendable, Equatable {
  /// Roundings to the format of weights and activations.
  var stored = 0
  /// Roundings of products and sums.
  var summed = 0

  static func + (left: Self, right: Self) -> Self {
    Self(stored: left.stored + right.stored, summed: left.summed + right.summed)
  }

  var isExact: Bool { stored + summed == 0 }

  /// `g(stored)` and `g(summed)` together: what all of them can change, relative to the sum of
  /// magnitudes; rounded up.
  ///
  /// - Parameter wideSums: sums are accumulated in binary32 at least.
  func relativeError(_ format: FloatFormat, wideSums: Bool) -> Double {
    guard wideSums, format.roundoff > FloatFormat.binary32.roundoff else {
      return RoundingCharge.gamma(stored + summed, format.roundoff) * (1 + 0x1p-50)
    }
    let ofStored = RoundingCharge.gamma(stored, format.roundoff)
    let ofSummed = RoundingCharge.gamma(summed, FloatFormat.binary32.roundoff)
    return (ofStored + ofSummed + ofStored * ofSummed) * (1 + 0x1p-49)
  }
}
