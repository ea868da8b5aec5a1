import NumberSupport

/// A number that moves along a segment: `offset + slope t`; nil where it is none.
public struct LineNumber: Sendable {
  var offset: Rational?
  var slope = Rational.zero

  func value(at t: Rational) -> Rational? { offset.map { $0 + slope * t } }
}

/// Exact numbers along a segment, `t` in an interval: every operation of a graph of linear operators
/// and ReLUs is affine in `t` until a comparison changes its outcome. Where one does inside the
/// interval, the place is noted, and what is computed is worthless.
struct LineNumbers: NumberSystem {
  /// Where comparisons change their outcome.
  private final class Breaks { var places: [Rational] = [] }

  var isFolding = false
  private let exact = ExactNumbers()
  private let low, high: Rational
  private let breaks = Breaks()

  init(_ low: Rational, _ high: Rational) { (self.low, self.high) = (low, high) }

  /// A place inside the interval at which a comparison changed; nil where none did.
  var firstBreak: Rational? { breaks.places.first }

  private func fixed(_ value: Rational?) -> LineNumber { LineNumber(offset: value) }
  func stored(_ value: Double) -> LineNumber { fixed(exact.stored(value)) }
  func initial(_ value: Double, _ type: OracleType) -> LineNumber { stored(value) }
  func negative(_ value: LineNumber) -> LineNumber {
    LineNumber(offset: value.offset.map { -$0 }, slope: -value.slope)
  }

  func sum(_ terms: [Term<LineNumber>], _ role: Role) -> LineNumber {
    var total = fixed(.zero)
    for term in terms {
      switch term {
      case .number(let value): total = added(total, value)
      case .product(let left, let right):
        let (moving, factor) = left.slope.isZero ? (right, left) : (left, right)
        precondition(factor.slope.isZero, "a product of data and data")
        guard let scale = factor.offset, let offset = moving.offset else { return fixed(nil) }
        total = added(total, LineNumber(offset: offset * scale, slope: moving.slope * scale))
      }
    }
    return total
  }

  private func added(_ left: LineNumber, _ right: LineNumber) -> LineNumber {
    guard let a = left.offset, let b = right.offset else { return fixed(nil) }
    return LineNumber(offset: a + b, slope: left.slope + right.slope)
  }

  func quotient(_ left: LineNumber, _ right: LineNumber, _ role: Role) -> LineNumber {
    guard right.slope.isZero, let divisor = right.offset, !divisor.isZero else { return fixed(nil) }
    return LineNumber(
      offset: left.offset.map { ($0 / divisor).cut }, slope: (left.slope / divisor).cut)
  }

  func root(_ value: LineNumber, _ role: Role) -> LineNumber {
    fixed(exact.root(value.offset, role))
  }

  func function(_ name: String, _ operands: [LineNumber], _ role: Role) -> LineNumber {
    fixed(exact.function(name, operands.map(\.offset), role))
  }

  func cast(_ value: LineNumber, to role: Role) -> LineNumber {
    role.isData ? value : fixed(exact.cast(value.offset, to: role))
  }

  func loaded(_ value: LineNumber) -> LineNumber { value }

  func isLess(_ left: LineNumber, _ right: LineNumber) -> Bool {
    guard left.offset != nil else { return false }
    let difference = added(right, negative(left))
    guard let first = difference.value(at: low), let last = difference.value(at: high) else {
      return false
    }
    if first.sign * last.sign < 0 {
      breaks.places.append(low + (high - low) * first / (first - last))
    }
    return first.sign > 0 || first.isZero && last.sign > 0
  }

  func isNaN(_ value: LineNumber) -> Bool { value.offset == nil }
  func whole(_ value: LineNumber, _ rule: FloatingPointRoundingRule) -> LineNumber {
    fixed(exact.whole(value.offset, rule))
  }
  func integer(_ value: LineNumber) -> Int { exact.integer(value.offset) }
  func way(of count: Int) -> Int { 0 }
}

extension OracleGraph {
  /// The points of a segment at which the result stops being affine, its ends among them: any
  /// difference of logits has its extremes there, or within 2^-100 of the segment's length.
  ///
  /// - Parameter constants: the graph's own, exact.
  /// - Returns: nil where there are more than `limit`.
  public func bends(
    from start: [Rational], to end: [Rational], constants: [String: Values<Rational?>],
    limit: Int = 24
  ) -> [[Rational]]? {
    let fixed = constants.mapValues { $0.mapped { LineNumber(offset: $0) } }
    var open = [(low: Rational.zero, high: Rational.one)]
    var places: Set = [Rational.zero, Rational.one]
    while let interval = open.popLast() {
      let numbers = LineNumbers(interval.low, interval.high)
      var run = GraphEvaluator(self, numbers, constants: fixed)
      _ = run.logits(at: zip(start, end).map { LineNumber(offset: $0, slope: $1 - $0) })
      guard let place = numbers.firstBreak else { continue }
      // A place is exact: a break that comes back would lie at an end, where nothing changes sign.
      places.insert(place)
      guard places.count <= limit else { return nil }
      open += [(interval.low, place), (place, interval.high)]
    }
    // Cut off, 100 places behind the point: a binary fraction next to the bend is cheaper to follow.
    return places.sorted().map { place in
      let t = place.roundedDown(toFractionBits: 100)
      return zip(start, end).map { $0 + ($1 - $0) * t }
    }
  }
}
