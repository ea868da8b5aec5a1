import DataFiles
import FileAccess
import NumberSupport
import Testing

@Suite struct NPYTests {
  private func dataset(_ bytes: [UInt8]) throws -> Dataset {
    let folder = try TemporaryFolder()
    return try Dataset.read(path: folder.write("data.npy", bytes))
  }

  private func refusal(_ bytes: [UInt8]) throws -> InputError? {
    let folder = try TemporaryFolder()
    let path = try folder.write("data.npy", bytes)
    return #expect(throws: InputError.self) { try Dataset.read(path: path) }
  }

  @Test("every element type comes out exactly, in either byte order")
  func elementTypes() throws {
    #expect(try dataset(npy("|u1", [1, 2], [0, 255])).features(of: 0) == [0, 255])
    #expect(try dataset(npy("|i1", [1, 2], [0, 255])).features(of: 0) == [0, -1])
    #expect(try dataset(npy("<u1", [2], [3, 4])).features(of: 1) == [4])
    for (mark, bytes) in [("<", littleEndian), (">", bigEndian)] as [(String, (UInt64) -> [UInt8])]
    {
      let large = bytes(UInt64(bitPattern: -(1 << 53)))
      #expect(
        try dataset(npy(mark + "i8", [1, 1], large)).features(of: 0) == [-9_007_199_254_740_992])
      let tenth = bytes((0.1).bitPattern)
      #expect(try dataset(npy(mark + "f8", [1, 1], tenth)).features(of: 0) == [0.1])
    }
    #expect(try dataset(npy("<i4", [1], littleEndian(Int32(-7)))).features(of: 0) == [-7])
    #expect(try dataset(npy(">i2", [1], bigEndian(Int16(-7)))).features(of: 0) == [-7])
    let float = littleEndian(Float(0.1).bitPattern)
    #expect(try dataset(npy("<f4", [1], float)).features(of: 0) == [Double(Float(0.1))])
    #expect(try dataset(npy("<f4", [1], float)).format == .npy)
    #expect(try dataset(npy("|b1", [1, 2], [0, 1])).features(of: 0) == [0, 1])
    #expect(try dataset(npy(">u2", [1], [1, 2])).features(of: 0) == [258])
    #expect(try dataset(npy("<u4", [1], littleEndian(UInt32.max))).features(of: 0) == [0xffff_ffff])
    let even = littleEndian(UInt64.max << 11)
    #expect(try dataset(npy("<u8", [1], even)).features(of: 0) == [0x1p64 - 0x1p11])
  }

  @Test("every finite binary16 number is read exactly, and no other is read")
  func halves() throws {
    // The definition, by repeated halving: no arithmetic of the reader's.
    func value(_ bits: UInt16) -> Double? {
      let (exponent, fraction) = (Int(bits >> 10) & 31, Int(bits) & 1023)
      if exponent == 31 { return nil }
      var value = Double(exponent == 0 ? fraction : fraction + 1024)
      for _ in 0..<max(0, 25 - max(exponent, 1)) { value /= 2 }
      for _ in 0..<max(0, exponent - 25) { value *= 2 }
      return bits >> 15 == 1 ? -value : value
    }
    let finite = (0...UInt16.max).filter { value($0) != nil }
    let data = try dataset(npy("<f2", [finite.count], finite.flatMap { littleEndian($0) }))
    for (index, bits) in finite.enumerated() {
      let read = data.features(of: index)[0]
      #expect(read == value(bits) && (read.sign == .minus) == (bits >> 15 == 1), "\(bits)")
    }
    for bits in [0x7c00, 0xfc00, 0x7e00, 0xfdff, 0x7c01] as [UInt16] {
      #expect(try refusal(npy("<f2", [1], littleEndian(bits)))?.place == "item 0, value 0")
    }
  }

  @Test("Fortran order is read as the array that NumPy shows")
  func columnMajor() throws {
    // np.arange(24).reshape(2, 3, 4), stored with the first index varying fastest.
    var stored: [UInt8] = []
    for w in 0..<4 {
      for h in 0..<3 { for n in 0..<2 { stored.append(UInt8(12 * n + 4 * h + w)) } }
    }
    let data = try dataset(npy("|u1", [2, 3, 4], stored, isColumnMajor: true))
    #expect(data.features(of: 0) == (0..<12).map(Double.init))
    #expect(data.features(of: 1) == (12..<24).map(Double.init))
    let turned = data.reordered(Array((0..<12).reversed()), itemShape: [4, 3])
    #expect(turned.features(of: 1) == (12..<24).reversed().map(Double.init))
    let nan = littleEndian(Float.nan.bitPattern)
    let zero = littleEndian(Float(0).bitPattern)
    let error = try refusal(npy("<f4", [2, 2], zero + nan + zero + zero, isColumnMajor: true))
    #expect(error?.place == "item 1, value 0")
  }

  @Test("the header's notation is read as Python reads it")
  func notation() throws {
    for text in [
      "{'shape': (1, 2), 'descr': '|u1', 'fortran_order': False}",
      "{\"descr\":\"|u1\",\"fortran_order\":False,\"shape\":(1,2,),}",
      "{ 'descr' : '|u1', 'fortran_order': False, 'shape': (1L, 2L) }   ",
    ] {
      for version in [1, 2, 3] as [UInt8] {
        #expect(try dataset(npy(text, [5, 6], version: version)).features(of: 0) == [5, 6])
      }
    }
    for text in [
      "", "{", "{}", "{'descr': '|u1'}", "{'descr': '|u1', 'fortran_order': False, 'shape': (2)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'shape': (2,)}",
      "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)} x",
      "{'descr': '|u1', 'fortran_order': 0, 'shape': (2,)}",
    ] {
      let error = try refusal(npy(text, [5, 6]))
      #expect(error?.expected.hasPrefix("a dictionary") == true, "\(text)")
    }
  }

  @Test("types, shapes and sizes that cannot be data are refused")
  func refusals() throws {
    for type in ["<c8", "|O", "<U3", "|f4", "", "f4", "<f44", "<f16", "|V8", "<M8[ns]"] {
      let error = try refusal(npy(type, [2], [UInt8](repeating: 0, count: 16)))
      #expect(error?.found.hasPrefix("element type") == true, "\(type)")
      #expect(
        error?.found.contains("wider than binary64") == ["<f44", "<f16"].contains(type), "\(type)")
    }
    for type in ["f4", "|f4", "=x2", "i8"] {
      let error = try refusal(npy(type, [2], [UInt8](repeating: 0, count: 16)))
      let isKnown = type != "=x2"
      #expect(error?.found.contains("the order of its bytes") == isKnown, "\(type)")
    }
    #expect(
      try refusal(npy("f4", [2], [UInt8](repeating: 0, count: 8)))?.expected
        == "\"<f4\" or \">f4\"")
    let records = "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (2,)}"
    #expect(try refusal(npy(records, [5, 6]))?.found.hasPrefix("a structured array") == true)
    #expect(try refusal(npy("|u1", [], [1]))?.found == "an array of 0 dimensions")
    #expect(try refusal(npy("|u1", [2, 0], []))?.place == "dimension 1")
    #expect(try refusal(npy("|u1", [2], [1]))?.found == "the file ends early")
    #expect(
      try refusal(npy("|u1", [2], [1, 2, 3]))?.found == "more bytes than the header announces")
    #expect(
      try refusal(npy("|u1", [1 << 62, 1 << 62], []))?.expected == "less than 2^62 bytes")
    #expect(try refusal(npy("{}", [], version: 4))?.found == "version 4")
    let odd = littleEndian(Int64(1 << 53 + 1))
    #expect(
      try refusal(npy("<i8", [1, 1], odd))?.found
        == "9007199254740993, which binary64 cannot hold")
  }

  @Test("a file cut at any byte is refused")
  func truncation() throws {
    let whole = npy("<f4", [1, 2], [UInt8](repeating: 0, count: 8))
    for count in 0..<whole.count { _ = try refusal(Array(whole.prefix(count))) }
  }
}
