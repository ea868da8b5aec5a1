import DataFiles
import FileAccess
import NumberSupport
import Testing

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
