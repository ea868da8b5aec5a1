/// Why nodes are no continuous function of one number.
enum UnitObstacle: Error, Equatable {
  /// They compute something that is not looked into here.
  case unfit
  /// The function jumps.
  case jump(at: Double, from: Double, to: Double)
}

/// A bound `slope |x| + offset` of something made of a number `x`.
struct UnitMagnitude: Equatable, Sendable {
  var slope = 0.0
  var offset = 0.0

  /// More than a few roundings of binary64 lose.
  private static let raise = 1 + 0x1p-40

  static func + (left: UnitMagnitude, right: UnitMagnitude) -> UnitMagnitude {
    UnitMagnitude(
      slope: (left.slope + right.slope) * raise, offset: (left.offset + right.offset) * raise)
  }

  func scaled(by factor: Double) -> UnitMagnitude {
    UnitMagnitude(
      slope: slope * factor.magnitude * Self.raise, offset: offset * factor.magnitude * Self.raise)
  }

  func joined(_ other: UnitMagnitude) -> UnitMagnitude {
    UnitMagnitude(slope: max(slope, other.slope), offset: max(offset, other.offset))
  }

  /// At a place, rounded up.
  func value(at place: Double) -> Double {
    slope == 0 || place == 0 ? offset : (slope * place.magnitude + offset) * Self.raise
  }
}

/// A line `slope x + offset`, exactly, and what a deployed network makes of it.
///
/// The deployed value lies within `g(roundings) (error.slope |x| + error.offset)`, for `g(m) = m u / (1 - m u)`,
/// and `underflow` times half of its type's smallest number.
struct UnitLine: Equatable, Sendable {
  var slope = 0.0
  var offset = 0.0
  var error = UnitMagnitude()
  var roundings = 0
  var underflow = 0.0
  /// What computed values on the way reach where nothing is rounded: an infinity might make no number of it.
  var reach = UnitMagnitude()

  static let variable = UnitLine(slope: 1)

  static func constant(_ value: Double) -> UnitLine { UnitLine(offset: value) }

  var isExact: Bool { roundings == 0 }
  /// The number that it is, where it is the same for every input and nobody has rounded it.
  var number: Double? { slope == 0 && isExact ? offset : nil }
  var magnitude: UnitMagnitude { UnitMagnitude(slope: slope.magnitude, offset: offset.magnitude) }

  func negated() -> UnitLine {
    var result = self
    (result.slope, result.offset) = (0 - slope, 0 - offset)
    return result
  }

  /// The sum: `fl(a' + b')` errs by the errors of both, and by a rounding of what is so near to the sum.
  func plus(_ other: UnitLine) throws(UnitObstacle) -> UnitLine {
    var result = UnitLine(
      slope: try Self.sum(slope, other.slope), offset: try Self.sum(offset, other.offset),
      error: error + other.error, roundings: max(roundings, other.roundings),
      underflow: underflow + other.underflow, reach: reach.joined(other.reach))
    if number == 0 || other.number == 0 { return result }
    // Sums of such numbers do not round.
    let small: Set<Double> = [-1, 0, 1]
    if let a = number, let b = other.number, small.contains(a), small.contains(b) { return result }
    result.round()
    return result
  }

  /// The product; one of the two has to be a number that nobody has rounded.
  func times(_ other: UnitLine) throws(UnitObstacle) -> UnitLine {
    guard let factor = other.number else {
      guard number != nil else { throw .unfit }
      return try other.times(self)
    }
    if factor == 0 {
      return UnitLine(reach: reach.joined(other.reach))
    }
    var result = self
    result.slope = try Self.product(slope, factor)
    result.offset = try Self.product(offset, factor)
    result.reach = reach.joined(other.reach)
    guard factor.magnitude != 1 else { return result }
    result.error = error.scaled(by: factor)
    result.underflow = underflow * factor.magnitude + 1
    result.round()
    return result
  }

  /// The quotient, which may be computed as a product with a reciprocal.
  func divided(by divisor: Double) throws(UnitObstacle) -> UnitLine {
    func quotient(_ value: Double) throws(UnitObstacle) -> Double {
      let result = value / divisor
      guard try Self.product(result, divisor) == value else { throw .unfit }
      return result
    }
    guard divisor != 0, divisor.isFinite else { throw .unfit }
    var result = self
    (result.slope, result.offset) = (try quotient(slope), try quotient(offset))
    result.error = error.scaled(by: 1 / divisor)
    result.underflow = underflow / divisor.magnitude + 1 + 1 / divisor.magnitude
    result.round()
    result.round()
    return result
  }

