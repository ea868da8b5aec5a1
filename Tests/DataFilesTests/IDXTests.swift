import DataFiles
import FileAccess
import Testing

@Suite struct IDXTests {
  private func dataset(_ bytes: [UInt8]) throws -> Dataset {
    let folder = try TemporaryFolder()
    return try Dataset.read(path: folder.write("data", bytes))
  }

  private func refusal(_ bytes: [UInt8], _ limits: DataLimits = DataLimits()) throws -> InputError?
  {
    let folder = try TemporaryFolder()
    let path = try folder.write("data", bytes)
    var error = #expect(throws: InputError.self) {
      try Dataset.read(path: path, limits: limits)
    }
    #expect(error?.file == path)
    error?.file = "data"
    return error
  }

  @Test("every element type comes out exactly")
  func elementTypes() throws {
    let u8 = try dataset(idx(0x08, [2, 1, 2], [0, 1, 128, 255]))
    #expect(u8.count == 2 && u8.itemShape == [1, 2] && u8.elementType == .uint8)
    #expect(u8.features(of: 0) == [0, 1] && u8.features(of: 1) == [128, 255])
    let i8 = try dataset(idx(0x09, [1, 3], [0, 127, 128]))
    #expect(i8.features(of: 0) == [0, 127, -128])
    let i16 = try dataset(idx(0x0b, [1, 2], bigEndian(Int16(-2)) + bigEndian(Int16(300))))
    #expect(i16.features(of: 0) == [-2, 300])
    let i32 = try dataset(idx(0x0c, [2], bigEndian(Int32.min) + bigEndian(Int32(7))))
    #expect(i32.itemShape == [1] && i32.features(of: 0) == [-2_147_483_648])
    #expect(i32.features(of: 1) == [7])
    let f32 = try dataset(
      idx(0x0d, [1, 2], bigEndian(Float(0.1).bitPattern) + bigEndian(Float(-1e-45).bitPattern)))
    #expect(f32.features(of: 0) == [Double(Float(0.1)), -0x1p-149])
    let f64 = try dataset(
      idx(0x0e, [1, 2], bigEndian((0.1).bitPattern) + bigEndian((-2.5).bitPattern)))
    #expect(f64.features(of: 0) == [0.1, -2.5])
    #expect(f64.rawRange() == -2.5...0.1)
  }

  @Test("gzip is seen by content, and the digest is that of the file on the disk")
  func compressed() throws {
    let packed = deflated(idx(0x08, [2, 2], [1, 2, 3, 4]))
    let data = try dataset(packed)
    #expect(data.features(of: 1) == [3, 4])
    #expect(data.sha256 == sha256Hex(packed))
    #expect(data.format == .idx)
  }

  @Test("a file cut at any byte is refused", arguments: [false, true])
  func truncation(isCompressed: Bool) throws {
    let plain = idx(0x0b, [2, 3], [UInt8](repeating: 1, count: 12))
    let whole = isCompressed ? deflated(plain) : plain
    for count in 0..<whole.count { _ = try refusal(Array(whole.prefix(count))) }
    #expect(
      try refusal(Array(plain.prefix(20)))
        == InputError(
          file: "data", place: "byte 20", found: "the file ends early",
          expected: "24 bytes for [2, 3] elements of int16"))
    #expect(try refusal(Array(plain.prefix(9)))?.place == "byte 9")
    #expect(try refusal([])?.found == "an empty file")
  }

  @Test("headers that contradict themselves are refused in words")
  func headers() throws {
    #expect(
      try refusal(idx(0x08, [2], [1, 2, 3]))
        == InputError(
          file: "data", place: "byte 10", found: "more bytes than the header announces",
          expected: "10 bytes for [2] elements of uint8"))
    #expect(
      try refusal(idx(0x0a, [2], [1, 2]))
        == InputError(
          file: "data", place: "byte 2", found: "element type 0A",
          expected: "08 (u8), 09 (i8), 0B (i16), 0C (i32), 0D (f32) or 0E (f64)"))
    #expect(
      try refusal(idx(0x08, [3, 0], []))
        == InputError(file: "data", place: "dimension 1", found: "0", expected: "at least 1"))
    #expect(try refusal(idx(0x08, [], []))?.found == "0 dimensions")
    #expect(try refusal(idx(0x08, Array(repeating: 1, count: 17), [1]))?.found == "17 dimensions")
    let huge = try refusal(idx(0x0e, [0xffff_ffff, 0xffff_ffff, 0xffff_ffff], []))
    #expect(huge?.kind == .content && huge?.expected == "less than 2^62 bytes")
    let large = idx(0x08, [0xffff_ffff], [1, 2])
    #expect(try refusal(large)?.found == "the file ends early")
    #expect(try refusal(deflated(large))?.found == "the file ends early")
    #expect(try refusal([0x89, 0x50, 0x4e, 0x47])?.found == "a PNG picture")
    #expect(try refusal([0x88, 0x50, 0x4e, 0x47])?.place == "byte 0")
  }

  @Test("a value that is not finite is refused with its place")
  func notFinite() throws {
    let one = bigEndian(Float(1).bitPattern)
    let values = one + one + one + bigEndian(Float.nan.bitPattern)
    #expect(
      try refusal(idx(0x0d, [2, 2], values))
        == InputError(
          file: "data", place: "item 1, value 1", found: "NaN", expected: "a finite number"))
    #expect(
      try refusal(idx(0x0e, [1], bigEndian((-Double.infinity).bitPattern)))?.found == "-infinity")
  }

  @Test("a bomb behind an IDX header stops where the header says")
  func bomb() throws {
    let zeros = [UInt8](repeating: 0, count: 30_000_000)
    #expect(
      try refusal(deflated(idx(0x08, [2, 2], zeros)))?.found
        == "more bytes than the header announces")
    var limits = DataLimits()
    limits.contentBytes = 1000
    #expect(try refusal(deflated(idx(0x08, [2, 2000], zeros)), limits)?.kind == .limit)
  }

  @Test("a folder is refused with what to do")
  func folder() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: InputError.self) { try Dataset.read(path: folder.url.path) }
    #expect(error?.kind == .unreadable && error?.found == "a directory")
    #expect(error?.remedy.contains("out of scope") == true)
  }
}
