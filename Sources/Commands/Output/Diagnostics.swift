import FileAccess
import Glibc
import Runs

/// What the program says to a person, on standard error, line by line.
struct Diagnostics: Sendable {
  /// Keeps notes, progress and the summary back; errors and warnings are always said.
  var isQuiet = false

  /// Says why the program ends, in one line.
  func error(_ message: String) {
    error([message])
  }

  /// Says why the program ends, with lines of remedy below.
  func error(_ lines: [String]) {
    say(lines.enumerated().map { $0 == 0 ? "certify: error: " + $1 : $1 })
  }

  /// Says what looks wrong and is carried on with.
  func warning(_ message: String) {
    say(["certify: warning: " + message])
  }

  /// Says what is worth knowing.
  func note(_ message: String) {
    if !isQuiet { say(["certify: note: " + message]) }
  }

  /// Removes what killed runs left beside these files, and says so.
  func removeLeftovers(_ files: FilesInUse) {
    for path in FileAccess.removeLeftovers(beside: files.outputPaths) {
      note("\(path): removed; a run that was killed had left it")
    }
  }

  /// Says lines as they stand.
  func text(_ lines: [String]) {
    if !isQuiet { say(lines) }
  }

  /// No line holds more than one, whatever a file's names are.
  private func say(_ lines: [String]) {
    writeAll(lines.map { printed($0) + "\n" }.joined(), to: STDERR_FILENO)
  }
}

/// Writes a text to a descriptor; an error is not reported, for there is nowhere to.
func writeAll(_ text: String, to descriptor: Int32) {
  let bytes = Array(text.utf8)
  var position = 0
  while position < bytes.count {
    let written = bytes[position...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written > 0 {
      position += written
    } else if written == 0 || errno != EINTR {
      return
    }
  }
}
