import BigInt
import Glibc
import Numbers
import Testing

/// An exact rational, written for these tests over another library than the code under test.
private struct Exact {
  var top: BigInt
  var bottom: BigInt

  init(_ top: BigInt, _ bottom: BigInt = 1) {
    (self.top, self.bottom) = bottom < 0 ? (-top, -bottom) : (top, bottom)
  }

  init(_ number: Double) {
    let significand = BigInt(number.magnitude.significandBitPattern)
    let implicit: BigInt = number.isNormal ? BigInt(1) << 52 : 0
    let exponent = max(Int(number.exponentBitPattern), 1) - 1075
    let value = (significand + implicit) * (number < 0 ? -1 : 1)
    self.init(
      exponent > 0 ? value << exponent : value, exponent < 0 ? BigInt(1) << -exponent : 1)
  }

  static func < (left: Exact, right: Exact) -> Bool {
    left.top * right.bottom < right.top * left.bottom
  }
  static func <= (left: Exact, right: Exact) -> Bool { !(right < left) }
  static func - (left: Exact, right: Exact) -> Exact {
    Exact(left.top * right.bottom - right.top * left.bottom, left.bottom * right.bottom)
  }
  static func * (left: Exact, right: Exact) -> Exact {
    Exact(left.top * right.top, left.bottom * right.bottom)
  }
  var magnitude: Exact { Exact(top.magnitude == 0 ? 0 : BigInt(top.magnitude), bottom) }
}

private struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

@Suite struct NumeralTests {
  private func number(_ text: String) throws -> Numeral { try Numeral(text) }

  private func expectTight(_ number: Numeral, _ value: Exact, _ comment: Comment) {
    #expect(Exact(number.lower) <= value, comment)
    #expect(value <= Exact(number.upper), comment)
    #expect(number.upper == number.lower || number.upper == number.lower.nextUp, comment)
    if number.lower != number.upper {
      #expect(Exact(number.lower) < value && value < Exact(number.upper), comment)
    }
    let below = value - Exact(number.lower)
    let above = Exact(number.upper) - value
    let isEven = number.lower.significandBitPattern % 2 == 0
    let nearest =
      below < above || (!(above < below) && isEven) ? number.lower : number.upper
    #expect(number.nearest == nearest, comment)
  }

  @Test("numbers and fractions that people type lie between their binary64 neighbours")
  func usualNumbers() throws {
    let cases: [(String, BigInt, BigInt)] = [
      ("0.1", 1, 10), ("8/255", 8, 255), ("2/255", 2, 255), ("1e-3", 1, 1000), ("0", 0, 1),
      ("1", 1, 1), ("0.5", 1, 2), ("+3", 3, 1), ("0.3", 3, 10), ("1.5/0.5", 3, 1), (".25", 1, 4),
      ("4.", 4, 1), ("1E2/2e+1", 5, 1), ("0.00392156862745098", 392_156_862_745_098, 10 ** 17),
      (" 0.1 ", 1, 10), ("0/3", 0, 1), ("000.1000", 1, 10), ("0e10000", 0, 1),
    ]
    for (text, top, bottom) in cases {
      try expectTight(number(text), Exact(top, bottom), "\(text)")
    }
    #expect(try number("0.1").nearest == 0.1)
    #expect(try number("0.1").isExact == false)
    #expect(try number("0.5").isExact)
    #expect(try number(" 0.1 ").text == "0.1")
  }

  @Test("the ends of binary64 are met exactly: subnormals, ties and the greatest number")
  func extremes() throws {
    let one = BigInt(1)
    let tiny = try number("1e-400")
    #expect(tiny.lower == 0 && tiny.nearest == 0 && tiny.upper == .leastNonzeroMagnitude)
    try expectTight(number("1e-320"), Exact(1, 10 ** 320), "1e-320")
    // 2^53 + 1 lies half way; the even neighbour is 2^53. One unit in a far digit tips it.
    try expectTight(number("9007199254740993"), Exact((one << 53) + 1), "tie")
    #expect(try number("9007199254740993").nearest == 9_007_199_254_740_992)
    let zeros = String(repeating: "0", count: 900)
    #expect(try number("9007199254740993." + zeros + "1").nearest == 9_007_199_254_740_994)
    #expect(try number("9007199254740995").nearest == 9_007_199_254_740_996)
    let greatest = try number("1.7976931348623157081e308")
    #expect(greatest.upper == .greatestFiniteMagnitude && greatest.nearest == greatest.upper)
    let exact = (((one << 53) - 1) << 971).description
    let largest = try number(exact)
    #expect(largest.isExact && largest.nearest == .greatestFiniteMagnitude)
  }

  @Test("random texts of every form agree with exact arithmetic", arguments: UInt64(0)..<20)
  func randomTexts(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    func decimal() -> (String, BigInt, BigInt) {
      let digits = (0..<Int.random(in: 1...25, using: &random)).map { _ in
        String(Int.random(in: 0...9, using: &random))
      }.joined()
      let point = Int.random(in: 0...digits.count, using: &random)
      let exponent = Int.random(in: -330...280, using: &random)
      let text = "\(digits.prefix(point)).\(digits.dropFirst(point))e\(exponent)"
      let shift = exponent - (digits.count - point)
      let value = BigInt(digits, radix: 10) ?? 0
      return (
        text, shift > 0 ? value * 10 ** shift : value, shift < 0 ? 10 ** -shift : 1
      )
    }
    for _ in 0..<20 {
      let (text, top, bottom) = decimal()
      try expectTight(number(text), Exact(top, bottom), "\(text)")
      let (divisor, over, under) = decimal()
      let value = Exact(top * under, bottom * over)
      guard over != 0, value <= Exact(.greatestFiniteMagnitude) else { continue }
      try expectTight(number("\(text)/\(divisor)"), value, "\(text)/\(divisor)")
      try expectTight(
        number("-\(text)/\(divisor)"), Exact(-value.top, value.bottom), "-\(text)")
    }
  }

