import Glibc

/// An output that appears whole or not at all.
///
/// A regular file is written under a temporary name in its own folder, synced, and renamed by
/// `commit`; until then what stood there stays. What cannot be renamed (standard output as `-`,
/// devices, pipes) is written directly. Creating the value opens the output, so that an output
/// that cannot be written is found before any work.
///
/// An output that is not committed is removed when the value goes away or by `discard`; a process
/// that ends by `exit` or by a signal calls `discard` first. `SIGPIPE` must be ignored by the
/// process for a broken pipe to arrive as an error.
public final class AtomicFile {
  /// The file as the user named it.
  public let path: String
  /// The name under which the content waits for `commit`; nil where it is written directly.
  public private(set) var temporaryPath: String?

  private var target: OutputTarget
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private static let bufferSize = 1 << 16

  /// Opens the output; `-` is standard output.
  public init(_ path: String) throws(OutputError) {
    self.path = path
    target = try OutputTarget(path)
    switch target {
    case .standardOutput:
      descriptor = STDOUT_FILENO
    case .direct:
      descriptor = open(path, O_WRONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw OutputError(.cannotCreate, file: path, found: systemErrorWords(errno))
      }
    case .replaced(let destination, let mode):
      (descriptor, temporaryPath) = try openTemporary(beside: destination, file: path)
      if let mode { fchmod(descriptor, mode) }
    }
    buffer.reserveCapacity(Self.bufferSize)
  }

  deinit { discard() }

  /// Appends text in UTF-8.
  public func write(_ text: String) throws(OutputError) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Appends bytes.
  public func write(_ bytes: [UInt8]) throws(OutputError) {
    buffer.append(contentsOf: bytes)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  /// Writes what is held back; on a pipe the reader sees it at once.
  public func flush() throws(OutputError) {
    var position = 0
    while position < buffer.count {
      let written = buffer.withUnsafeBytes { bytes in
        Glibc.write(descriptor, bytes.baseAddress?.advanced(by: position), bytes.count - position)
      }
      if written >= 0 {
        position += written
      } else if errno != EINTR {
        throw failure(errno)
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Completes the output: the file now stands under its name.
  public func commit() throws(OutputError) {
    guard descriptor >= 0 else { return }
    try flush()
    guard case .replaced(let destination, _) = target, let temporary = temporaryPath else {
      discard()
      return
    }
    guard fsync(descriptor) == 0 else { throw failure(errno) }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0, rename(temporary, destination) == 0 else { throw failure(errno) }
    temporaryPath = nil
    // The new name survives a crash of the machine once its folder is synced too. Where a folder
    // cannot be opened or synced the file is complete all the same.
    let folder = open(folderPart(of: destination), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  /// Gives the output up: what stood there before stays.
  public func discard() {
    if descriptor >= 0, descriptor != STDOUT_FILENO { close(descriptor) }
    descriptor = -1
    buffer = []
    if let temporaryPath { unlink(temporaryPath) }
    temporaryPath = nil
  }

  private func failure(_ code: Int32) -> OutputError {
    let error =
      code == EPIPE
      ? OutputError(.brokenPipe, file: path, found: "nobody reads the output any more")
      : OutputError(.cannotWrite, file: path, found: systemErrorWords(code))
    discard()
    return error
  }
}
