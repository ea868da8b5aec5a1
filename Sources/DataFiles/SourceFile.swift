import FileAccess

/// One data file: what lies on the disk, and what is in it.
struct SourceFile {
  /// The file as the user named it.
  let path: String
  /// The file's name in messages.
  let name: String
  /// The SHA-256 of the bytes on the disk.
  let sha256: String
  /// The content, decompressed.
  let content: [UInt8]

  /// What is read, in words.
  static let formats = "a file in IDX, NPY, NPZ, CIFAR binary or CSV form"

  static func name(of path: String) -> String { path == "-" ? "standard input" : path }

  /// Reads and, where the content says so, decompresses a file.
  init(path: String, format: DataFormat?, limits: DataLimits) throws(InputError) {
    self.path = path
    name = Self.name(of: path)
    if isFolder(path) {
      throw InputError(
        .unreadable, file: name, found: "a directory", expected: Self.formats,
        remedy: "folders of pictures are out of scope: write the images into one NPY or IDX file")
    }
    let bytes = try readFile(path, limit: limits.fileBytes)
    guard !bytes.isEmpty else {
      throw InputError(file: name, found: "an empty file", expected: Self.formats)
    }
    sha256 = sha256Hex(bytes)
    guard Gzip.isGzip(bytes) else {
      content = bytes
      return
    }
    let limit = try Self.contentLimit(bytes, file: name, format: format, limits: limits)
    content = try Gzip.inflate(bytes, file: name, atMost: limit + 1)
    guard content.count <= limits.contentBytes else {
      throw InputError(
        .limit, file: name, found: "more than \(limits.contentBytes) bytes after decompression",
        expected: "at most \(limits.contentBytes) bytes")
    }
  }

  /// An array inside a file.
  init(member: String, of file: SourceFile, content: [UInt8]) {
    path = file.path
    name = "\(file.name): \(quoted(member))"
    sha256 = file.sha256
    self.content = content
  }

  /// How much a compressed file may hold.
  ///
  /// IDX states the size of what follows: a bomb behind its header stops one byte later.
  private static func contentLimit(
    _ bytes: [UInt8], file: String, format: DataFormat?, limits: DataLimits
  ) throws(InputError) -> Int {
    let start = try Gzip.inflate(bytes, file: file, atMost: IDXHeader.longest)
    guard format == nil || format == .idx, IDXHeader.isIDX(start) else {
      return limits.contentBytes
    }
    // A CIFAR file may begin like an IDX header; then its size is not known here.
    let header = try? IDXHeader(start, file: file, limits: limits)
    return min(header?.fileSize ?? .max, limits.contentBytes)
  }
}
