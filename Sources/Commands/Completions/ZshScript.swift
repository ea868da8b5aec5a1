/// Completion for zsh, by its own `_arguments`.
struct ZshScript {
  var tree: CommandTree

  var text: String {
    """
    #compdef certify
    # Completion of certify for zsh; 'certify --generate-completion-script zsh' writes it.

    # The files whose names end as one of the arguments says, or, where there are none, all. Without the
    # bar, zsh would take what stands in the parentheses for qualifiers.
    _certify_files() {
      (( $# )) && _files -g "*.(${(j:|:)@}|)" || _files
    }

    # What may come first: a verb, or the network of the verb that is meant when none is named.
    _certify_first() {
      local -a verbs=(
    \(tree.verbs.map { "    '\(escaped($0.name)):\(escaped($0.purpose))'" }.joined(separator: "\n"))
      )
      _describe -t verbs verb verbs
      \(action(tree.unnamed.positionals[0]).dropFirst(1))
    }

    _certify() {
      local verb=''
      if (( CURRENT > 2 )); then
        case $words[2] in
          \(tree.verbs.map(\.name).joined(separator: "|")))
            verb=$words[2]
            shift words
            (( CURRENT-- )) ;;
        esac
      fi
      case $verb in
    \((tree.verbs + [unnamed]).map(clause).joined(separator: "\n"))
      esac
    }

    _certify "$@"

    """
  }

  /// The verb that is meant when none is named has no name to look for, and others may stand in its place.
  private var unnamed: CompletedVerb {
    var verb = tree.unnamed
    verb.name = "''"
    return verb
  }

  private func clause(_ verb: CompletedVerb) -> String {
    let specifications = verb.options.map(specification) + positionals(verb)
    return "    \(verb.name)) _arguments -S \\\n"
      + specifications.map { "        \($0)" }.joined(separator: " \\\n") + " ;;"
  }

  private func positionals(_ verb: CompletedVerb) -> [String] {
    verb.positionals.enumerated().map { position, value in
      let isFirst = verb.name == "''" && position == 0
      let action = isFirst ? " _certify_first" : action(value)
      let isLast = position == verb.positionals.count - 1
      return "'\(isLast && verb.repeats ? "*" : "\(position + 1)"):argument:\(action)'"
    }
  }

  private func specification(_ option: CompletedOption) -> String {
    let value = option.valueName.map { ":\(escaped($0)):\(action(option.value))" } ?? ""
    let help = "[\(escaped(option.help))]\(value)"
    // An equals sign lets the value follow in the same word or in the next.
    let names = option.names.map { $0.hasPrefix("--") && !option.isFlag ? "\($0)=" : $0 }
    guard names.count > 1 else { return "'\(names[0])\(help)'" }
    return "'(\(option.names.joined(separator: " ")))'{\(names.joined(separator: ","))}'\(help)'"
  }

  private func action(_ value: CompletedValue) -> String {
    switch value {
    case .nothing: " "
    case .words(let words): "(\(words.joined(separator: " ")))"
    case .files(let extensions): " _certify_files \(extensions.joined(separator: " "))"
    case .folders: " _files -/"
    }
  }

  /// For a specification between apostrophes.
  private func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text {
      if character == "'" {
        escaped += "'\\''"
      } else {
        escaped += (":[]\\".contains(character) ? "\\" : "") + String(character)
      }
    }
    return escaped
  }
}
