import BigInt
import Numbers
import Testing

/// The exact value of a decimal numeral or a binary64, as `numerator / denominator`.
private struct Exact: Comparable {
  var numerator: BigInt
  var denominator: BigInt

  init(_ numerator: BigInt, _ denominator: BigInt) {
    (self.numerator, self.denominator) = (numerator, denominator)
  }

  init(_ value: Double) {
    let significand = BigInt(Int64(value.significand * 0x1p52)) * (value.sign == .minus ? -1 : 1)
    let shift = Int(value.exponent) - 52
    self.init(
      significand << max(0, shift), BigInt(1) << max(0, -shift))
  }

  init?(numeral: String) {
    let parts = numeral.lowercased().split(separator: "e")
    guard let mantissa = parts.first, let exponent = parts.count == 2 ? Int(parts[1]) : 0 else {
      return nil
    }
    let halves = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    let decimals = halves.count == 2 ? String(halves[1]) : ""
    guard let digits = BigInt(String(halves[0]) + decimals) else { return nil }
    let power = exponent - decimals.count
    self.init(
      digits * BigInt(10).power(max(0, power)), BigInt(10).power(max(0, -power)))
  }

  static func < (left: Exact, right: Exact) -> Bool {
    left.numerator * right.denominator < right.numerator * left.denominator
  }

  static func == (left: Exact, right: Exact) -> Bool {
    left.numerator * right.denominator == right.numerator * left.denominator
  }

  /// One unit in the ninth digit below (-1) or above (+1) a numeral's value: where the neighbour is.
  func isWithinOneUnit(of other: Exact) -> Bool {
    // Nine significant digits: the relative distance of neighbours is at most 1e-8.
    let difference = (numerator * other.denominator - other.numerator * denominator).magnitude
    let scale = (other.numerator * denominator).magnitude
    return difference * BigUInt(100_000_000) < scale || difference == 0
  }
}

/// A repeatable stream of 64-bit words (splitmix64).
private struct Words: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var word = state
    word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
    return word ^ (word >> 31)
  }
}

