import BigInt
import DataFiles
import FileAccess
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

@Suite struct TypedNumberTests {
  private func number(
    _ text: String, _ domain: TypedNumber.Domain = .nonNegative
  ) throws -> TypedNumber {
    try TypedNumber(text, option: "--eps", domain: domain)
  }

  private func expectTight(_ number: TypedNumber, _ value: Exact, _ comment: Comment) {
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
        number("-\(text)/\(divisor)", .any), Exact(-value.top, value.bottom), "-\(text)")
    }
  }

  @Test("a product is the exact one rounded once, and its error is within the bound")
  func products() throws {
    var random = SeededGenerator(state: 7)
    for text in ["1/255", "0.00392156862745098", "1", "0.5", "3/7", "1/16", "1e-300", "-1/3"] {
      let scale = try number(text, .any)
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
        #expect(error <= Exact(scale.error(ofTimes: raw)), "\(text) * \(raw)")
      }
    }
    #expect(try number("1/255").times(255) == 1)
    #expect(try number("1/255").error(ofTimes: 255) == 0)
    #expect(try number("1").error(ofTimes: 0.1) == 0)
    #expect(try number("1/255").error(ofTimes: 1) > 0)
    #expect(try number("1e300").times(1e300) == .infinity)
  }

  @Test("comparison is exact where binary64 sees no difference")
  func comparison() throws {
    #expect(try number("0.1").isLess(than: number("0.100000000000000000001")))
    #expect(try !number("0.1").isLess(than: number("1/10")))
    #expect(try number("-1", .any).isLess(than: number("-0.5", .any)))
    #expect(try number("-1", .any).isLess(than: number("0")))
    #expect(try !number("0").isLess(than: number("-0", .any)))
  }

  @Test("a list is read entry by entry")
  func lists() throws {
    let numbers = try TypedNumber.list("0.05, 0.1,8/255", option: "--eps")
    #expect(numbers.map(\.text) == ["0.05", "0.1", "8/255"])
    #expect(throws: InputError.self) { try TypedNumber.list("0.1,,0.2", option: "--eps") }
    #expect(throws: InputError.self) { try TypedNumber.list("", option: "--eps") }
  }

  @Test("what is not a number is refused in words")
  func refusals() throws {
    let cases: [(String, String)] = [
      ("", "an empty text"), ("  ", "an empty text"), ("nan", "\"nan\" is not a number"),
      ("inf", "\"inf\" is not a number"), ("0x10", "\"0x10\" is not a number"),
      ("1/0", "\"1/0\" divides by zero"), ("1/0.00", "\"1/0.00\" divides by zero"),
      ("-0.1", "\"-0.1\""), ("1/2/3", "\"1/2/3\" is not a number"),
      ("1 2", "\"1 2\" is not a number"), ("/2", "\"/2\" is not a number"),
      ("1/", "\"1/\" is not a number"), (".", "\".\" is not a number"),
      ("1e", "\"1e\" is not a number"), ("1.2.3", "\"1.2.3\" is not a number"),
      ("1/-2", "\"1/-2\" is not a number"), ("--1", "\"--1\" is not a number"),
      ("1_000", "\"1_000\" is not a number"), ("٣", "\"٣\" is not a number"),
      ("1e99999999999999999999", "\"1e99999999999999999999\" has an exponent beyond 10000"),
      ("1e400", "\"1e400\" is above the largest binary64 number"),
      ("1\u{1b}[31m", "\"1\\u{1B}[31m\" is not a number"),
      (String(repeating: "1", count: 1001), "1001 characters (at most 1000 are read)"),
    ]
    for (text, found) in cases {
      #expect(
        throws: InputError(
          .usage, file: "--eps", found: found,
          expected: "a number >= 0 such as 0.1, 1e-3 or 8/255")
      ) {
        try number(text)
      }
    }
    #expect(throws: InputError.self) { try number("0", .positive) }
    #expect(throws: InputError.self) { try number("-1", .positive) }
    #expect(try number("-0").nearest == 0)
  }
}

infix operator ** : BitwiseShiftPrecedence
private func ** (base: BigInt, exponent: Int) -> BigInt { base.power(exponent) }
