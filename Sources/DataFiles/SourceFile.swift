import FileAccess

/// One data file: what lies on the disk, and what is in it.
struct SourceFile {
  /// The file as the user named it.
  let path: String
  /// The SHA-256 of the bytes on the disk.
  let sha256: String
  /// The content, decompressed.
  let content: [UInt8]

  /// The file's name in messages.
  var name: String { Self.name(of: path) }

  static func name(of path: String) -> String { path == "-" ? "standard input" : path }

  /// Reads and, where the content says so, decompresses a file.
  init(path: String, limits: DataLimits) throws(InputError) {
    let name = Self.name(of: path)
    if isFolder(path) {
      throw InputError(
        .unreadable, file: name, found: "a directory", expected: Self.formats,
        remedy: "folders of pictures are out of scope: write the images into one NPY or IDX file")
    }
    let bytes = try readFile(path, limit: limits.fileBytes)
    guard !bytes.isEmpty else {
      throw InputError(file: name, found: "an empty file", expected: Self.formats)
    }
    self.path = path
    sha256 = sha256Hex(bytes)
    guard Gzip.isGzip(bytes) else {
      content = bytes
      return
    }
    // An IDX header states the size of what follows: a bomb behind it stops one byte later.
    let start = try Gzip.inflate(bytes, file: name, atMost: IDXHeader.longest)
    guard IDXHeader.isIDX(start) else {
      content = try Gzip.inflate(bytes, file: name, limit: limits.contentBytes)
      return
    }
    let header = try IDXHeader(start, file: name, limits: limits)
    content = try Gzip.inflate(bytes, file: name, atMost: header.fileSize + 1)
  }

  private static let formats = "an IDX file"
}