@Suite struct DirectedDecimalTests {
  @Test(
    "a printed bound lies on its own side of the value, within one unit of the ninth digit",
    arguments: UInt64(0)..<8)
  func liesOnItsSide(seed: UInt64) throws {
    var random = Words(state: seed)
    for _ in 0..<500 {
      // Any bit pattern: every magnitude, denormals included.
      let value = Double(bitPattern: random.next())
      guard value.isFinite, abs(value) < 1e300 else { continue }
      let down = try #require(DirectedDecimal.text(value, rounded: .down))
      let up = try #require(DirectedDecimal.text(value, rounded: .up))
      let exact = value.isNormal ? Exact(value) : Exact(value * 0x1p200).scaledDown(by: 200)
      let (below, above) = (try #require(Exact(numeral: down)), try #require(Exact(numeral: up)))
      #expect(below <= exact && exact <= above, "\(value): \(down) ... \(up)")
      #expect(below.isWithinOneUnit(of: exact) && above.isWithinOneUnit(of: exact), "\(value)")
    }
  }

  @Test(
    "a value of few digits prints as it is, and one next to it moves to its side",
    arguments: ["0", "1", "-1", "12", "0.5", "-0.25", "1024", "0.001953125", "123456000000"])
  func fewDigits(numeral: String) throws {
    let value = try #require(Double(numeral))
    #expect(DirectedDecimal.text(value, rounded: .down) == numeral)
    #expect(DirectedDecimal.text(value, rounded: .up) == numeral)
    #expect(DirectedDecimal.text(value.nextDown, rounded: .down) != numeral)
    #expect(DirectedDecimal.text(value.nextUp, rounded: .up) != numeral)
  }

  @Test("the binary64 nearest to 0.1 is above 0.1, and prints so on its upper side")
  func oneTenth() {
    #expect(DirectedDecimal.text(0.1, rounded: .down) == "0.1")
    #expect(DirectedDecimal.text(0.1, rounded: .up) == "0.100000001")
    #expect(DirectedDecimal.text(-0.1, rounded: .down) == "-0.100000001")
    #expect(DirectedDecimal.nearest(0.1) == "0.1")
  }

  @Test("what is not finite has no numeral, nor has what would read back as infinity")
  func notFinite() {
    for value in [Double.nan, .infinity, -.infinity, .greatestFiniteMagnitude] {
      #expect(DirectedDecimal.text(value, rounded: .up) == nil)
    }
    #expect(DirectedDecimal.nearest(.nan) == nil)
    #expect(DirectedDecimal.text(-0.0, rounded: .down) == "0")
    #expect(DirectedDecimal.nearest(-0.0) == "0")
  }

  @Test("small and large magnitudes use an exponent that JSON and Swift read")
  func exponents() {
    #expect(DirectedDecimal.text(0x1p-1074, rounded: .down) == "4.94065645e-324")
    #expect(DirectedDecimal.text(0x1p-1074, rounded: .up) == "4.94065646e-324")
    #expect(DirectedDecimal.text(1e-7, rounded: .up) == "1e-7")
    #expect(DirectedDecimal.text(-1.5e20, rounded: .down) == "-1.5e20")
    #expect(DirectedDecimal.nearest(5) == "5")
  }

  @Test("the least binary64 that is not below a decimal of nine digits prints as that decimal")
  func upperNeighbours() throws {
    var random = Words(state: 3)
    for _ in 0..<2000 {
      let digits = Int.random(in: 1..<1_000_000_000, using: &random)
      let numeral = "\(digits)e-\(Int.random(in: 0...12, using: &random))"
      let (nearest, exact) = (try #require(Double(numeral)), try #require(Exact(numeral: numeral)))
      let upper = Exact(nearest) < exact ? nearest.nextUp : nearest
      let printed = try #require(DirectedDecimal.text(upper, rounded: .down))
      #expect(try #require(Exact(numeral: printed)) == exact, "\(numeral)")
    }
  }

  @Test("a printed bound that was read back prints as it did, on either side")
  func printedAgain() throws {
    var random = Words(state: 5)
    for _ in 0..<4000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite, abs(value) >= 1e-299, abs(value) < 1e300 else { continue }
      for rounding in [DirectedDecimal.Rounding.down, .up] {
        let numeral = try #require(DirectedDecimal.text(value, rounded: rounding))
        let read = try #require(DirectedDecimal.asPrinted(value, rounded: rounding))
        #expect(read == Double(numeral))
        #expect(DirectedDecimal.text(printed: read, rounded: rounding) == numeral, "\(value)")
      }
    }
    for numeral in ["0", "0.3", "0.1", "-0.1", "-0.3", "1", "99999999.9", "1e300", "0.000001"] {
      let read = try #require(Double(numeral))
      #expect(DirectedDecimal.text(printed: read, rounded: .down) == numeral)
      #expect(DirectedDecimal.text(printed: read, rounded: .up) == numeral)
    }
    #expect(DirectedDecimal.text(printed: 0.3, rounded: .down, digits: 4) == "0.3")
    #expect(DirectedDecimal.text(printed: 0.29999, rounded: .down, digits: 4) == "0.2999")
    #expect(DirectedDecimal.text(printed: -.infinity, rounded: .down) == nil)
  }

  @Test("where binary64 has fewer than nine digits, a bound read back stays on its side")
  func printedAgainNearZero() throws {
    var random = Words(state: 6)
    for _ in 0..<500 {
      let value = Double(bitPattern: random.next() % (1 << 20) + 1)
      for value in [value, -value] {
        let exact = Exact(value * 0x1p200).scaledDown(by: 200)
        let down = try #require(DirectedDecimal.asPrinted(value, rounded: .down))
        let below = try #require(DirectedDecimal.text(printed: down, rounded: .down))
        #expect(try #require(Exact(numeral: below)) <= exact)
        let up = try #require(DirectedDecimal.asPrinted(value, rounded: .up))
        let above = try #require(DirectedDecimal.text(printed: up, rounded: .up))
        #expect(try #require(Exact(numeral: above)) >= exact)
      }
    }
  }

  @Test("a fraction is rounded up in its ninth digit, exactly")
  func fractions() throws {
    #expect(DirectedDecimal.fractionRoundedUp(582, of: 10000) == "0.0582")
    #expect(DirectedDecimal.fractionRoundedUp(1, of: 3) == "0.333333334")
    #expect(DirectedDecimal.fractionRoundedUp(2, of: 3) == "0.666666667")
    #expect(DirectedDecimal.fractionRoundedUp(1, of: 6000) == "0.000166666667")
    #expect(DirectedDecimal.fractionRoundedUp(0, of: 7) == "0")
    #expect(DirectedDecimal.fractionRoundedUp(7, of: 7) == "1")
    #expect(DirectedDecimal.fractionRoundedUp(9_999_999_999, of: 10_000_000_000) == "1")
    var random = Words(state: 7)
    for _ in 0..<2000 {
      let denominator = Int.random(in: 1...100_000, using: &random)
      let numerator = Int.random(in: 0...denominator, using: &random)
      let numeral = DirectedDecimal.fractionRoundedUp(numerator, of: denominator)
      let printed = try #require(Exact(numeral: numeral))
      let exact = Exact(BigInt(numerator), BigInt(denominator))
      #expect(printed >= exact && printed.isWithinOneUnit(of: exact), "\(numerator)/\(denominator)")
      let lower = DirectedDecimal.fraction(numerator, of: denominator, rounded: .down)
      let below = try #require(Exact(numeral: lower))
      #expect(exact >= below && below.isWithinOneUnit(of: exact), "\(numerator)/\(denominator)")
    }
  }
}

extension Exact {
  fileprivate func scaledDown(by bits: Int) -> Exact {
    Exact(numerator, denominator << bits)
  }
}
