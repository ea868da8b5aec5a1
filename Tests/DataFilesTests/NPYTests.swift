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

@Suite struct NPZTests {
  private let images = npy("|u1", [2, 1, 2], [1, 2, 3, 4])
  private let classes = npy("<i8", [2], littleEndian(Int64(7)) + littleEndian(Int64(0)))

  private func dataset(_ parts: [ZipPart], comment: String = "") throws -> Dataset {
    let folder = try TemporaryFolder()
    return try Dataset.read(path: folder.write("data.npz", zip(parts, comment: comment)))
  }

  private func refusal(_ bytes: [UInt8]) throws -> InputError? {
    let folder = try TemporaryFolder()
    let path = try folder.write("data.npz", bytes)
    return #expect(throws: InputError.self) { try Dataset.read(path: path) }
  }

  @Test(
    "items and labels are found by name, stored or deflated", arguments: [false, true],
    ["x", "X", "images"])
  func reads(isDeflated: Bool, name: String) throws {
    let data = try dataset([
      ZipPart(name: "other.npy", content: [1]),
      ZipPart(name: "y.npy", content: classes, isDeflated: isDeflated),
      ZipPart(name: name + ".npy", content: images, isDeflated: isDeflated, isWide: true),
    ])
    #expect(data.format == .npz && data.itemShape == [1, 2])
    #expect(data.features(of: 1) == [3, 4])
    #expect(data.labels?.values == [7, 0])
  }

  @Test("an archive without labels, and one with a comment, are read")
  func variants() throws {
    let data = try dataset([ZipPart(name: "x.npy", content: images)], comment: "PK\u{5}\u{6}")
    #expect(data.labels == nil && data.count == 2)
  }

