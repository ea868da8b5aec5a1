/// Completion for bash 4.4 or newer.
struct BashScript {
  var tree: CommandTree

  var text: String {
    let names = tree.verbs.map(\.name)
    return """
      # Completion of certify for bash; 'certify --generate-completion-script bash' writes it.

      # The files and folders that a word may become: those whose names end as one of the arguments says,
      # or, where there are none, all.
      _certify_files() {
        local name ending
        local -a all=() meant=()
        mapfile -t all < <(compgen -f -- "$word")
        for name in "${all[@]}"; do
          if [[ -d $name ]]; then meant+=("$name"); continue; fi
          for ending in "$@"; do [[ $name == *".$ending" ]] && meant+=("$name"); done
        done
        (( $# == 0 || ${#meant[@]} == 0 )) && meant=("${all[@]}")
        COMPREPLY+=("${meant[@]}")
        compopt -o filenames
      }

      # What an argument of a kind may be: 'words A B', 'files ENDING ...', 'folders' or 'nothing'.
      _certify_offer() {
        case $1 in
          words) shift; COMPREPLY+=($(compgen -W "$*" -- "$word")) ;;
          files) shift; _certify_files "$@" ;;
          folders) mapfile -t COMPREPLY < <(compgen -d -- "$word"); compopt -o filenames ;;
        esac
      }

      _certify() {
        local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}
        local verb='' first=1 place=0 skips='' options='' valued='' i
        local -a kinds=()
        COMPREPLY=()
        # '--option=value' is three words here.
        if [[ $word == '=' ]]; then word=''
        elif [[ $option == '=' ]]; then option=${COMP_WORDS[COMP_CWORD - 2]}
        fi
        case ${COMP_WORDS[1]} in
          \(names.joined(separator: "|"))) (( COMP_CWORD > 1 )) && { verb=${COMP_WORDS[1]}; first=2; } ;;
        esac
        case $verb in
      \((tree.verbs + [unnamed]).map(clause).joined(separator: "\n"))
        esac
        if [[ " $valued " == *" $option "* ]]; then
          _certify_value "$verb" "$option"
          return
        fi
        if [[ $word == -* ]]; then
          COMPREPLY=($(compgen -W "$options" -- "$word"))
          return
        fi
        for (( i = first; i < COMP_CWORD; i++ )); do
          if [[ -n $skips ]]; then skips=''
          elif [[ ${COMP_WORDS[i]} == '=' ]]; then skips=yes
          elif [[ ${COMP_WORDS[i]} == -?* ]]; then
            [[ " $valued " == *" ${COMP_WORDS[i]} "* && ${COMP_WORDS[i + 1]} != '=' ]] && skips=yes
          else (( place++ ))
          fi
        done
        (( place >= ${#kinds[@]} && repeats )) && place=$(( ${#kinds[@]} - 1 ))
        (( COMP_CWORD == 1 )) && COMPREPLY=($(compgen -W '\(names.joined(separator: " "))' -- "$word"))
        (( place < ${#kinds[@]} )) && _certify_offer ${kinds[place]}
      }

      # The value of an option of a verb.
      _certify_value() {
        case $1$2 in
      \((tree.verbs + [unnamed]).flatMap(values).joined(separator: "\n"))
        esac
      }

      complete -F _certify certify

      """
  }

  /// The verb that is meant when none is named has no name to look for.
  private var unnamed: CompletedVerb {
    var verb = tree.unnamed
    verb.name = "''"
    return verb
  }

  private func clause(_ verb: CompletedVerb) -> String {
    let options = verb.options.flatMap(\.names).joined(separator: " ")
    let valued = verb.options.filter { !$0.isFlag }.flatMap(\.names).joined(separator: " ")
    let kinds = verb.positionals.map { "'\(words($0))'" }.joined(separator: " ")
    return """
          \(verb.name))
            options='\(options)'
            valued='\(valued)'
            kinds=(\(kinds)) repeats=\(verb.repeats ? 1 : 0) ;;
      """
  }

  private func values(_ verb: CompletedVerb) -> [String] {
    let name = verb.name == "''" ? "" : verb.name
    return verb.options.compactMap { option in
      guard !option.isFlag, option.value != .nothing else { return nil }
      let patterns = option.names.map { name + $0 }.joined(separator: "|")
      return "    \(patterns)) _certify_offer \(words(option.value)) ;;"
    }
  }

  private func words(_ value: CompletedValue) -> String {
    switch value {
    case .nothing: "nothing"
    case .words(let words): (["words"] + words).joined(separator: " ")
    case .files(let extensions): (["files"] + extensions).joined(separator: " ")
    case .folders: "folders"
    }
  }
}
