import CProcess
import Glibc

/// An output that appears whole or not at all.
///
/// A regular file is written under a temporary name in its own folder, synced, and renamed by
/// `commit`; until then what stood there stays. What cannot be renamed (standard output as `-`,
/// devices, pipes) is written directly. Creating the value opens the output, so that an output
/// that cannot be written is found before any work.
///
/// An output that is not committed is removed when the value goes away, by `discard`, or by a signal
/// that ends the process, where `process_prepare` was called. That makes a broken pipe and a file that
/// grows too large arrive as errors, too.
public final class AtomicFile {
  /// The file as the user named it.
  public let path: String

  private let target: OutputTarget
  private let calls: CommitCalls
  private var descriptor: Int32
  /// The name under which the content waits for `commit`, and the slot that a signal knows it by; nil
  /// where it is written directly.
  private var temporary: (path: String, slot: Int32)?
  private var buffer: [UInt8] = []
  private static let bufferSize = 1 << 16

  /// The calls of the system that make a file durable and give it its name.
  package struct CommitCalls {
    package var sync: (Int32) -> Int32 = { fsync($0) }
    package var rename: (_ path: String, _ name: String, _ slot: Int32) -> Int32 = {
      unfinished_rename($0, $1, $2)
    }

    package init() {}
  }

  /// Opens the output; `-` is standard output.
  public convenience init(_ path: String) throws(OutputError) {
    try self.init(path, calls: CommitCalls())
  }

  package init(_ path: String, calls: CommitCalls) throws(OutputError) {
    (self.path, self.calls) = (path, calls)
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
      let created = try openTemporary(beside: destination, file: path)
      descriptor = created.descriptor
      temporary = (created.path, created.slot)
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

  /// Appends lines of a text for people: what stands in them comes from files, and moves no cursor.
  public func write(lines: [String]) throws(OutputError) {
    for line in lines { try write(printed(line) + "\n") }
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
    try AtomicFile.commit([self])
  }

  /// Completes several outputs: none stands under its name before all are written to their ends, and
  /// a signal comes before the first name or after the last.
  public static func commit(_ outputs: [AtomicFile]) throws(OutputError) {
    for output in outputs { try output.complete() }
    var before = sigset_t()
    process_hold_signals(&before)
    defer { process_release_signals(&before) }
    for output in outputs { try output.putInPlace() }
  }

  /// Brings everything to the disk.
  private func complete() throws(OutputError) {
    guard descriptor >= 0 else { return }
    try flush()
    guard temporary != nil else { return discard() }
    guard calls.sync(descriptor) == 0 else { throw failure(errno) }
    let closed = close(descriptor)
    descriptor = -1
    guard closed == 0 else { throw failure(errno) }
  }

  private func putInPlace() throws(OutputError) {
    guard case .replaced(let destination, _) = target, let (name, slot) = temporary else { return }
    guard calls.rename(name, destination, slot) == 0 else { throw failure(errno) }
    temporary = nil
    // The new name survives a crash of the machine once its folder is synced too. Where a folder
    // cannot be opened or synced the file is complete all the same.
    let folder = open(folderPart(of: destination), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folder >= 0 {
      _ = calls.sync(folder)
      close(folder)
    }
  }

  /// Gives the output up: what stood there before stays.
  public func discard() {
    if descriptor >= 0, descriptor != STDOUT_FILENO { close(descriptor) }
    descriptor = -1
    buffer = []
    if let (name, slot) = temporary { unfinished_remove(name, slot) }
    temporary = nil
  }

  private func failure(_ code: Int32) -> OutputError {
    let name = path == "-" ? "standard output" : path
    let error =
      code == EPIPE
      ? OutputError(.brokenPipe, file: name, found: "nobody reads the output any more")
      : OutputError(.cannotWrite, file: name, found: systemErrorWords(code))
    discard()
    return error
  }
}
