import NetworkGraph

/// How far the numbers of an operator may lie from those that are meant: constants that the file
/// computes, and numbers that binary64 had to round.
///
/// A weight or scale `w` by at most `relative |w| + perInput`, an offset `b` by at most
/// `relative |b| + perUnit`, for whatever magnitude offsets are charged on. All are rounded up.
public struct Uncertainty: Sendable, Equatable {
  /// Relative to each number.
  public var relative = 0.0
  /// Of each weight besides: what it multiplies is an input.
  public var perInput = 0.0
  /// Of each offset besides.
  public var perUnit = 0.0

  /// Numbers that are exact.
  public static let none = Uncertainty()

  /// Creates an uncertainty from its parts.
  public init(relative: Double = 0, perInput: Double = 0, perUnit: Double = 0) {
    (self.relative, self.perInput, self.perUnit) = (relative, perInput, perUnit)
  }

  /// Numbers that carry so many roundings of binary64.
  public init(roundings: Int) {
    self.init(relative: Double(roundings) * 0x1p-53 * (1 + 0x1p-40))
  }

  /// The least that covers the errors of weights and of offsets; nil where they are exact.
  public init(
    weights: [Double], errors: [Double]?, offsets: [Double] = [], offsetErrors: [Double]? = nil
  ) {
    if let errors {
      let ratio = Self.ratio(weights, errors)
      relative = ratio
      perInput = Self.rest(weights, errors, ratio)
    }
    if let offsetErrors {
      // An offset is one addition: what it lacks costs no more as an absolute number.
      perUnit = offsetErrors.max() ?? 0
    }
  }

  /// Errors beyond this multiple of their numbers are charged as absolute ones.
  private static let mostRelative = 0x1p-4

  private static func ratio(_ values: [Double], _ errors: [Double]) -> Double {
    var ratio = 0.0
    for (value, error) in zip(values, errors) where error <= mostRelative * value.magnitude {
      if error > 0 { ratio = max(ratio, error / value.magnitude) }
    }
    return ratio * (1 + 0x1p-40)
  }

  private static func rest(_ values: [Double], _ errors: [Double], _ ratio: Double) -> Double {
    var rest = 0.0
    for (value, error) in zip(values, errors) where !(error <= ratio * value.magnitude) {
      rest = max(rest, error)
    }
    return rest
  }

  /// Of numbers that carry the uncertainty of both.
  public static func + (left: Uncertainty, right: Uncertainty) -> Uncertainty {
    func sum(_ a: Double, _ b: Double) -> Double { a == 0 ? b : b == 0 ? a : (a + b).nextUp }
    return Uncertainty(
      relative: sum(left.relative, right.relative), perInput: sum(left.perInput, right.perInput),
      perUnit: sum(left.perUnit, right.perUnit))
  }
}

/// A number of the file, or one that a network makes of it on the way, that must be a finite number in
/// the format of the network's deployment.
public struct HeldNumber: Sendable, Equatable {
  /// What the operator calls it: `variance`.
  public var role: String
  /// The largest magnitude of its kind.
  public var largest: Double
  /// The least magnitude of its kind, where it is a divisor, which must not vanish; nil elsewhere.
  public var least: Double?

  /// Creates a number from its parts.
  public init(role: String, largest: Double, least: Double? = nil) {
    (self.role, self.largest, self.least) = (role, largest, least)
  }

  /// The extremes of values.
  package init(_ role: String, _ values: [Double], isDivisor: Bool = false) {
    self.role = role
    largest = values.reduce(0) { max($0, $1.magnitude) }
    least = isDivisor ? values.reduce(.infinity) { min($0, $1.magnitude) } : nil
  }

  /// A limit in as many digits as a person wants.
  private static func short(_ value: Double) -> String {
    let rounded = Float(value)
    return rounded.isFinite && rounded != 0 ? "\(rounded)" : "\(value)"
  }

  /// Why a format cannot hold it; nil where it can.
  public func obstacle(in format: FloatFormat) -> String? {
    guard largest <= format.safelyHeld else {
      return "\(role) reaches \(largest); expected at most \(Self.short(format.safelyHeld))"
    }
    // Below, a rounding could make it another number altogether.
    if let least, !(least >= 8 * format.tiny) {
      return "\(role) is as small as \(least); expected at least \(Self.short(8 * format.tiny))"
    }
    return nil
  }
}

extension LinearOperator {
  /// Why a network deployed in this format cannot hold the operator's numbers; empty where it can.
  public func obstacles(in format: FloatFormat) -> [String] {
    let own: [HeldNumber] =
      switch kind {
      case .dense(let dense):
        [HeldNumber("weight", dense.weights), HeldNumber("bias", dense.bias)]
      case .convolution(let convolution):
        [HeldNumber("weight", convolution.weights), HeldNumber("bias", convolution.bias)]
      case .scaling(let scaling):
        [HeldNumber("factor", scaling.scale), HeldNumber("offset", scaling.shiftMagnitude)]
      case .selection(let selection): [HeldNumber("constant", selection.constant)]
      }
    return (own + heldNumbers).compactMap { $0.obstacle(in: format) }
  }
}

extension LinearOperator {
  /// How far the operator's numbers may lie from those that are meant.
  public var uncertainty: Uncertainty {
    switch kind {
    case .dense(let dense): dense.uncertainty
    case .convolution(let convolution): convolution.uncertainty
    case .scaling(let scaling): scaling.uncertainty
    case .selection: .none
    }
  }
}
