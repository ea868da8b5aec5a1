import FileAccess
import Glibc

/// The files beside a model that hold the data of its tensors.
///
/// A model may name only files of its own folder: no absolute path, no `..`, and no symbolic link
/// that leads outside. Only regular files are opened, so that no name can make the program wait.
struct ExternalData {
  /// The files read so far, as a path that the user can open, and their SHA-256.
  private(set) var files: [(path: String, sha256: String)] = []
  private let model: String
  private let limits: ModelLimits
  private var known: Set<RealPath> = []

  init(model: String, limits: ModelLimits) {
    (self.model, self.limits) = (model, limits)
  }

  /// A part of a file, found to be there.
  struct Slice {
    /// The path as the user can open it, and the one without links.
    fileprivate var path: String
    fileprivate var resolved: RealPath
    fileprivate var offset, length: Int
  }

  /// Finds one tensor's bytes without reading them.
  ///
  /// - Parameters:
  ///   - entries: `location` and, where they are stated, `offset` and `length`.
  ///   - length: The bytes that the tensor's type and shape ask for.
  func locate(
    _ entries: [(key: String, value: String)], length: Int, place: String
  ) throws(InputError) -> Slice {
    func entry(_ key: String) throws(InputError) -> String? {
      let values = entries.filter { $0.key == key }.map(\.value)
      if values.count > 1 {
        throw refusal(place, "external data with two entries \(named(key))", "one")
      }
      return values.first
    }
    func number(_ key: String) throws(InputError) -> Int? {
      guard let text = try entry(key) else { return nil }
      guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text)
      else {
        throw refusal(place, "external data with \(key) \(named(text))", "a count of bytes")
      }
      return value
    }
    guard let location = try entry("location") else {
      throw refusal(place, "external data without a location", "the name of a file")
    }
    let offset = try number("offset") ?? 0
    if let stated = try number("length"), stated != length {
      throw refusal(place, "external data of \(counted(stated, "byte"))", "\(length)")
    }
    let (path, resolved) = try resolve(location, place: place)
    let size = try regularSize(path, place) { stat(resolved.bytes, &$0) }
    // A pointer takes less than 1024 bytes.
    if size < 1024 { try refusePointer(path, resolved, size: size, place: place) }
    guard offset <= size, length <= size - offset else {
      throw refusal(
        place, "\(counted(length, "byte")) from byte \(offset) of \(named(path))",
        "a part of its \(counted(size, "byte"))")
    }
    guard size <= limits.externalFileBytes else {
      throw InputError(
        .limit, file: model, place: place,
        found: "external data in \(named(path)) of \(counted(size, "byte"))",
        expected: "at most \(limits.externalFileBytes)")
    }
    return Slice(path: path, resolved: resolved, offset: offset, length: length)
  }

  /// Refuses what Git left in place of a file of weights.
  private func refusePointer(
    _ path: String, _ resolved: RealPath, size: Int, place: String
  ) throws(InputError) {
    let descriptor = open(resolved.bytes, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    let start = try part(
      descriptor, path, offset: 0, length: size, place: place)
    let pointer = GitLFS.refusal(start, file: path, expected: "the data of the model's tensors")
    if let pointer { throw pointer }
  }

  /// Finds the file that a location names: the path for the user, and the one without links.
  private func resolve(
    _ location: String, place: String
  ) throws(InputError) -> (path: String, resolved: RealPath) {
    let inside = "a file in the model's own folder"
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    if model == "-" {
      throw refusal(place, "external data of a model on standard input", "a model in a folder")
    }
    if location.isEmpty || location.utf8.contains(0) || location.hasPrefix("/")
      || parts.contains("..")
    {
      throw refusal(place, "external data in \(named(location))", inside)
    }
    let slash = model.utf8.lastIndex(of: UInt8(ascii: "/"))
    let prefix = slash.map { String(model[...$0]) } ?? ""
    let path = prefix + location
    guard let folder = RealPath(prefix.isEmpty ? "." : prefix), let resolved = RealPath(path) else {
      throw unreadable(place, path, errno)
    }
    guard resolved.lies(in: folder) else {
      throw refusal(
        place, "external data in \(named(location)), which leads to \(resolved.words)",
        inside)
    }
    return (path, resolved)
  }

  /// Reads a part that was found, and the whole file for its SHA-256 if it is the first part.
  mutating func bytes(of slice: Slice, place: String) throws(InputError) -> [UInt8] {
    let path = slice.path
    let descriptor = open(slice.resolved.bytes, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { throw unreadable(place, path, errno) }
    defer { close(descriptor) }
    let size = try regularSize(path, place) { fstat(descriptor, &$0) }
    if known.insert(slice.resolved).inserted {
      files.append((path, try digest(descriptor, path, size: size, place: place)))
    }
    return try part(descriptor, path, offset: slice.offset, length: slice.length, place: place)
  }

  /// The size of a regular file; anything else could make the program wait.
  private func regularSize(
    _ path: String, _ place: String, _ query: (inout stat) -> Int32
  ) throws(InputError) -> Int {
    var status = stat()
    guard query(&status) == 0 else { throw unreadable(place, path, errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw refusal(place, "external data in \(named(path)), no regular file", "a regular file")
    }
    return Int(status.st_size)
  }

  /// The SHA-256 of a whole file, read in pieces.
  private func digest(
    _ descriptor: Int32, _ path: String, size: Int, place: String
  ) throws(InputError) -> String {
    var digest = SHA256Digest()
    var at = 0
    while at < size {
      let piece = try part(
        descriptor, path, offset: at, length: min(1 << 20, size - at), place: place)
      piece.withUnsafeBytes { digest.update($0) }
      at += piece.count
    }
    return digest.finish()
  }

  private func part(
    _ descriptor: Int32, _ path: String, offset: Int, length: Int, place: String
  ) throws(InputError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      while count < length {
        let start = buffer.baseAddress?.advanced(by: count)
        let got = pread(descriptor, start, length - count, off_t(offset + count))
        if got > 0 {
          count += got
        } else if got == 0 || errno != EINTR {
          failure = got == 0 ? 0 : errno
          return
        }
      }
    }
    guard failure == 0 else { throw unreadable(place, path, failure) }
    guard bytes.count == length else {
      throw refusal(place, "\(named(path)) became shorter while it was read", "a file at rest")
    }
    return bytes
  }

  private func refusal(_ place: String, _ found: String, _ expected: String) -> InputError {
    InputError(file: model, place: place, found: found, expected: expected)
  }

  private func unreadable(_ place: String, _ path: String, _ code: Int32) -> InputError {
    let words = strerror(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
    return InputError(
      .unreadable, file: model, place: place, found: "external data in \(named(path)): \(words)",
      expected: "a file in the model's own folder")
  }
}

/// A path without links, as the system has it: names need not be UTF-8.
private struct RealPath: Hashable {
  /// Ends with a zero.
  let bytes: [CChar]

  /// Nil where the file is not there; `errno` says why.
  init?(_ path: String) {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    bytes = Array(UnsafeBufferPointer(start: resolved, count: strlen(resolved) + 1))
  }

  /// Whether it lies in a folder, or in one of its folders.
  func lies(in folder: RealPath) -> Bool {
    let slash = CChar(UInt8(ascii: "/"))
    let start = Array(folder.bytes.dropLast())
    return bytes.starts(with: start.last == slash ? start : start + [slash])
  }

  /// For messages.
  var words: String {
    String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
