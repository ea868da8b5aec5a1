import Commands
import FileAccess
import Numbers
import Testing

/// How options read numbers.
@Suite struct NumberOptionTests {
  private func number(
    _ text: String, _ domain: NumberDomain = .nonNegative
  ) throws -> Numeral {
    try Numeral(text, option: "--eps", domain: domain)
  }

  @Test("a list is read entry by entry")
  func lists() throws {
    let numbers = try Numeral.list("0.05, 0.1,8/255", option: "--eps")
    #expect(numbers.map(\.text) == ["0.05", "0.1", "8/255"])
    #expect(throws: InputError.self) { try Numeral.list("0.1,,0.2", option: "--eps") }
    #expect(throws: InputError.self) { try Numeral.list("", option: "--eps") }
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
