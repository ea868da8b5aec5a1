import CertificateRecords
import DualBounds
import Numbers

/// How far two programs may differ that compute the same numbers in different orders.
public struct Tolerance: Sendable {
  /// The part for numbers about 0.
  public var absolute: Double
  /// The part that grows with the number.
  public var relative: Double

  /// Creates a tolerance.
  public init(absolute: Double, relative: Double) {
    (self.absolute, self.relative) = (absolute, relative)
  }

  /// Binary64 against binary64: the charges for rounding and some 1e5 summands in another order.
  public static let double = Tolerance(absolute: 1e-8, relative: 1e-9)
  /// Truth that is written down to nine decimals behind the point.
  public static let printed = Tolerance(absolute: 1e-8, relative: 1e-8)
  /// Logits of this size, computed in binary32 by sums of up to some 1000 products.
  public static let single = Tolerance(absolute: 1e-5, relative: 1e-5)

  /// What a number may differ by.
  public func allowance(at value: Double) -> Double { absolute + relative * abs(value) }
}

/// Two lists where they differ by more than a tolerance.
public struct Disagreement: CustomStringConvertible {
  /// Says where, and how much.
  public var description: String

  /// The first difference; nil where the lists agree.
  public init?(_ found: [Double], _ expected: [Double], within tolerance: Tolerance) {
    guard found.count == expected.count else {
      description = "\(found.count) numbers; expected \(expected.count)"
      return
    }
    // Written so that NaN disagrees.
    let place = zip(found, expected).enumerated().first { _, pair in
      !(abs(pair.0 - pair.1) <= tolerance.allowance(at: pair.1)) && pair.0 != pair.1
    }
    guard let place else { return nil }
    description = "\(place.element.0); expected \(place.element.1), at position \(place.offset)"
  }
}

/// The pre-activation bounds of one layer, as files of truth have them.
public struct ReferenceBounds: Decodable, Sendable {
  /// `[units]`.
  public var lower, upper: [Double]

  /// The number of units whose sign is open.
  public var unstable: Int { zip(lower, upper).count { $0 < 0 && $1 > 0 } }
}

extension Certificate {
  /// The radius as a report prints it.
  public var printedRadius: String? {
    radius.flatMap { DirectedDecimal.text($0, rounded: .down) }
  }
}