  private mutating func round() {
    error = error + magnitude
    reach = reach.joined(magnitude)
    roundings += 1
  }

  /// Where two lines meet; nil where they are parallel.
  func crossing(_ other: UnitLine) throws(UnitObstacle) -> Double? {
    if slope == other.slope { return nil }
    if offset == other.offset { return 0 }
    let rise = try Self.sum(slope, -other.slope)
    let gap = try Self.sum(offset, -other.offset)
    let place = -gap / rise
    guard try Self.product(place, rise) == -gap else { throw .unfit }
    return place
  }

  /// The sign of the difference to another line at a place, exactly.
  func order(_ other: UnitLine, at place: Double) throws(UnitObstacle) -> Int {
    guard [slope, other.slope, offset, other.offset, place].allSatisfy(Self.isPlain) else {
      throw .unfit
    }
    var terms = [offset, -other.offset]
    for factor in [slope, -other.slope] {
      let product = factor * place
      terms += [product, (-product).addingProduct(factor, place)]
    }
    return Self.sign(ofSum: terms)
  }

  /// The larger of two lines where this one is: the other may win by what it is rounded by.
  ///
  /// With `d` the difference of the slopes and `t` where the lines meet, the other lies `d |x - t|` below. Where
  /// that grows faster than its error, what the error can exceed it by is no more than the error at `t`.
  func winning(over other: UnitLine) throws(UnitObstacle) -> UnitLine {
    var result = self
    var loss = other.error
    if let place = try crossing(other) {
      let rise = (slope - other.slope).magnitude * (1 - 0x1p-50)
      // g(m) <= m / 128 for every type, where m <= 64.
      if other.roundings <= 64, loss.slope * Double(other.roundings) / 128 <= rise {
        loss = UnitMagnitude(offset: loss.value(at: place))
      }
    }
    result.error = error.joined(loss)
    result.roundings = max(roundings, other.roundings)
    result.underflow = max(underflow, other.underflow)
    result.reach = reach.joined(other.reach)
    return result
  }
}

// Exact arithmetic of binary64, or none.
extension UnitLine {
  /// Far from where anything overflows or underflows.
  private static func isPlain(_ value: Double) -> Bool {
    value == 0 || value.magnitude > 0x1p-250 && value.magnitude < 0x1p250
  }

  static func sum(_ a: Double, _ b: Double) throws(UnitObstacle) -> Double {
    let sum = a + b
    let part = sum - a
    let rest = (a - (sum - part)) + (b - part)
    guard rest == 0, isPlain(a), isPlain(b), isPlain(sum) else { throw .unfit }
    return sum
  }

  /// The sign of a sum, by a list of numbers none of which overlap (Shewchuk 1997, Grow-Expansion).
  private static func sign(ofSum terms: [Double]) -> Int {
    var parts: [Double] = []
    for term in terms {
      var (rest, grown) = (term, [Double]())
      for part in parts {
        let sum = rest + part
        let other = sum - rest
        grown.append((rest - (sum - other)) + (part - other))
        rest = sum
      }
      parts = (grown + [rest]).filter { $0 != 0 }
    }
    let largest = parts.last ?? 0
    return largest > 0 ? 1 : largest < 0 ? -1 : 0
  }

  static func product(_ a: Double, _ b: Double) throws(UnitObstacle) -> Double {
    let product = a * b
    guard (-product).addingProduct(a, b) == 0, isPlain(a), isPlain(b), isPlain(product) else {
      throw .unfit
    }
    return product
  }

  /// The number that the line is at a place, if binary64 has it; else the line.
  func fixed(at place: Double) -> UnitLine {
    guard let value = try? value(at: place) else { return self }
    var result = self
    (result.slope, result.offset) = (0, value)
    result.error = UnitMagnitude(offset: error.value(at: place))
    result.reach = UnitMagnitude(offset: reach.value(at: place))
    return result
  }

  /// The value at a place, exactly.
  func value(at place: Double) throws(UnitObstacle) -> Double {
    try Self.sum(try Self.product(slope, place), offset)
  }
}
