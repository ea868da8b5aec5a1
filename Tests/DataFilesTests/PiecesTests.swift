import DataFiles
import FileAccess
import Foundation
import Testing

/// Files that are read in pieces: what was asked for, and no more.
@Suite struct PiecesTests {
  /// Twelve items of [2, 3], item i and feature f being 6 i + f.
  private static let (count, shape) = (12, [2, 3])
  private static func value(_ item: Int, _ feature: Int) -> Double { Double(6 * item + feature) }

  private static var rowMajor: [UInt8] {
    (0..<72).flatMap { littleEndian(Float($0).bitPattern) }
  }

  private static var columnMajor: [UInt8] {
    (0..<3).flatMap { c in
      (0..<2).flatMap { r in
        (0..<12).flatMap { littleEndian(Float(value($0, 3 * r + c)).bitPattern) }
      }
    }
  }

  /// The same items in every form.
  private static var forms: [(name: String, bytes: [UInt8])] {
    let plain = npy("<f4", [12, 2, 3], rowMajor)
    let turned = npy("<f4", [12, 2, 3], columnMajor, isColumnMajor: true)
    let big = (0..<72).flatMap { bigEndian(Float($0).bitPattern) }
    func archive(_ content: [UInt8], isDeflated: Bool) -> [UInt8] {
      zip([
        ZipPart(name: "other.npy", content: [1, 2, 3]),
        ZipPart(name: "x.npy", content: content, isDeflated: isDeflated),
      ])
    }
    // The first row's numbers could be those of columns.
    let text =
      "a;b;c;d;e;f\n"
      + (0..<12).map { item in
        (0..<6).map { "\(value(item, $0))" }.joined(separator: ";")
      }.joined(separator: "\n")
    return [
      ("plain.npy", plain), ("turned.npy", turned), ("big.npy", npy(">f4", [12, 2, 3], big)),
      ("plain.idx", idx(0x0d, [12, 2, 3], big)), ("plain.npy.gz", deflated(plain)),
      ("turned.npy.gz", deflated(turned)), ("plain.idx.gz", deflated(idx(0x0d, [12, 2, 3], big))),
      ("stored.npz", archive(plain, isDeflated: false)),
      ("turned.npz", archive(turned, isDeflated: false)),
      ("packed.npz", archive(plain, isDeflated: true)), ("text.csv", Array(text.utf8)),
    ]
  }

  private func open(
    _ form: (name: String, bytes: [UInt8]), _ folder: TemporaryFolder, _ limit: Int = 1 << 31
  ) throws -> DataFile {
    try DataFile.open(
      path: folder.write(form.name, form.bytes), labelColumn: LabelColumn.none,
      limits: DataLimits(contentBytes: limit))
  }

  @Test("any items of any form are those of the file, wherever they lie")
  func selections() throws {
    let folder = try TemporaryFolder()
    for form in Self.forms {
      let file = try open(form, folder)
      #expect(file.count == 12)
      let survey = try file.survey()
      #expect(survey.range == 0...71 && survey.isWhole, "\(form.name)")
      for positions in [[0], [11], [3, 4, 5], [0, 5, 11], [1, 2, 7, 8], Array(0..<12)] {
        let data = try file.dataset(positions)
        for item in positions {
          let expected = (0..<6).map { Self.value(item, $0) }
          #expect(data.features(of: item) == expected, "\(form.name): \(item) of \(positions)")
        }
      }
    }
  }

