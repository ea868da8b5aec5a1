import Numbers

/// A real number by the binary64 numbers around it: `lower <= value <= upper`.
///
/// Sums, products and quotients keep that: every end is rounded to its side, and stays what it is where
/// the operation is exact, so that the whole numbers of most properties remain exact.
public struct Enclosure: Sendable, Hashable {
  /// Not above the value.
  public var lower: Double
  /// About the value: the nearest binary64 of a number as it was typed.
  public var nearest: Double
  /// Not below the value.
  public var upper: Double

  /// Creates an enclosure from its ends.
  public init(lower: Double, nearest: Double, upper: Double) {
    (self.lower, self.nearest, self.upper) = (lower, nearest, upper)
  }

  /// A binary64 number itself.
  public init(_ exact: Double) { self.init(lower: exact, nearest: exact, upper: exact) }

  /// A number as it was typed.
  init(_ number: Numeral) {
    self.init(lower: number.lower, nearest: number.nearest, upper: number.upper)
  }

  /// Whether the value is one binary64 number.
  public var isExact: Bool { lower == upper }

  /// Whether both ends are numbers.
  public var isFinite: Bool { lower.isFinite && upper.isFinite }

  /// Whether the value is 0 for certain.
  public var isZero: Bool { lower == 0 && upper == 0 }

  /// Whether the value may be 0.
  var mayBeZero: Bool { lower <= 0 && upper >= 0 }

  /// The negative.
  public static prefix func - (value: Enclosure) -> Enclosure {
    // 0 - 0 is 0, where -0 would be another text.
    Enclosure(lower: 0 - value.upper, nearest: 0 - value.nearest, upper: 0 - value.lower)
  }

  /// The sum.
  public static func + (left: Enclosure, right: Enclosure) -> Enclosure {
    Enclosure(
      lower: sum(left.lower, right.lower).lower, nearest: left.nearest + right.nearest,
      upper: sum(left.upper, right.upper).upper)
  }

  /// The product.
  public static func * (left: Enclosure, right: Enclosure) -> Enclosure {
    of(
      [
        product(left.lower, right.lower), product(left.lower, right.upper),
        product(left.upper, right.lower), product(left.upper, right.upper),
      ], nearest: left.nearest * right.nearest)
  }

  /// The quotient by a number that cannot be 0.
  public static func / (left: Enclosure, right: Enclosure) -> Enclosure {
    of(
      [
        quotient(left.lower, right.lower), quotient(left.lower, right.upper),
        quotient(left.upper, right.lower), quotient(left.upper, right.upper),
      ], nearest: left.nearest / right.nearest)
  }

  /// The larger of two.
  static func larger(_ left: Enclosure, _ right: Enclosure) -> Enclosure {
    Enclosure(
      lower: max(left.lower, right.lower), nearest: max(left.nearest, right.nearest),
      upper: max(left.upper, right.upper))
  }

  /// The smaller of two.
  static func smaller(_ left: Enclosure, _ right: Enclosure) -> Enclosure {
    -larger(-left, -right)
  }

  private typealias Ends = (lower: Double, upper: Double)

  private static func of(_ ends: [Ends], nearest: Double) -> Enclosure {
    // What is not a number must not vanish in a minimum.
    guard ends.allSatisfy({ !$0.lower.isNaN && !$0.upper.isNaN }) else {
      return Enclosure(lower: -.infinity, nearest: nearest, upper: .infinity)
    }
    return Enclosure(
      lower: ends.reduce(.infinity) { min($0, $1.lower) }, nearest: nearest,
      upper: ends.reduce(-.infinity) { max($0, $1.upper) })
  }

  /// Around the sum of two numbers, whose error is a number itself (Knuth's TwoSum).
  private static func sum(_ a: Double, _ b: Double) -> Ends {
    let sum = a + b
    guard sum.isFinite else { return (-.infinity, .infinity) }
    let part = sum - a
    let error = (a - (sum - part)) + (b - part)
    return (error < 0 ? sum.nextDown : sum, error > 0 ? sum.nextUp : sum)
  }

  /// Around the product, whose error is a number itself but for underflow.
  private static func product(_ a: Double, _ b: Double) -> Ends {
    let product = a * b
    guard a != 0, b != 0 else { return (product, product) }
    guard product.isFinite else { return (-.infinity, .infinity) }
    guard product.magnitude > 0x1p-960 else { return (product.nextDown, product.nextUp) }
    let error = (-product).addingProduct(a, b)
    return (error < 0 ? product.nextDown : product, error > 0 ? product.nextUp : product)
  }

  /// Around the quotient: exact where the product gives the dividend back.
  private static func quotient(_ a: Double, _ b: Double) -> Ends {
    let quotient = a / b
    guard a != 0 else { return (quotient, quotient) }
    guard quotient.isFinite else { return (-.infinity, .infinity) }
    let isExact =
      quotient.magnitude > 0x1p-960 && a.magnitude > 0x1p-960
      && (-a).addingProduct(quotient, b) == 0
    return isExact ? (quotient, quotient) : (quotient.nextDown, quotient.nextUp)
  }
}
