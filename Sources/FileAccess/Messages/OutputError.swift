/// An output that cannot be made.
public struct OutputError: Error, Equatable, CustomStringConvertible {
  /// What kind of failure it is; the command maps each to its exit status.
  public enum Kind: Sendable, Equatable {
    /// The output cannot be created (exit 73).
    case cannotCreate
    /// The output cannot be written to its end (exit 74).
    case cannotWrite
    /// A file that grows cannot be added to (exit 74): what stands in it stays.
    case cannotExtend
    /// Whoever read the output has gone: the program ends quietly.
    case brokenPipe
  }

  /// The kind of failure.
  public var kind: Kind
  /// The file as the user named it.
  public var file: String
  /// What the system said.
  public var found: String

  /// Creates an error.
  public init(_ kind: Kind, file: String, found: String) {
    (self.kind, self.file, self.found) = (kind, file, found)
  }

  /// The message, without the program's name.
  public var description: String {
    let remark =
      switch kind {
      case .cannotCreate: "; expected a place that can be written"
      case .cannotWrite: "; the output is incomplete and was not kept"
      case .cannotExtend: "; what was written to it before is kept"
      case .brokenPipe: ""
      }
    return printed("\(file): \(found)\(remark)")
  }
}
