import Glibc

/// A regular file that is read in pieces where it lies, so that memory holds what is asked for.
///
/// Every read goes by the file's position (`pread`): a file that is cut short meanwhile ends in an
/// error, where a mapped one would end the program.
public final class OpenedFile {
  /// The file's name in messages.
  public let name: String
  /// Its size when it was opened.
  public let size: Int

  private let descriptor: Int32
  private let modified: timespec

  /// Opens a file; nil where the path names none that lies still (a pipe, a device, `-`).
  public init?(_ path: String) throws(InputError) {
    name = path
    guard path != "-", !path.utf8.contains(0) else { return nil }
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw InputError(.unreadable, file: path, found: systemErrorWords(errno))
    }
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      return nil
    }
    size = Int(status.st_size)
    modified = status.st_mtim
  }

  deinit { close(descriptor) }

  /// Fills a buffer with the bytes from a position on.
  public func read(
    at position: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(InputError) {
    var count = 0
    while count < buffer.count {
      let start = buffer.baseAddress?.advanced(by: count)
      let got = pread(descriptor, start, buffer.count - count, off_t(position + count))
      if got > 0 {
        count += got
      } else if got == 0 {
        throw InputError(
          file: name, place: "byte \(position + count)",
          found: "the end of a file that had \(size) bytes when it was opened",
          expected: "a file that nobody changes while it is read")
      } else if errno != EINTR {
        throw InputError(.unreadable, file: name, found: systemErrorWords(errno))
      }
    }
  }

  /// A part of the file.
  public func bytes(_ range: Range<Int>) throws(InputError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    var failure: InputError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(InputError) {
        try read(at: range.lowerBound, into: buffer)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Refuses a file that was written to since it was opened: its parts may not belong together.
  public func checkUnchanged() throws(InputError) {
    var status = stat()
    let isSame =
      fstat(descriptor, &status) == 0 && Int(status.st_size) == size
      && status.st_mtim.tv_sec == modified.tv_sec && status.st_mtim.tv_nsec == modified.tv_nsec
    guard isSame else {
      throw InputError(
        file: name, found: "a file that was changed while it was read",
        expected: "a file that nobody changes while it is read")
    }
  }
}