  @Test("a product is the exact one rounded once")
  func products() throws {
    var random = SeededGenerator(state: 7)
    for text in ["1/255", "0.00392156862745098", "1", "0.5", "3/7", "1/16", "1e-300", "-1/3"] {
      let scale = try number(text)
      let parts = text.split(separator: "/")
      let value: Exact =
        parts.count == 2
        ? Exact(BigInt(parts[0]) ?? 0, BigInt(parts[1]) ?? 1)
        : [
          "1": Exact(1), "0.5": Exact(1, 2), "1e-300": Exact(1, 10 ** 300),
        ][text] ?? Exact(392_156_862_745_098, 10 ** 17)
      let raws =
        (0...255).map(Double.init)
        + (0..<200).map { _ in Double.random(in: -1e3...1e3, using: &random) }
        + [.leastNonzeroMagnitude, 0x1p-1040, 1e300, -1e-20]
      for raw in raws {
        let exact = value * Exact(raw)
        let product = scale.times(raw)
        let error = (Exact(product) - exact).magnitude
        #expect(error <= (Exact(product.nextUp) - exact).magnitude, "\(text) * \(raw)")
        #expect(error <= (Exact(product.nextDown) - exact).magnitude, "\(text) * \(raw)")
      }
    }
    #expect(try number("1/255").times(255) == 1)
    #expect(try number("1e300").times(1e300) == .infinity)
  }

  @Test("quotients of typed numbers are rounded once")
  func quotients() throws {
    func quotient(_ a: String, _ b: String) throws -> Double {
      try number(a).quotient(by: number(b))
    }
    #expect(try quotient("8/255", "1/255") == 8)
    #expect(try quotient("0.05", "1/255") == 12.75)
    #expect(try quotient("0.3", "0.1") == 3)
    #expect(try quotient("0", "0.1") == 0)
    #expect(try quotient("1", "3") == 1.0 / 3)
  }

  @Test("comparison is exact where binary64 sees no difference")
  func comparison() throws {
    #expect(try number("0.1") < number("0.100000000000000000001"))
    #expect(try !(number("0.1") < number("1/10")) && number("0.1") == number("1/10"))
    #expect(try number("-1") < number("-0.5"))
    #expect(try number("-1") < number("0"))
    #expect(try !(number("0") < number("-0")) && number("0") == number("-0"))
  }

  @Test("a decimal's nearest number is that of the C library, which reads it by other means")
  func cLibrary() throws {
    var random = SeededGenerator(state: 11)
    for _ in 0..<2000 {
      let digits = random.next() >> UInt64.random(in: 0...63, using: &random)
      let text = "\(digits)e\(Int.random(in: -345...288, using: &random))"
      #expect(try number(text).nearest == strtod(text, nil), "\(text)")
    }
  }

  @Test("a binary64 number is its own three, and is read back from its text")
  func exactly() throws {
    var random = SeededGenerator(state: 3)
    for _ in 0..<500 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      let number = Numeral(exactly: value)
      #expect([number.lower, number.nearest, number.upper] == [value, value, value])
      #expect(try Numeral(number.text).nearest == value, "\(value)")
    }
  }

  @Test(
    "a radius's decimal has at most nine digits, its text is its value, and lies as near as it says"
  )
  func grid() throws {
    var random = SeededGenerator(state: 5)
    for _ in 0..<500 {
      let value =
        Double.random(in: 1...10, using: &random)
        * Double(sign: .plus, exponent: Int.random(in: -40...35, using: &random), significand: 1)
      let (below, above) = (Numeral.decimal(notAbove: value), Numeral.decimal(notBelow: value))
      for decimal in [below, above] {
        #expect(decimal.text.prefix { $0 != "e" }.count { $0.isNumber && $0 != "0" } <= 9)
        #expect(try Numeral(decimal.text) == decimal, "\(value)")
      }
      #expect(below.nearest <= value && below.nearest > value * (1 - 2.1e-8), "\(value)")
      #expect(above.upper >= value && above.upper < value * (1 + 3.2e-8), "\(value)")
    }
    #expect(Numeral.decimal(notAbove: 9e-14) == .zero)
    #expect(Numeral.decimal(notAbove: 1e300).text == "999999999000")
  }

  @Test("what is not a number is refused")
  func refusals() {
    let problems: [(String, Numeral.Problem)] = [
      ("", .empty), ("1/0.00", .zeroDenominator), ("1/2/3", .notANumber),
      ("1e10001", .exponentTooLarge),
      ("1.7976931348623158e308", .tooLarge), (String(repeating: "1", count: 1001), .tooLong),
    ]
    for (text, problem) in problems { #expect(throws: problem) { try Numeral(text) } }
  }
}

infix operator ** : BitwiseShiftPrecedence
private func ** (base: BigInt, exponent: Int) -> BigInt { base.power(exponent) }
