import Glibc

/// What the program says to a person, on standard error.
struct Diagnostics: Sendable {
  /// Keeps notes, progress and the summary back; errors and warnings are always said.
  var isQuiet = false

  /// Says why the program ends.
  func error(_ message: String) {
    say("certify: error: " + message)
  }

  /// Says what looks wrong and is carried on with.
  func warning(_ message: String) {
    say("certify: warning: " + message)
  }

  /// Says what is worth knowing.
  func note(_ message: String) {
    if !isQuiet { say("certify: note: " + message) }
  }

  /// Says a text as it stands, a line or several.
  func text(_ text: String) {
    if !isQuiet { say(text) }
  }

  private func say(_ line: String) {
    writeAll(line + "\n", to: STDERR_FILENO)
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
