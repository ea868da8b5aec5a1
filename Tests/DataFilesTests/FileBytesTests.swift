import FileAccess
import Foundation
import Testing

@Suite struct FileBytesTests {
  @Test("a file is read as it lies, also when it is empty")
  func readsBytes() throws {
    let folder = try TemporaryFolder()
    #expect(try readFile(folder.write("a", [1, 2, 255])) == [1, 2, 255])
    #expect(try readFile(folder.write("b", [])) == [])
    let long = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(try readFile(folder.write("c", long)) == long)
  }

  @Test("a missing file, a directory and a forbidden file are refused as unreadable")
  func refusesUnreadable() throws {
    let folder = try TemporaryFolder()
    let missing = folder.path("missing")
    #expect(throws: InputError(.unreadable, file: missing, found: "no such file")) {
      try readFile(missing)
    }
    #expect(
      throws: InputError(
        .unreadable, file: folder.url.path, found: "a directory", expected: "a file")
    ) {
      try readFile(folder.url.path)
    }
    if getuid() != 0 {
      let closed = try folder.write("closed", [1])
      chmod(closed, 0)
      #expect(throws: InputError(.unreadable, file: closed, found: "permission denied")) {
        try readFile(closed)
      }
    }
    #expect(throws: InputError.self) { try readFile("a\0b") }
  }

  @Test("a limit is kept for files and for endless streams")
  func keepsLimit() throws {
    let folder = try TemporaryFolder()
    let five = try folder.write("five", [1, 2, 3, 4, 5])
    #expect(try readFile(five, limit: 5).count == 5)
    #expect(
      throws: InputError(.limit, file: five, found: "5 bytes", expected: "at most 4 bytes")
    ) {
      try readFile(five, limit: 4)
    }
    #expect(
      throws: InputError(
        .limit, file: "/dev/zero", found: "more than 100000 bytes",
        expected: "at most 100000 bytes")
    ) {
      try readFile("/dev/zero", limit: 100_000)
    }
  }

  @Test("SHA-256 agrees with the examples of FIPS 180, in one piece and in two")
  func digests() {
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(sha256Hex(Array("abc".utf8)) == expected)
    var digest = SHA256Digest()
    digest.update(UnsafeRawBufferPointer(start: nil, count: 0))
    for part in ["a", "bc"] {
      Array(part.utf8).withUnsafeBytes { digest.update($0) }
    }
    #expect(digest.finish() == expected)
    #expect(
      sha256Hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }
}