  @Test("the items of CIFAR files lie behind their labels")
  func cifar() throws {
    let records: [[UInt8]] = (0..<5).map { item in
      [UInt8(item)] + (0..<3072).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ item) }
    }
    let folder = try TemporaryFolder()
    let file = try open(("data_batch.bin", records.flatMap { $0 }), folder)
    #expect(file.format == .cifar10 && file.labels?.values == [0, 1, 2, 3, 4])
    for positions in [[0], [4], [1, 3], [0, 1, 2, 3, 4]] {
      let data = try file.dataset(positions)
      for item in positions {
        #expect(data.features(of: item) == records[item].dropFirst().map(Double.init))
      }
    }
  }

  @Test("a limit counts the examples that are asked for, in every form that is read in pieces")
  func limits() throws {
    let folder = try TemporaryFolder()
    for form in Self.forms {
      // What a text says is binary64.
      let size = form.name.hasSuffix(".csv") ? 48 : 24
      let file = try open(form, folder, 3 * size)
      #expect(try file.dataset([4, 5, 9]).features(of: 9)[0] == 54, "\(form.name)")
      let error = #expect(throws: InputError.self) { try file.dataset([4, 5, 9, 10]) }
      #expect(
        error?.kind == .limit && error?.found == "4 examples of \(size) bytes", "\(form.name)")
    }
    // An archive and a text have to be read whole where gzip packed them.
    for form in Self.forms where form.name.hasSuffix(".npz") || form.name.hasSuffix(".csv") {
      let packed = (form.name + ".gz", deflated(form.bytes))
      let error = #expect(throws: InputError.self) { try open(packed, folder, 100) }
      #expect(error?.kind == .limit, "\(form.name)")
    }
  }

  @Test("what is damaged behind the examples is found where all are read, and only there")
  func damage() throws {
    let folder = try TemporaryFolder()
    let stored = Self.forms.first { $0.name == "stored.npz" }
    var turned = try #require(stored).bytes
    // The last element of the last item: in front of the directory.
    let last = try #require(
      turned.indices.reversed().first { Array(turned[$0...].prefix(4)) == [0x50, 0x4b, 1, 2] })
    let first = try #require(
      turned.indices.first { Array(turned[$0...].prefix(4)) == [0x50, 0x4b, 1, 2] })
    #expect(first < last)
    turned[first - 3] ^= 1
    let file = try open(("damaged.npz", turned), folder)
    #expect(try file.dataset([0]).features(of: 0)[5] == 5)
    let error = #expect(throws: InputError.self) { try file.dataset() }
    #expect(error?.found == "content whose checksum differs")
    let whole = deflated(npy("|u1", [300, 1000], (0..<300_000).map { UInt8($0 * $0 % 251) }))
    let cut = try open(("cut.npy.gz", Array(whole.dropLast(12))), folder)
    #expect(try cut.dataset([2]).features(of: 2)[1] == Double(2001 * 2001 % 251))
    let early = #expect(throws: InputError.self) { try cut.dataset() }
    #expect(early?.found.hasPrefix("the gzip data end early") == true)
  }

  @Test("a file that is cut short, or written to, while it is read ends in an error")
  func changes() throws {
    let folder = try TemporaryFolder()
    let form = ("big.npy", npy("|u1", [4096, 1000], [UInt8](repeating: 7, count: 4_096_000)))
    let file = try open(form, folder)
    #expect(try file.dataset([4095]).features(of: 4095)[0] == 7)
    #expect(truncate(file.path, 2_000_000) == 0)
    let short = #expect(throws: InputError.self) { try file.dataset([4095]) }
    #expect(
      short?.found == "the end of a file that had \(form.1.count) bytes when it was opened")
    let changed = #expect(throws: InputError.self) { try file.dataset([0]) }
    #expect(changed?.found == "a file that was changed while it was read")
  }

  @Test("a packed file that claims more than it can hold is refused before there is room for it")
  func claims() throws {
    let folder = try TemporaryFolder()
    for shape in [[1 << 30, 1 << 29], [1, 1 << 59], [1 << 20, 1000]] {
      let file = try open(("claims.npy.gz", deflated(npy("|u1", shape, [1, 2, 3]))), folder)
      for read in [{ _ = try file.survey() }, { _ = try file.dataset([0]) }] {
        let error = #expect(throws: InputError.self) { try read() }
        #expect(error?.found == "the file ends early", "\(shape)")
      }
    }
  }

  @Test("a file too large to be read through is named by parts of it")
  func digests() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("sparse.npy", npy("|u1", [1 << 29], []))
    func grow() throws -> FileDigest {
      #expect(truncate(path, off_t(try #require(Self.headerSize(path)) + 1 << 29)) == 0)
      return try DataFile.open(path: path).digest
    }
    let first = try grow()
    #expect(first.sha256 == nil && first.sampled?.count == 64)
    #expect(try grow() == first)
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    try handle.seekToEnd()
    try handle.seek(toOffset: handle.offset() - 1)
    try handle.write(contentsOf: Data([1]))
    try handle.close()
    #expect(try DataFile.open(path: path).digest != first)
  }

  private static func headerSize(_ path: String) -> Int? {
    guard let handle = FileHandle(forReadingAtPath: path),
      let head = try? handle.read(upToCount: 10), head.count == 10
    else { return nil }
    return 10 + Int(head[8]) + Int(head[9]) << 8
  }
}
