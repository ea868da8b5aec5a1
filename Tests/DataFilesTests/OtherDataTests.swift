import DataFiles
import FileAccess
import Testing

/// What people give in the place of data is called by its name.
@Suite struct OtherDataTests {
  private func refusal(_ bytes: [UInt8]) throws -> InputError? {
    let folder = try TemporaryFolder()
    let path = try folder.write("data", bytes)
    return #expect(throws: InputError.self) { try Dataset.read(path: path) }
  }

  private func archive(of name: String) -> [UInt8] {
    let length = [UInt8(name.utf8.count), 0, 0, 0]
    return Array("PK\u{3}\u{4}".utf8) + Array(repeating: 0, count: 22) + length + Array(name.utf8)
      + Array(repeating: 0, count: 40)
  }

  @Test("tables, packed files and archives of others are named, with what to do")
  func named() throws {
    let rest = [UInt8](repeating: 0, count: 300)
    let arrays = "save the arrays by numpy.save or numpy.savez"
    let unpack = "unpack it first; gzip alone is unpacked here"
    let expected: [(bytes: [UInt8], found: String, remedy: String)] = [
      (Array("PAR1".utf8) + rest, "a Parquet file", arrays),
      (Array("ARROW1".utf8) + rest, "a Feather file", arrays),
      (Array("MATLAB 5.0 MAT-file, Platform".utf8) + rest, "a MAT file of MATLAB", arrays),
      (Array("BZh91AY&SY".utf8) + rest, "a file that bzip2 packed", unpack),
      ([0xfd] + Array("7zXZ".utf8) + rest, "a file that xz packed", unpack),
      ([0x28, 0xb5, 0x2f, 0xfd] + rest, "a file that Zstandard packed", unpack),
      (
        Array("cifar-10-batches-bin/".utf8) + rest.prefix(236) + Array("ustar".utf8) + rest,
        "a tar archive", "unpack it first (tar xf)"
      ),
      (archive(of: "images/data.pkl"), "an archive of PyTorch", arrays),
      (
        archive(of: "[Content_Types].xml"), "a document of an office program",
        "save its table as CSV"
      ),
    ]
    for (bytes, found, remedy) in expected {
      let error = try refusal(bytes)
      #expect(error?.found == found && error?.remedy == remedy, "\(String(describing: error))")
      #expect(error?.expected == "a file in IDX, NPY, NPZ, CIFAR binary or CSV form")
    }
  }

  @Test("a header behind the mark of numpy.savetxt names the columns")
  func savedHeader() throws {
    func read(_ text: String) throws -> Dataset {
      let folder = try TemporaryFolder()
      return try Dataset.read(path: folder.write("data", Array(text.utf8)))
    }
    for text in ["# label,a,b\n2,0.5,3\n", "#label a b\n2 0.5 3\n", "# label a b\n2 0.5 3\n"] {
      let data = try read(text)
      #expect(data.labels?.values == [2] && data.features(of: 0) == [0.5, 3], "\(text)")
    }
    // Identifiers, and what has a mark of its own.
    #expect(try read("# id,a,label\n7,0.5,1\n").features(of: 0) == [0.5])
    #expect(try read("#,label\n7,1\n").features(of: 0) == [7])
  }
}
