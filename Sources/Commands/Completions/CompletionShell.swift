import ArgumentParser
import FileAccess

/// The shells that a completion script is written for.
enum CompletionShell: String, CaseIterable {
  case bash, zsh, fish

  /// The option that asks for a script; its shell follows it.
  static let option = "--generate-completion-script"

  /// The shell of a command line that asks for a script; nil for any other command line.
  init?(asked words: [String]) throws(InputError) {
    guard words.first == Self.option else { return nil }
    let name = words.dropFirst().first ?? ""
    guard let shell = Self(rawValue: name) else {
      throw InputError(
        .usage, file: Self.option, found: name.isEmpty ? "no shell" : quoted(name),
        expected: Self.allCases.map(\.rawValue).joined(separator: ", "))
    }
    self = shell
  }

  /// The whole script.
  func script() throws(InputError) -> String {
    let tree = try CommandTree(description: CertifyCommand._dumpHelp())
    switch self {
    case .bash: return BashScript(tree: tree).text
    case .zsh: return ZshScript(tree: tree).text
    case .fish: return FishScript(tree: tree).text
    }
  }
}
