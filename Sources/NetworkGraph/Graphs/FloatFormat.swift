/// What rounding to nearest in one floating-point format can do.
public struct FloatFormat: Sendable, Equatable {
  /// The unit roundoff: the relative error of one rounding.
  public var roundoff: Double
  /// The largest finite number.
  public var greatest: Double
  /// The smallest positive number: twice the error of one rounding that underflows.
  public var tiny: Double

  /// Creates a format from its parts.
  public init(roundoff: Double, greatest: Double, tiny: Double) {
    (self.roundoff, self.greatest, self.tiny) = (roundoff, greatest, tiny)
  }

  /// binary32.
  public static let binary32 = FloatFormat(
    roundoff: 0x1p-24, greatest: Double(Float.greatestFiniteMagnitude), tiny: 0x1p-149)

  /// What numbers and values must stay below: a quarter of the greatest, so that the difference of two
  /// of them, which a batch-norm may hold before it divides, is no infinity either.
  public var safelyHeld: Double { greatest / 4 }

  /// The least magnitude at which a rounding is relative, that of the least normal number.
  public var leastNormal: Double { tiny / roundoff / 2 }

  /// The format that rounds as coarsely, overflows as early and underflows as late as either.
  public func coarser(_ other: FloatFormat?) -> FloatFormat {
    guard let other else { return self }
    return FloatFormat(
      roundoff: max(roundoff, other.roundoff), greatest: min(greatest, other.greatest),
      tiny: max(tiny, other.tiny))
  }

  /// The format that rounds as finely, overflows as late and underflows as early as either.
  public func finer(_ other: FloatFormat?) -> FloatFormat {
    guard let other else { return self }
    return FloatFormat(
      roundoff: min(roundoff, other.roundoff), greatest: max(greatest, other.greatest),
      tiny: min(tiny, other.tiny))
  }

  /// Whether every rounding, overflow and underflow of another format is one of this one, too.
  public func covers(_ other: FloatFormat) -> Bool { coarser(other) == self }

  /// Whether the format has this number.
  public func represents(_ value: Double) -> Bool {
    if roundoff == 0x1p-53 { return true }
    if value == 0 { return true }
    guard value.magnitude <= greatest, value.isFinite else { return false }
    let spacing = spacing(at: value)
    return value / spacing == (value / spacing).rounded()
  }

  /// The number of the format nearest to a value, ties to even; an infinity beyond the greatest.
  public func rounded(_ value: Double) -> Double {
    guard roundoff > 0x1p-53, value.isFinite, value != 0 else { return value }
    let spacing = spacing(at: value)
    let result = (value / spacing).rounded(.toNearestOrEven) * spacing
    return result.magnitude <= greatest ? result : result < 0 ? -.infinity : .infinity
  }

  /// The distance of neighbours at a value: that of its exponent, or the smallest number.
  private func spacing(at value: Double) -> Double {
    max(value.ulp * (roundoff * 0x1p53), tiny)
  }
}

extension ElementType {
  /// The format of a floating-point type; nil for any other.
  public var format: FloatFormat? {
    switch self {
    case .float16: FloatFormat(roundoff: 0x1p-11, greatest: 65504, tiny: 0x1p-24)
    case .bfloat16: FloatFormat(roundoff: 0x1p-8, greatest: 0x1.fep127, tiny: 0x1p-133)
    case .float32: .binary32
    case .float64:
      FloatFormat(roundoff: 0x1p-53, greatest: .greatestFiniteMagnitude, tiny: 0x1p-1074)
    default: nil
    }
  }
}
