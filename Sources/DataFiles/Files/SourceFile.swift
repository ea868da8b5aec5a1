import FileAccess

/// One data file: where it lies, and what is in it, decompressed.
struct SourceFile {
  /// The file as the user named it.
  let path: String
  /// The file's name in messages.
  let name: String
  /// What names it in a report.
  let digest: FileDigest
  /// Its bytes as they lie.
  let store: ByteStore
  /// The content, read in pieces.
  let content: ContentPieces

  /// What is read, in words.
  static let formats = "a file in IDX, NPY, NPZ, CIFAR binary or CSV form"

  static func name(of path: String) -> String { path == "-" ? "standard input" : path }

  /// Opens a file. What is no file but a stream is read to its end.
  init(path: String, limits: DataLimits) throws(InputError) {
    self.path = path
    name = Self.name(of: path)
    if isFolder(path) {
      throw InputError(
        .unreadable, file: name, found: "a directory", expected: Self.formats,
        remedy: "folders of pictures are out of scope: write the images into one NPY or IDX file")
    }
    if let file = try OpenedFile(path) {
      store = .file(file)
      digest = try FileDigest(file)
    } else {
      let bytes = try readFile(path, limit: limits.contentBytes)
      store = .memory(bytes)
      digest = FileDigest(bytes)
    }
    guard store.count > 0 else {
      throw InputError(file: name, found: "an empty file", expected: Self.formats)
    }
    content = try ContentPieces(store, name: name)
  }

  /// A content that was read out of a file.
  init(_ content: [UInt8], name: String, of file: SourceFile) throws(InputError) {
    (path, digest) = (file.path, file.digest)
    self.name = name
    store = .memory(content)
    // gzip inside of gzip is nobody's data.
    self.content = ContentPieces(plain: content, name: name)
  }

  /// The same with its content in memory, decompressed.
  func inMemory(_ limits: DataLimits) throws(InputError) -> SourceFile {
    if content.inMemory != nil { return self }
    return try SourceFile(content.all(limit: limits.contentBytes), name: name, of: self)
  }

  /// The same where any part can be read: in memory where gzip packed it.
  func randomAccess(_ limits: DataLimits) throws(InputError) -> SourceFile {
    content.size == nil ? try inMemory(limits) : self
  }
}
