import ArgumentParser
import FileAccess

/// What a wrong command line is told: of the verb that was typed, an unknown option before a missing one.
struct UsageMessage {
  private let words: [String]
  /// What the parser found.
  private let found: String

  init(_ words: [String], found: String) {
    (self.words, self.found) = (words, found)
  }

  /// The message, and how the verb is used.
  var lines: [String] {
    var message = found
    if let mark = message.firstRange(of: ". Did you mean") {
      message = String(message[..<mark.lowerBound])
    }
    if let option = unknownOption {
      message = "unknown option '\(option)'"
      if let near = Spelling(option).nearest(options) { message += ". Did you mean '\(near)'?" }
    }
    return [message.prefix(1).lowercased() + message.dropFirst(), usage]
  }

  /// The verb that was typed; the run's where none was.
  private var verb: (any ParsableCommand.Type) {
    let name = words.first ?? ""
    let verbs = CertifyCommand.configuration.subcommands
    return verbs.first { $0.configuration.commandName == name } ?? RunCommand.self
  }

  /// The verb's line of the program's help.
  private var usage: String {
    let name = verb.configuration.commandName ?? ""
    let lines = RunCommand.configuration.usage?.split(separator: "\n").map(String.init) ?? []
    if verb != RunCommand.self, let line = lines.first(where: { $0.hasPrefix("certify \(name) ") })
    {
      return "usage: \(line); see certify \(name) --help"
    }
    return "usage: certify MODEL --eps E --data FILE; see certify --help"
  }

  /// The first word that looks like an option, and is none of the verb's.
  private var unknownOption: String? {
    let known = Set(options + ["-h", "-o", "-q", "--help", "--version"])
    for word in words.prefix(while: { $0 != "--" }) where word.hasPrefix("--") {
      let name = String(word.prefix { $0 != "=" })
      if !known.contains(name) { return name }
    }
    return nil
  }

  /// The long options of the verb, as its help lists them.
  private var options: [String] {
    let help = CertifyCommand.helpMessage(for: verb, columns: Entry.helpColumns)
    return help.split(separator: "\n").filter { $0.hasPrefix("  -") }.flatMap { line in
      line.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "-") })
        .filter { $0.hasPrefix("--") }.map(String.init)
    }
  }

  /// A first word that is nearly a verb and no file: nobody means a network of that name.
  static func mistypedVerb(_ words: [String]) -> InputError? {
    guard let word = words.first, !word.hasPrefix("-"), !word.contains("/"), !word.contains("."),
      FilePlace(reading: word) == nil
    else { return nil }
    let names = CertifyCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
    guard !names.contains(word), word != "help", let near = Spelling(word).nearest(names) else {
      return nil
    }
    return InputError(
      .usage, file: quoted(word), found: "neither a file nor a verb",
      expected: "a model, or a verb of certify",
      remedy: "Did you mean '\(near)'? See certify --help.")
  }
}

/// How near words are to each other.
struct Spelling {
  private let word: [Character]

  init(_ word: String) { self.word = Array(word) }

  /// The nearest of some words: at most one letter is wrong, of five or more two, or one is the other's start.
  func nearest(_ others: [String]) -> String? {
    let ranked = others.map { (other: $0, distance: distance(Array($0))) }
      .sorted { ($0.distance, $0.other) < ($1.distance, $1.other) }
    if let first = ranked.first, first.distance <= (word.filter { $0 != "-" }.count < 5 ? 1 : 2) {
      return first.other
    }
    // `--epsilon` for `--eps`, `--counter` for `--counterexamples`.
    return others.filter { other in
      min(other.count, word.count) >= 5
        && (other.hasPrefix(String(word)) || String(word).hasPrefix(other))
    }.min { ($0.count, $0) < ($1.count, $1) }
  }

  /// Letters to be changed, left out, put in or exchanged with their neighbours.
  private func distance(_ other: [Character]) -> Int {
    var before = [Int](), row = Array(0...other.count)
    for (i, letter) in word.enumerated() {
      var next = [i + 1]
      for (j, its) in other.enumerated() {
        var least = min(row[j] + (letter == its ? 0 : 1), row[j + 1] + 1, next[j] + 1)
        if i > 0, j > 0, letter == other[j - 1], word[i - 1] == its {
          least = min(least, before[j - 1] + 1)
        }
        next.append(least)
      }
      (before, row) = (row, next)
    }
    return row[other.count]
  }
}
