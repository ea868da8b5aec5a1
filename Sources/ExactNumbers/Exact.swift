import CGmp

/// An exact rational number of any size: `numerator * 2^(64 exponent) / denominator`.
///
/// Nearly all numbers of an audit are binary fractions, whose denominator is 1, and a few exponents
/// serve them all: a sum of products then is one multiplication of words after the other, in place.
/// Denominators are those of data and epsilons (255, 10), and are not reduced.
public struct Exact: @unchecked Sendable {
  /// A whole number; nobody writes one that has more than one owner.
  @usableFromInline
  final class Whole {
    @usableFromInline let value: UnsafeMutablePointer<__mpz_struct>

    @inlinable
    init() {
      value = .allocate(capacity: 1)
      whole_init(value)
    }

    @inlinable
    deinit {
      whole_clear(value)
      value.deallocate()
    }
  }

  @usableFromInline var numerator: Whole
  @usableFromInline var exponent: Int
  /// Positive; nil for 1.
  @usableFromInline var denominator: Whole?

  @inlinable
  init(_ numerator: Whole, _ exponent: Int, over denominator: Whole? = nil) {
    (self.numerator, self.exponent, self.denominator) = (numerator, exponent, denominator)
  }

  /// A number itself.
  ///
  /// - Precondition: `number` is finite.
  public init(_ number: Double) {
    precondition(number.isFinite, "no number")
    self.init(Whole(), 0)
    guard number != 0 else { return }
    let power = number.exponent - 52
    let significand = Int(number.significand * 0x1p52)
    // The floor of a quotient by 64.
    exponent = Int(power) >> 6
    whole_set(numerator.value, number < 0 ? -significand : significand)
    whole_shift_left(numerator.value, numerator.value, UInt(Int(power) - exponent * 64))
  }

  /// A quotient of two natural numbers, each as its digits in base 2^64, least first.
  ///
  /// - Precondition: `denominator` is not 0.
  public init(numerator words: [UInt64], denominator others: [UInt64]) {
    func whole(_ words: [UInt64]) -> Whole {
      let whole = Whole()
      whole_read(whole.value, words.map { UInt($0) }, words.count)
      return whole
    }
    let divisor = whole(others)
    precondition(whole_sign(divisor.value) > 0, "a denominator of 0")
    self.init(whole(words), 0, over: divisor)
  }

  /// 0.
  public static let zero = Exact(0)

  /// -1, 0 or 1.
  @inlinable
  public var sign: Int { Int(whole_sign(numerator.value)) }

  /// The numerator at a lower exponent.
  @inlinable
  func lowered(to other: Int) -> Whole {
    guard other < exponent else { return numerator }
    let result = Whole()
    whole_shift_left(result.value, numerator.value, UInt(exponent - other) * 64)
    return result
  }
}
