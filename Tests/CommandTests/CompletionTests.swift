import Foundation
import ReportTestSupport
import Testing

@Suite struct CompletionTests {
  /// The long options of all verbs, as the argument parser itself describes them, with whether a shell
  /// completes their values.
  struct Described {
    var verb: String
    var names: [String]
    var valueName: String
    var isCompleted: Bool
  }

  static func described() throws -> [Described] {
    let outcome = try Command.run("--experimental-dump-help")
    let root = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    let command = root?["command"] as? [String: Any]
    let verbs = try #require(command?["subcommands"] as? [[String: Any]])
    return verbs.flatMap { verb in
      (verb["arguments"] as? [[String: Any]] ?? []).map { argument in
        Described(
          verb: verb["commandName"] as? String ?? "",
          names: (argument["names"] as? [[String: String]] ?? []).compactMap { $0["name"] },
          valueName: argument["valueName"] as? String ?? "",
          isCompleted: argument["completionKind"] != nil)
      }
    }
  }

  @Test("every script names every verb and every option", arguments: ["bash", "zsh", "fish"])
  func scripts(shell: String) throws {
    let outcome = try Command.run("--generate-completion-script", shell)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let words = Set(
      outcome.output.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init))
    let described = try Self.described()
    #expect(described.count > 100)
    for option in described where option.verb != "help" {
      #expect(words.contains(option.verb) || option.verb == "run", "\(option.verb)")
      for name in option.names {
        let written = shell == "fish" ? name : (name.count == 1 ? "-" : "--") + name
        #expect(words.contains(written), "\(option.verb) \(name)")
      }
    }
  }

  @Test("values that are files or folders are completed as such")
  func files() throws {
    let kinds = ["file", "folder", "model", "property", "reports", "report"]
    let missing = try Self.described().filter { kinds.contains($0.valueName) && !$0.isCompleted }
    #expect(missing.map { "\($0.verb) \($0.names.last ?? $0.valueName)" } == [])
  }

  @Test("a shell that is none of them is refused by its name")
  func otherShell() throws {
    let outcome = try Command.run("--generate-completion-script", "tcsh")
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(
      outcome.errors
        == "certify: error: --generate-completion-script: \"tcsh\"; expected bash, zsh, fish\n")
    #expect(try Command.run("--generate-completion-script").status == 64)
  }
}
