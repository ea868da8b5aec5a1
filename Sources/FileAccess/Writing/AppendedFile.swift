import Glibc
import Synchronization

/// A file that grows record by record, and keeps every record that was appended whatever ends the
/// program: a killed process loses none that `append` returned from, a machine that stops none that
/// `sync` did.
///
/// One process at a time has the file. Any thread may append.
public final class AppendedFile: Sendable {
  /// The file as the user named it.
  public let path: String

  private let descriptor: Int32
  private let isNew: Bool
  /// Where the last whole record ends.
  private let end: Mutex<Int>

  /// Opens a file, or creates it.
  public init(_ path: String) throws(OutputError) {
    self.path = path
    guard !path.isEmpty, !path.utf8.contains(0), path != "-" else {
      throw OutputError(.cannotCreate, file: quoted(path), found: "not the name of a file")
    }
    var status = stat()
    isNew = stat(path, &status) != 0
    // Nobody waits at a pipe for somebody who reads it.
    guard isNew || status.st_mode & S_IFMT == S_IFREG else {
      let words = status.st_mode & S_IFMT == S_IFDIR ? "a directory" : "not a regular file"
      throw OutputError(.cannotCreate, file: path, found: words)
    }
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      let words = errno == ENOENT ? "no such folder" : systemErrorWords(errno)
      throw OutputError(.cannotCreate, file: path, found: words)
    }
    // A file system without locks has to do without.
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
      close(descriptor)
      throw OutputError(.cannotCreate, file: path, found: "in use by another run")
    }
    guard fstat(descriptor, &status) == 0 else {
      let words = systemErrorWords(errno)
      close(descriptor)
      throw OutputError(.cannotCreate, file: path, found: words)
    }
    end = Mutex(Int(status.st_size))
  }

  deinit {
    // A file that this process made, and nothing was written to, is of no use to anybody.
    if isNew, size == 0 { unlink(path) }
    close(descriptor)
  }

  /// The bytes of the whole records.
  public var size: Int { end.withLock { $0 } }

  /// What the file holds.
  public func contents() throws(InputError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: size)
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes { buffer in
        pread(
          descriptor, buffer.baseAddress?.advanced(by: count), buffer.count - count, off_t(count))
      }
      if got == 0 { break }
      if got > 0 {
        count += got
      } else if errno != EINTR {
        throw InputError(.unreadable, file: path, found: systemErrorWords(errno))
      }
    }
    return Array(bytes.prefix(count))
  }

  /// Drops what stands behind the first `size` bytes.
  public func cut(to size: Int) throws(OutputError) {
    let error = end.withLock { end -> Int32 in
      guard ftruncate(descriptor, off_t(size)) == 0 else { return errno }
      end = size
      return 0
    }
    guard error == 0 else { throw failure(error) }
  }

  /// Appends a record: it stands in the file as a whole, or not at all.
  public func append(_ record: [UInt8]) throws(OutputError) {
    let error = end.withLock { end -> Int32 in
      var position = 0
      while position < record.count {
        let written = record.withUnsafeBytes { bytes in
          write(descriptor, bytes.baseAddress?.advanced(by: position), bytes.count - position)
        }
        if written >= 0 {
          position += written
        } else if errno != EINTR {
          let error = errno
          // Where even that fails, the record has no end, and a reader drops it.
          _ = ftruncate(descriptor, off_t(end))
          return error
        }
      }
      end += record.count
      return 0
    }
    guard error == 0 else { throw failure(error) }
  }

  /// Brings every record to the disk.
  public func sync() throws(OutputError) {
    guard fdatasync(descriptor) == 0 || errno == EINVAL else { throw failure(errno) }
  }

  private func failure(_ code: Int32) -> OutputError {
    OutputError(.cannotExtend, file: path, found: systemErrorWords(code))
  }
}
