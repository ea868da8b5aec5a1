import FileAccess
import JSONFiles

/// What the command line takes, as a shell has to know it.
struct CommandTree {
  /// The verb that is meant when none is named.
  var unnamed: CompletedVerb
  /// All others, in the order of the help.
  var verbs: [CompletedVerb]
}

/// A verb with what may follow it.
struct CompletedVerb {
  var name: String
  /// What it is for, a sentence.
  var purpose: String
  var options: [CompletedOption]
  /// What its positional arguments may be, by their place.
  var positionals: [CompletedValue]
  /// Whether the last of them may stand any number of times.
  var repeats: Bool
}

/// An option, or a flag.
struct CompletedOption {
  /// Each with its dashes.
  var names: [String]
  /// A sentence of the help.
  var help: String
  /// What its value is called; nil for a flag.
  var valueName: String?
  var value: CompletedValue

  var isFlag: Bool { valueName == nil }
}

/// What a shell may offer for a value.
enum CompletedValue: Equatable {
  /// Numbers and names that only the user knows.
  case nothing
  case words([String])
  /// Files whose names end so, and where there are none, or none is named here, all files.
  case files(extensions: [String])
  case folders
}

extension CommandTree {
  /// Reads the argument parser's own description of a command, which it prints as JSON.
  init(description: String) throws(InputError) {
    let document = try JSONDocument(
      Array(description.utf8), file: "the description of the command line", limits: JSONLimits())
    self = try document.read { (root) throws(InputError) in
      let root = try Dictionary(fields: root)
      let command = try Dictionary(fields: root["command"])
      let all = try command.nodes("subcommands").map(CompletedVerb.init(node:))
      let name = try command.text("defaultSubcommand")
      guard let unnamed = all.first(where: { $0.name == name }) else {
        preconditionFailure("the verb that is meant when none is named is one of them")
      }
      return CommandTree(
        unnamed: unnamed, verbs: all.filter { $0.name != name && $0.name != "help" })
    }
  }
}

extension CompletedVerb {
  fileprivate init(node: JSONNode) throws(InputError) {
    let fields = try Dictionary(fields: node)
    name = try fields.text("commandName")
    purpose = try fields.text("abstract")
    (options, positionals, repeats) = ([], [], false)
    for argument in try fields.nodes("arguments") {
      let argument = try Dictionary(fields: argument)
      if try argument.text("kind") == "positional" {
        positionals.append(try CompletedValue(argument))
        repeats = try argument["isRepeating"]?.bool() ?? false
      } else {
        options.append(try CompletedOption(argument))
      }
    }
  }
}

extension CompletedOption {
  fileprivate init(_ fields: [String: JSONNode]) throws(InputError) {
    names = try fields.nodes("names").map { (node) throws(InputError) in
      let name = try Dictionary(fields: node)
      return (try name.text("kind") == "short" ? "-" : "--") + (try name.text("name"))
    }
    help = try fields.text("abstract")
    valueName = try fields.text("kind") == "flag" ? nil : try fields.text("valueName")
    value = try CompletedValue(fields)
  }
}

extension CompletedValue {
  fileprivate init(_ fields: [String: JSONNode]) throws(InputError) {
    guard let kind = fields["completionKind"] else {
      self = .nothing
      return
    }
    let kinds = try Dictionary(fields: kind)
    if let list = kinds["list"] {
      self = .words(try Dictionary(fields: list).texts("values"))
    } else if let file = kinds["file"] {
      self = .files(extensions: try Dictionary(fields: file).texts("extensions"))
    } else {
      self = kinds["directory"] == nil ? .nothing : .folders
    }
  }
}

extension Dictionary where Key == String, Value == JSONNode {
  /// The members of an object; none where there is no object.
  fileprivate init(fields node: JSONNode?) throws(InputError) {
    self = Dictionary(
      uniqueKeysWithValues: try node?.members().map { ($0.key, $0.value) } ?? [])
  }

  fileprivate func text(_ key: String) throws(InputError) -> String {
    try self[key]?.string() ?? ""
  }

  fileprivate func nodes(_ key: String) throws(InputError) -> [JSONNode] {
    try self[key]?.elements() ?? []
  }

  fileprivate func texts(_ key: String) throws(InputError) -> [String] {
    try nodes(key).map { (node) throws(InputError) in try node.string() }
  }
}
