/// A refusal of something that came from outside: a file, or an option's value.
///
/// Worded `FILE: PLACE: FOUND; expected EXPECTED`, with a line of remedy where one is known.
public struct InputError: Error, Equatable, CustomStringConvertible {
  /// What kind of refusal it is; the command maps each to its exit status.
  public enum Kind: Sendable, Equatable {
    /// The value of an option is refused (exit 64); `file` is then the option's name.
    case usage
    /// The content is refused (exit 65).
    case content
    /// The file cannot be opened or read (exit 66).
    case unreadable
    /// A stated limit was reached (exit 75).
    case limit
  }

  /// The kind of refusal.
  public var kind: Kind
  /// The file as the user named it.
  public var file: String
  /// Where in the file; empty when the file as a whole is meant.
  public var place: String
  /// What stands there.
  public var found: String
  /// What should stand there; empty when nothing can be said.
  public var expected: String
  /// What the user can do, in one line; empty when nothing is known.
  public var remedy: String

  /// Creates a refusal.
  public init(
    _ kind: Kind = .content, file: String, place: String = "", found: String,
    expected: String = "", remedy: String = ""
  ) {
    (self.kind, self.file, self.place) = (kind, file, place)
    (self.found, self.expected, self.remedy) = (found, expected, remedy)
  }

  /// The message, without the program's name: one line, and one for the remedy.
  public var description: String { lines.joined(separator: "\n") }

  /// The lines of the message; nothing from a file breaks them.
  public var lines: [String] {
    var text = file
    if !place.isEmpty { text += ": " + place }
    text += ": " + found
    if !expected.isEmpty { text += "; expected " + expected }
    return [printed(text)] + (remedy.isEmpty ? [] : [printed(remedy)])
  }
}
