import FileAccess
import Glibc
import Reports
import Runs

/// What the program says to a person, on standard error, line by line.
struct Diagnostics: Sendable {
  /// Keeps notes, progress and the summary back; errors and warnings are always said.
  var isQuiet = false

  /// Whether messages are JSON, an object a line: `--error-format json`, wherever it stands.
  static let isJSON = Arguments.errorFormat == .json

  /// Says why the program ends, in one line.
  func error(_ message: String) {
    error([message])
  }

  /// Says why the program ends, with lines of remedy below.
  ///
  /// - Parameter parts: what a program wants to know of it, by keys.
  func error(_ lines: [String], _ parts: [(key: String, value: JSONValue)] = []) {
    let remedy = lines.dropFirst().joined(separator: " ")
    let more = remedy.isEmpty ? [] : [(key: "remedy", value: JSONValue.string(remedy))]
    say(
      lines.enumerated().map { $0 == 0 ? "certify: error: " + $1 : $1 }, "error",
      [("message", .string(lines.first ?? ""))] + parts + more)
  }

  /// Says what looks wrong and is carried on with.
  func warning(_ message: String) {
    say(["certify: warning: " + message], "warning", [("message", .string(message))])
  }

  /// Says what is worth knowing.
  func note(_ message: String) {
    if !isQuiet { say(["certify: note: " + message], "note", [("message", .string(message))]) }
  }

  /// Says how far a run is.
  func progress(_ message: String) {
    if !isQuiet { say(["certify: " + message], "progress", [("message", .string(message))]) }
  }

  /// Says a line that another program looks for, as it stands.
  func command(_ line: String) {
    writeAll(printed(line) + "\n", to: STDERR_FILENO)
  }

  /// Removes what killed runs left beside these files, and says so.
  func removeLeftovers(_ files: FilesInUse) {
    for path in FileAccess.removeLeftovers(beside: files.outputPaths) {
      note("\(path): removed; a run that was killed had left it")
    }
  }

  /// Says lines as they stand.
  func text(_ lines: [String]) {
    guard !isQuiet, !lines.isEmpty else { return }
    say(lines, "text", [("lines", .array(lines.map { .string($0) }))])
  }

  /// No line holds more than one, whatever a file's names are.
  private func say(
    _ lines: [String], _ level: String, _ parts: [(key: String, value: JSONValue)]
  ) {
    let text =
      Self.isJSON
      ? JSONValue.object([("level", .string(level))] + parts).compactText + "\n"
      : lines.map { printed($0) + "\n" }.joined()
    writeAll(text, to: STDERR_FILENO)
  }
}

extension InputError {
  /// The parts of a refusal by their keys, for programs.
  var parts: [(key: String, value: JSONValue)] {
    [
      ("kind", .string("\(kind)")), ("file", .string(file)), ("place", .string(place)),
      ("found", .string(found)), ("expected", .string(expected)),
      ("status", .integer(Int(ExitStatus(kind).rawValue))),
    ]
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
