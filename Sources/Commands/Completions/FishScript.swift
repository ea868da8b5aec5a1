/// Completion for fish 3.1 or newer.
struct FishScript {
  var tree: CommandTree

  var text: String {
    let names = tree.verbs.map(\.name).joined(separator: " ")
    return """
      # Completion of certify for fish; 'certify --generate-completion-script fish' writes it.

      # Whether the verb that was typed is the argument; 'run' is the one that needs no name.
      function __certify_is
          set -l words (commandline -opc)
          set -l verb run
          if set -q words[2]; and contains -- $words[2] \(names)
              set verb $words[2]
          end
          test "$verb" = "$argv[1]"
      end

      # Whether nothing stands behind the program's name.
      function __certify_starts
          test (count (commandline -opc)) -eq 1
      end

      # Files whose names end as one of the arguments says, before all others.
      function __certify_files
          for ending in $argv
              __fish_complete_suffix .$ending
          end
      end

      complete -c certify -f
      \(tree.verbs.map(start).joined(separator: "\n"))
      \((tree.verbs + [tree.unnamed]).flatMap(lines).joined(separator: "\n"))

      """
  }

  private func start(_ verb: CompletedVerb) -> String {
    "complete -c certify -n __certify_starts -a \(verb.name) -d '\(escaped(verb.purpose))'"
  }

  private func lines(_ verb: CompletedVerb) -> [String] {
    let condition = "complete -c certify -n '__certify_is \(verb.name)'"
    // One kind for all places: fish does not count them.
    let positional = verb.positionals.last.map { ["\(condition)\(action($0))"] } ?? []
    return positional
      + verb.options.map { option in
        let names = option.names.map { name in
          name.hasPrefix("--") ? "-l \(name.dropFirst(2))" : "-s \(name.dropFirst())"
        }
        let value = option.isFlag ? "" : " -r\(action(option.value))"
        return "\(condition) \(names.joined(separator: " "))\(value) -d '\(escaped(option.help))'"
      }
  }

  private func action(_ value: CompletedValue) -> String {
    switch value {
    case .nothing: " -f"
    case .words(let words): " -f -a '\(escaped(words.joined(separator: " ")))'"
    case .files(let extensions):
      extensions.isEmpty
        ? " -F" : " -k -f -a '(__certify_files \(extensions.joined(separator: " ")))'"
    case .folders: " -f -a '(__fish_complete_directories)'"
    }
  }

  private func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
  }
}
