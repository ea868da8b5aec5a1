import FileAccess
import Testing

@Suite struct GzipTests {
  let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7 ^ $0 / 1000) }

  @Test("what was compressed comes back, in one member and in several, empty ones included")
  func roundTrip() throws {
    for bytes in [[], [7], content] {
      #expect(try Gzip.inflate(deflated(bytes), file: "f", limit: bytes.count) == bytes)
    }
    let members = deflated(content) + deflated([]) + deflated([1, 2])
    #expect(try Gzip.inflate(members, file: "f", limit: .max) == content + [1, 2])
  }

  @Test("the first bytes come without the rest")
  func prefix() throws {
    let cut = Array(deflated(content).dropLast(9))
    #expect(try Gzip.inflate(cut, file: "f", atMost: 1000) == Array(content.prefix(1000)))
    #expect(try Gzip.inflate(deflated(content), file: "f", atMost: .max) == content)
  }

  @Test("gzip is recognised by content")
  func recognises() {
    #expect(Gzip.isGzip(deflated([])))
    #expect(!Gzip.isGzip([0x1f]))
    #expect(!Gzip.isGzip([0, 0, 8, 3]))
  }

  @Test("a file cut at any byte is refused, and says where it ends")
  func refusesTruncation() throws {
    let whole = deflated(Array(content.prefix(2000)))
    for count in 2..<whole.count {
      let error = #expect(throws: InputError.self) {
        try Gzip.inflate(Array(whole.prefix(count)), file: "f.gz", limit: 2000)
      }
      #expect(error?.place == "byte \(count)")
      #expect(error?.found.hasPrefix("the gzip data end early") == true)
    }
  }

  @Test("trailing bytes, a wrong checksum and damaged data are refused")
  func refusesDamage() throws {
    let whole = deflated([1, 2, 3, 4, 5, 6, 7, 8])
    #expect(
      throws: InputError(
        file: "f.gz", place: "byte \(whole.count)",
        found: "3 bytes that are not gzip after the end of the gzip data",
        expected: "the end of the file, or another gzip member")
    ) {
      try Gzip.inflate(whole + [0, 0, 0], file: "f.gz", limit: 100)
    }
    var wrong = whole
    wrong[whole.count - 6] ^= 1
    let error = #expect(throws: InputError.self) {
      try Gzip.inflate(wrong, file: "f.gz", limit: 100)
    }
    #expect(error?.found == "corrupt gzip data (incorrect data check)")
    for position in 2..<whole.count {
      for bit in 0..<8 {
        var mutated = whole
        mutated[position] ^= 1 << bit
        // Some bits (time stamp, name of the system) carry no content; all others are noticed.
        let result = try? Gzip.inflate(mutated, file: "f.gz", limit: 100)
        #expect(result == nil || result == [1, 2, 3, 4, 5, 6, 7, 8])
      }
    }
  }

  @Test("a bomb stops at the limit")
  func refusesBomb() {
    let bomb = deflated([UInt8](repeating: 0, count: 50_000_000))
    #expect(bomb.count < 60_000)
    #expect(
      throws: InputError(
        .limit, file: "f.gz", found: "more than 1000000 bytes after decompression",
        expected: "at most 1000000 bytes")
    ) {
      try Gzip.inflate(bomb, file: "f.gz", limit: 1_000_000)
    }
  }
}
