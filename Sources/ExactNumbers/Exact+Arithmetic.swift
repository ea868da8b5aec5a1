import CGmp

extension Exact: Comparable {
  /// Whether two have one denominator.
  @inlinable
  func shares(_ other: Whole?) -> Bool {
    switch (denominator, other) {
    case (nil, nil): true
    case (let own?, let other?): own === other || whole_compare(own.value, other.value) == 0
    default: false
    }
  }

  @inlinable
  static func product(_ left: Whole, _ right: Whole?) -> Whole {
    guard let right else { return left }
    let product = Whole()
    whole_multiply(product.value, left.value, right.value)
    return product
  }

  @inlinable
  static func product(_ left: Whole?, _ right: Whole?) -> Whole? {
    left.map { product($0, right) } ?? right
  }

  /// Two denominators without their greatest common divisor.
  @usableFromInline
  static func reduced(_ left: Whole?, _ right: Whole?) -> (Whole?, Whole?) {
    guard let left, let right else { return (left, right) }
    let (divisor, first, second) = (Whole(), Whole(), Whole())
    whole_common_divisor(divisor.value, left.value, right.value)
    whole_divide_exactly(first.value, left.value, divisor.value)
    whole_divide_exactly(second.value, right.value, divisor.value)
    return (first, second)
  }

  /// The exact sum.
  @inlinable
  public static func + (left: Exact, right: Exact) -> Exact {
    if left.sign == 0 { return right }
    if right.sign == 0 { return left }
    guard left.shares(right.denominator) else {
      // The least common multiple: sums of many terms keep the denominators of their terms.
      let (own, other) = reduced(left.denominator, right.denominator)
      let common = product(left.denominator, other)
      return Exact(product(left.numerator, other), left.exponent, over: common)
        + Exact(product(right.numerator, own), right.exponent, over: common)
    }
    let exponent = min(left.exponent, right.exponent)
    let (a, b, sum) = (left.lowered(to: exponent), right.lowered(to: exponent), Whole())
    whole_add(sum.value, a.value, b.value)
    return Exact(sum, exponent, over: left.denominator)
  }

  /// The negative.
  @inlinable
  public static prefix func - (value: Exact) -> Exact {
    let negated = Whole()
    whole_negate(negated.value, value.numerator.value)
    return Exact(negated, value.exponent, over: value.denominator)
  }

  /// The exact difference.
  @inlinable
  public static func - (left: Exact, right: Exact) -> Exact { left + -right }

  /// The exact product.
  @inlinable
  public static func * (left: Exact, right: Exact) -> Exact {
    if left.sign == 0 || right.sign == 0 { return zero }
    return Exact(
      product(left.numerator, right.numerator), left.exponent + right.exponent,
      over: product(left.denominator, right.denominator))
  }

  /// The exact quotient.
  ///
  /// - Precondition: `right` is not 0.
  public static func / (left: Exact, right: Exact) -> Exact {
    precondition(right.sign != 0, "a division by 0")
    let divisor = product(right.magnitude.numerator, left.denominator)
    let quotient = Exact(
      product(left.numerator, right.denominator), left.exponent - right.exponent, over: divisor)
    return right.sign < 0 ? -quotient : quotient
  }

  /// Adds a product; in place where nobody else holds the sum and exponents agree.
  @inlinable
  public mutating func addProduct(_ left: Exact, _ right: Exact) {
    guard exponent == left.exponent + right.exponent, denominator == nil, left.denominator == nil,
      right.denominator == nil, isKnownUniquelyReferenced(&numerator)
    else { return self = self + left * right }
    whole_add_product(numerator.value, left.numerator.value, right.numerator.value)
  }

  /// The value without its sign.
  @inlinable
  public var magnitude: Exact { sign < 0 ? -self : self }

  /// Whether one is below the other.
  @inlinable
  public static func < (left: Exact, right: Exact) -> Bool {
    let (first, second) = (left.sign, right.sign)
    return first != second ? first < second : (left - right).sign < 0
  }

  /// Whether two are the same value, however they are written.
  @inlinable
  public static func == (left: Exact, right: Exact) -> Bool {
    let (first, second) = (left.sign, right.sign)
    return first == second && (first == 0 || (left - right).sign == 0)
  }

  /// Not below the root of a value >= 0, and above it by less than 2^-255: the square is rounded up to a whole
  /// number of units of at most 2^-512, and its root to one of 2^-256.
  public var rootUp: Exact {
    // At this exponent the shift below is one to the left.
    let place = 4 + max(0, -exponent)
    let (square, root) = (Whole(), Whole())
    whole_shift_left(square.value, numerator.value, UInt(exponent + 2 * place) * 64)
    if let denominator {
      whole_divide_up(square.value, square.value, denominator.value)
    }
    whole_root(root.value, square.value)
    // A square is its root's.
    let (checked, floor) = (Whole(), Exact(root, 0))
    whole_multiply(checked.value, root.value, root.value)
    let isSquare = whole_compare(checked.value, square.value) == 0
    let up = isSquare ? floor : floor + Exact(1)
    return Exact(up.numerator, up.exponent - place)
  }

  /// A binary64 number near to the value; infinite beyond their range.
  public var approximation: Double {
    func parts(_ whole: Whole) -> (Double, Int) {
      var power = 0
      return (whole_significand(whole.value, &power), power)
    }
    let (top, power) = parts(numerator)
    let (bottom, other) = denominator.map(parts) ?? (1, 0)
    return Double(
      sign: .plus, exponent: max(-3000, min(3000, power - other + exponent * 64)),
      significand: top / bottom)
  }
}
