import ExactNumbers

/// What an audit computes in: binary64 with every rounding accounted for, or rational numbers.
///
/// `+ - *` and `add` are to nearest, or exact. `down` and `up` step over one such rounding: where `x` is
/// the computed result of one operation, `x.down <= exact <= x.up`.
protocol AuditNumber: Comparable, Sendable {
  init(_ exact: Double)
  static var zero: Self { get }
  static func + (left: Self, right: Self) -> Self
  static func - (left: Self, right: Self) -> Self
  static func * (left: Self, right: Self) -> Self
  static prefix func - (value: Self) -> Self
  /// `self + a * b`; of two roundings.
  mutating func add(_ a: Self, times b: Self)
  var magnitude: Self { get }
  var down: Self { get }
  var up: Self { get }
  /// Whether it is a number, and small enough for the bounds on rounding to hold.
  var isSafe: Bool { get }
  /// `g(m)`: a sum of `m` products, in any order, errs by at most `g(m)` times the sum of their
  /// magnitudes, underflow aside (Higham 2002, section 3.1).
  static func gamma(_ count: Int) -> Self
  /// Not below what underflow costs one operator: at most `2^26` sums of `2^26` products, each off by
  /// `2^-1074` and multiplied by at most `2^200`.
  static var slack: Self { get }
  /// Not below what underflow costs one sum of at most `2^26` products.
  static var tiny: Self { get }
  /// The root, rounded up.
  var rootUp: Self { get }
  /// The nearest binary64, or one near to it: for messages and slopes.
  var shown: Double { get }
}

extension AuditNumber {
  /// One term more of a sum from below.
  static func addDown(_ sum: Self, _ a: Self, _ b: Self) -> Self { (sum + (a * b).down).down }
  static func addUp(_ sum: Self, _ a: Self, _ b: Self) -> Self { (sum + (a * b).up).up }

  /// The slope of an unstable unit's upper line, about `u / (u - l)`: any in [0, 1] is as good a proof.
  ///
  /// It is the one that runs have, which round it up: where large numbers cancel in a row, the last digits of a
  /// slope are worth more than a claim's.
  static func slope(_ l: Self, _ u: Self) -> Self {
    let slope = u.shown / (u.shown - l.shown) * (1 + 0x1p-50)
    return slope >= 0 && slope <= 1 ? Self(max(slope, 0x1p-60)) : Self(1)
  }
}

extension Double: AuditNumber {
  /// Not above the number before it: with `u = 2^-53`, `f = u (1 + 2u)` and `e = fl(fl(f |x|) + 2^-1074)`,
  /// `e >= u |x|`, as `(1 + 2u)(1 - u) >= 1` and adding what is positive is monotone. Let `p` be the
  /// spacing at `x` and `2^k <= |x|` its power of two, so that `u |x| >= p / 2`, with equality for
  /// `|x| = 2^k` alone, where `f |x|` is exact and larger. So `x - e` and `x + e` are further from `x` than
  /// half the spacing on their side, and round to its neighbours there or beyond. For subnormal `x` the
  /// spacing is `2^-1074 <= e`, and sums are exact (Rump, Zimmermann, Boldo, Melquiond, BIT 2009). An
  /// infinity becomes NaN, which no comparison accepts.
  @inline(__always)
  package var down: Double { self - (magnitude * 0x1.0000000000001p-53 + 0x1p-1074) }
  @inline(__always)
  package var up: Double { self + (magnitude * 0x1.0000000000001p-53 + 0x1p-1074) }

  @inline(__always)
  mutating func add(_ a: Double, times b: Double) { self += a * b }

  package var isSafe: Bool { magnitude < 0x1p200 }

  /// `m u / (1 - m u) <= 1.01 m u` for `m <= 2^40`; the product rounds by less than what is left.
  static func gamma(_ count: Int) -> Double {
    precondition(count < 1 << 40, "more terms than an audit has room for")
    return 1.01 * 0x1p-53 * Double(count)
  }

  static var slack: Double { 0x1p-820 }
  static var tiny: Double { 0x1p-1000 }
  /// `sqrt` rounds to nearest (IEEE 754).
  package var rootUp: Double { squareRoot().up }
  var shown: Double { self }
}

/// Nothing is rounded but roots, and slopes, which are chosen.
extension Exact: AuditNumber {
  mutating func add(_ a: Exact, times b: Exact) { addProduct(a, b) }
  var down: Exact { self }
  var up: Exact { self }
  var isSafe: Bool { true }
  static func gamma(_ count: Int) -> Exact { zero }
  static var slack: Exact { zero }
  static var tiny: Exact { zero }
  var shown: Double { approximation }
}
