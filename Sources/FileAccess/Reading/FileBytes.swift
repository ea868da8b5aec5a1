import CNettle
import Glibc

/// The most that `readFile` takes from one file unless told otherwise: 4 GiB.
public let defaultFileLimit = 1 << 32

/// Reads a whole file; `-` is standard input.
///
/// - Parameter limit: The greatest number of bytes accepted. A regular file that is larger is
///   refused before anything is allocated; a stream as soon as it passes the limit.
public func readFile(
  _ path: String, limit: Int = defaultFileLimit
) throws(InputError) -> [UInt8] {
  if path == "-" {
    return try readAll(descriptor: STDIN_FILENO, file: "standard input", sizeHint: 0, limit: limit)
  }
  if path.utf8.contains(0) {
    throw InputError(.unreadable, file: quoted(path), found: "a NUL byte in the file's name")
  }
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else {
    throw InputError(.unreadable, file: path, found: systemErrorWords(errno))
  }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw InputError(.unreadable, file: path, found: systemErrorWords(errno))
  }
  if status.st_mode & S_IFMT == S_IFDIR {
    throw InputError(.unreadable, file: path, found: "a directory", expected: "a file")
  }
  let size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
  if size > limit { throw tooLarge(path, found: "\(size) bytes", limit: limit) }
  return try readAll(descriptor: descriptor, file: path, sizeHint: size, limit: limit)
}

/// Whether the path names a directory.
public func isFolder(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Reads a descriptor to its end.
///
/// A file may grow or shrink while it is read, and `/proc` files claim a size of 0, so the size is
/// only a hint and the end is where `read` says it is.
private func readAll(
  descriptor: Int32, file: String, sizeHint: Int, limit: Int
) throws(InputError) -> [UInt8] {
  let first = try readChunk(descriptor, file: file, capacity: max(min(sizeHint, limit), 1 << 16))
  guard !first.isEmpty else { return first }
  var bytes = first
  while true {
    let chunk = try readChunk(descriptor, file: file, capacity: 1 << 16)
    if bytes.count > limit - chunk.count {
      throw tooLarge(file, found: "more than \(limit) bytes", limit: limit)
    }
    if chunk.isEmpty { return bytes }
    bytes += chunk
  }
}

/// Reads until `capacity` bytes have come or the input ends; only an empty answer means the end
/// was there already.
private func readChunk(
  _ descriptor: Int32, file: String, capacity: Int
) throws(InputError) -> [UInt8] {
  var failure: Int32 = 0
  let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
    while count < capacity {
      let got = read(descriptor, buffer.baseAddress?.advanced(by: count), capacity - count)
      if got == 0 { return }
      if got > 0 {
        count += got
      } else if errno != EINTR {
        failure = errno
        return
      }
    }
  }
  guard failure == 0 else {
    throw InputError(.unreadable, file: file, found: systemErrorWords(failure))
  }
  return bytes
}

private func tooLarge(_ file: String, found: String, limit: Int) -> InputError {
  InputError(.limit, file: file, found: found, expected: "at most \(limit) bytes")
}

/// The words for an `errno` of the system, in this program's style.
func systemErrorWords(_ code: Int32) -> String {
  switch code {
  case ENOENT: "no such file"
  case EACCES, EPERM: "permission denied"
  case EISDIR: "a directory"
  case ENOTDIR: "a part of the path is not a directory"
  case ENOSPC: "no space left on the device"
  case EROFS: "a read-only file system"
  case EBADF: "closed"
  default: strerror(code).map { String(cString: $0).lowercased() } ?? "system error \(code)"
  }
}

/// The SHA-256 of bytes, as 64 lower-case hexadecimal digits.
public func sha256Hex(_ bytes: UnsafeRawBufferPointer) -> String {
  var digest = SHA256Digest()
  digest.update(bytes)
  return digest.finish()
}

/// The SHA-256 of bytes, as 64 lower-case hexadecimal digits.
public func sha256Hex(_ bytes: [UInt8]) -> String {
  bytes.withUnsafeBytes { sha256Hex($0) }
}

/// SHA-256 of a stream that comes in pieces.
public struct SHA256Digest {
  private var context = sha256_ctx()

  /// Starts with the empty message.
  public init() {
    nettle_sha256_init(&context)
  }

  /// Appends bytes to the message.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    nettle_sha256_update(&context, bytes.count, start.assumingMemoryBound(to: UInt8.self))
  }

  /// Returns the digest as 64 hexadecimal digits and starts anew with the empty message.
  public mutating func finish() -> String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_SIZE))
    nettle_sha256_digest(&context, digest.count, &digest)
    return hexadecimal(digest)
  }
}

/// Two lower-case digits for each byte.
public func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef")
  return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