  @Test("labels can be named by the archive that holds them")
  func labelsAlone() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "data.npz",
      zip([
        ZipPart(name: "x.npy", content: images), ZipPart(name: "labels.npy", content: classes),
      ]))
    #expect(try Labels.read(path: path, count: 2, dataPath: "d").values == [7, 0])
  }

  @Test(
    "labels that name another split than the examples are not theirs",
    arguments: [
      ("x_test", "y_val"), ("x_test", "y_train"), ("x_train", "y_test"), ("x", "y_train"),
      ("val_images", "test_labels"),
    ])
  func otherSplit(names: (String, String)) throws {
    let parts = [
      ZipPart(name: names.0 + ".npy", content: images),
      ZipPart(name: names.1 + ".npy", content: classes),
    ]
    let refused = try refusal(zip(parts))
    #expect(refused?.found.contains("\"\(names.1)\"") == true, "\(names)")
    #expect(refused?.expected == "one with the labels of \"\(names.0)\"", "\(names)")
    #expect(refused?.remedy.contains("--labels-name") == true)
    let folder = try TemporaryFolder()
    let path = try folder.write("d.npz", zip(parts))
    let named = try Dataset.read(path: path, names: ArrayNames(labels: names.1))
    #expect(named.labels?.values == [7, 0])
    // The same where a file of labels is named for its own sake.
    guard names.0 != "x" else { return }
    let labels = try folder.write("l.npz", zip([parts[1]]))
    for file in [path, labels] {
      #expect(throws: InputError.self, "\(names)") {
        try Labels.read(path: file, count: 2, dataPath: "d", items: names.0)
      }
    }
  }

  @Test("labels of the same split, of none, or beside examples of no known name are theirs")
  func sameSplit() throws {
    for (items, labels) in [
      ("x_test", "y_test"), ("x_train", "y_train"), ("x_val", "validation_labels"), ("x", "y"),
      ("x_test", "y"), ("test_x", "testing_y"),
    ] {
      let data = try dataset([
        ZipPart(name: items + ".npy", content: images),
        ZipPart(name: labels + ".npy", content: classes),
      ])
      #expect(data.labels?.values == [7, 0], "\(items) \(labels)")
    }
    let folder = try TemporaryFolder()
    let other: [UInt8] = npy("|u1", [2], [3, 3])
    let path = try folder.write(
      "l.npz",
      zip([
        ZipPart(name: "y_test.npy", content: other), ZipPart(name: "y_train.npy", content: classes),
      ]))
    func values(_ items: String?) throws -> [Int] {
      try Labels.read(path: path, count: 2, dataPath: "d", items: items).values
    }
    #expect(try values("x_train") == [7, 0] && values("x_test") == [3, 3])
    #expect(throws: InputError.self) { try values("x_val") }
  }

  @Test("archives that lie or lack something are refused")
  func refusals() throws {
    #expect(
      try refusal(
        zip([ZipPart(name: "a.npy", content: images), ZipPart(name: "b.npy", content: images)]))?
        .found == "arrays \"a\", \"b\"")
    #expect(try refusal(zip([]))?.found == "no arrays")
    let both = zip([
      ZipPart(name: "x.npy", content: images), ZipPart(name: "X.npy", content: images),
    ])
    #expect(try refusal(both)?.found == "arrays \"x\", \"X\"")
    let unequal = zip([
      ZipPart(name: "x.npy", content: images),
      ZipPart(name: "y.npy", content: npy("|u1", [3], [0, 1, 2])),
    ])
    #expect(try refusal(unequal)?.found == "3 labels")
    for size in [0, 10, 1000, 1 << 31] {
      let lying = zip([ZipPart(name: "x.npy", content: images, isDeflated: true, claimedSize: size)]
      )
      _ = try refusal(lying)
    }
    let bomb = [UInt8](repeating: 0, count: 20_000_000)
    let bombs = zip([ZipPart(name: "x.npy", content: bomb, isDeflated: true, claimedSize: 100)])
    #expect(try refusal(bombs)?.found == "more than 100 bytes of content")
  }

  @Test("what a deflated member holds is unpacked up to what is asked for, in any pieces")
  func deflatedPieces() throws {
    // Numbers that do not repeat, 3 MiB of them: many pieces of packed bytes, and of what comes of them.
    let (rows, columns) = (3 << 8, 1 << 10)
    var random = SeededGenerator(state: 5)
    let numbers = (0..<rows * columns).map { _ in Int32.random(in: -70000...70000, using: &random) }
    let content = npy(
      "<i4", [rows, columns], numbers.flatMap { littleEndian(UInt32(bitPattern: $0)) })
    let folder = try TemporaryFolder()
    func expected(_ row: Int) -> [Double] {
      numbers[row * columns..<(row + 1) * columns].map { Double($0) }
    }
    let part = ZipPart(name: "x.npy", content: content, isDeflated: true)
    let whole = zip([part])
    let path = try folder.write("data.npz", whole)
    // More than a row is never held.
    let file = try DataFile.open(path: path, limits: DataLimits(contentBytes: 8 * columns))
    #expect(file.count == rows)
    for positions in [[0], [1, 500], [rows - 1]] {
      let data = try file.dataset(positions)
      for row in positions { #expect(data.features(of: row) == expected(row)) }
    }
    let survey = try file.survey()
    let (least, most) = (numbers.min() ?? 0, numbers.max() ?? 0)
    #expect(survey.range == Double(least)...Double(most) && survey.isWhole)
    // Damage in the last tenth: the first rows are read, all of them are refused.
    var damaged = whole
    let place = whole.count * 19 / 20
    damaged[place] ^= 0x55
    let other = try DataFile.open(path: folder.write("damaged.npz", damaged))
    #expect(try other.dataset([0, 1]).features(of: 1) == expected(1))
    #expect(throws: InputError.self) { try other.dataset() }
    #expect(throws: InputError.self) { try other.survey() }
    for size in [content.count - 1, content.count + 1] {
      var lying = part
      lying.claimedSize = size
      #expect(throws: InputError.self) {
        try Dataset.read(path: folder.write("lying.npz", zip([lying])))
      }
    }
  }

  @Test("an archive cut at any byte, or with any bit turned, never does harm")
  func damage() throws {
    let whole = zip([
      ZipPart(name: "x.npy", content: images, isDeflated: true, isWide: true),
      ZipPart(name: "y.npy", content: classes),
    ])
    let folder = try TemporaryFolder()
    for count in 0..<whole.count {
      let path = try folder.write("cut", Array(whole.prefix(count)))
      #expect(throws: InputError.self) { try Dataset.read(path: path) }
    }
    for position in whole.indices {
      var mutated = whole
      mutated[position] ^= 1 << (position % 8)
      let path = try folder.write("bit", mutated)
      let data = try? Dataset.read(path: path)
      #expect(data == nil || data?.features(of: 1) == [3, 4], "byte \(position)")
    }
  }
}
