import DataFiles
import FileAccess
import Testing

@Suite struct LabelsTests {
  private func refusal(_ bytes: [UInt8], count: Int = 3) throws -> InputError? {
    let folder = try TemporaryFolder()
    let path = try folder.write("labels", bytes)
    var error = #expect(throws: InputError.self) {
      try Labels.read(path: path, count: count, dataPath: "images")
    }
    error?.file = "labels"
    return error
  }

  @Test("labels are read from whole numbers of every type")
  func reads() throws {
    let folder = try TemporaryFolder()
    let bytes = try folder.write("u8", idx(0x08, [3], [7, 0, 9]))
    #expect(try Labels.read(path: bytes, count: 3, dataPath: "images").values == [7, 0, 9])
    let floats = idx(0x0e, [2, 1], bigEndian((3.0).bitPattern) + bigEndian((0.0).bitPattern))
    let path = try folder.write("f64", floats)
    #expect(try Labels.read(path: path, count: 2, dataPath: "images").values == [3, 0])
  }

  @Test("labels that are no classes, or too few, are refused with both files named")
  func refuses() throws {
    #expect(
      try refusal(idx(0x08, [2], [1, 2]))
        == InputError(
          file: "labels", found: "2 labels", expected: "3, one for each item of images"))
    #expect(
      try refusal(idx(0x09, [3], [1, 2, 255]))
        == InputError(
          file: "labels", place: "label 2", found: "-1",
          expected: "a whole number, 0 or greater"))
    #expect(
      try refusal(idx(0x0e, [1], bigEndian((0.5).bitPattern)), count: 1)?.found == "0.5")
    #expect(
      try refusal(idx(0x0e, [1], bigEndian((1e300).bitPattern)), count: 1)?.found == "1e+300")
    #expect(
      try refusal(idx(0x08, [3, 10], [UInt8](repeating: 0, count: 30)))?.expected
        == "one label for each item, or one-hot rows: a single 1, all else 0")
  }

  @Test("a label that the network has no class for is refused, where it is asked for")
  func classRange() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("labels", idx(0x08, [3], [0, 2, 10]))
    let labels = try Labels.read(path: path, count: 3, dataPath: "images")
    try labels.check(classCount: 11)
    try labels.check(classCount: 10, in: 0..<2)
    #expect(
      throws: InputError(
        file: path, place: "label 2", found: "10",
        expected: "0 to 9: the network has 10 classes")
    ) {
      try labels.check(classCount: 10)
    }
  }

  @Test("labels that start at 1 are named as such, also where the last class is not asked for")
  func startAtOne() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("labels", idx(0x08, [3], [1, 2, 3]))
    let labels = try Labels.read(path: path, count: 3, dataPath: "images")
    let error = #expect(throws: InputError.self) { try labels.check(classCount: 3, in: 0..<1) }
    #expect(error?.remedy == "these labels start at 1: subtract 1 from each")
    let digits = try folder.write("digits", idx(0x08, [3], [10, 1, 9]))
    let ten = #expect(throws: InputError.self) {
      try Labels.read(path: digits, count: 3, dataPath: "images").check(classCount: 10)
    }
    #expect(ten?.remedy.hasSuffix("10 stands for 0 (SVHN), write 0 for 10") ?? false)
    try labels.check(classCount: 4)
    let none = try folder.write("none", idx(0x08, [3], [1, 2, 2]))
    try Labels.read(path: none, count: 3, dataPath: "images").check(classCount: 3)
  }

  @Test("labels are looked for beside the data, in the usual names")
  func siblings() {
    #expect(
      Labels.siblingPaths(of: "d/t10k-images-idx3-ubyte.gz")
        == ["d/t10k-labels-idx1-ubyte.gz", "d/t10k-labels-idx1-ubyte"])
    #expect(
      Labels.siblingPaths(of: "images/c-images-idx4-ubyte")
        == ["images/c-labels-idx1-ubyte", "images/c-labels-idx1-ubyte.gz"])
    #expect(
      Labels.siblingPaths(of: "fc-eps0.03-images-idx3-float.gz").first
        == "fc-eps0.03-labels-idx1-ubyte.gz")
    #expect(
      Labels.siblingPaths(of: "t10k-images.idx3-ubyte").first == "t10k-labels.idx1-ubyte")
    #expect(
      Labels.siblingPaths(of: "/x.y/test.idx") == [
        "/x.y/test-labels.idx", "/x.y/test-labels.idx.gz", "/x.y/test.labels.idx",
        "/x.y/test.labels.idx.gz",
      ])
    #expect(Labels.siblingPaths(of: "my-images.idx").first == "my-labels.idx")
    #expect(Labels.siblingPaths(of: "test.idx.gz").first == "test-labels.idx.gz")
    for path in ["-", "", "/", "x", ".idx", "images", "..gz", ".gz"] {
      #expect(!Labels.siblingPaths(of: path).contains(path))
    }
  }

  @Test("the first sibling that exists is taken")
  func firstExisting() throws {
    let folder = try TemporaryFolder()
    let data = try folder.write("test.idx", [])
    #expect(Labels.siblingPath(of: data) == nil)
    let second = try folder.write("test.labels.idx", [])
    #expect(Labels.siblingPath(of: data) == second)
    let first = try folder.write("test-labels.idx.gz", [])
    #expect(Labels.siblingPath(of: data) == first)
  }
}
