import FileAccess

/// Which arrays of an NPZ file are the examples and their labels: as the user names them, else as
/// their own names say, and refused where those leave a doubt.
struct NPZChoice {
  /// One array of the archive.
  struct Entry {
    var name: String
    var member: ZipArchive.Member
    var role: ArrayRole?
  }

  private let entries: [Entry]
  private let file: String
  private let names: ArrayNames

  init(_ archive: ZipArchive, file: String, names: ArrayNames) {
    entries = archive.members.filter { !$0.name.hasSuffix("/") }.map { member in
      let name = member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
      return Entry(name: name, member: member, role: ArrayRole(name: name))
    }
    (self.file, self.names) = (file, names)
  }

  /// The array of the examples.
  func items() throws(InputError) -> Entry {
    if let name = names.items { return try entry(named: name, option: "--data-name") }
    let found = of(.items)
    if found.count == 1, !isSeries { return found[0] }
    if found.isEmpty, entries.count == 1 { return entries[0] }
    let tests = found.filter { $0.role?.split == .test }
    if tests.count == 1, !found.contains(where: { $0.role?.split == .whole }) { return tests[0] }
    throw refusal(
      found: found.isEmpty || isSeries ? entries : found,
      expected: "one named x, X, data, images or x_test", option: "--data-name")
  }

  /// The array of the labels that belong to the examples; nil where there is none.
  func labels(of items: Entry) throws(InputError) -> Entry? {
    if let name = names.labels { return try entry(named: name, option: "--labels-name") }
    let all = of(.labels).filter { $0.name != items.name }
    let split = items.role?.split ?? .whole
    var found = all.filter { $0.role?.split == split }
    // The only labels of the only examples are theirs, unless they name another split.
    if found.isEmpty, of(.items).count < 2, all.count == 1,
      items.role == nil || all[0].role?.split == .whole
    {
      found = all
    }
    guard found.count < 2, !found.isEmpty || all.isEmpty else {
      throw refusal(
        found: found.isEmpty ? all : found,
        expected: "one with the labels of \(quoted(items.name))",
        option: "--labels-name")
    }
    return found.first
  }

  /// The array of the labels in a file that was named for them.
  ///
  /// - Parameter itemsName: The array of the examples, where their file has names.
  func labelsAlone(of itemsName: String?) throws(InputError) -> Entry {
    if let name = names.labels { return try entry(named: name, option: "--labels-name") }
    if let itemsName, let split = ArrayRole(name: itemsName)?.split, split != .whole {
      return try labels(of: split, itemsName)
    }
    if entries.count == 1 { return entries[0] }
    if of(.items).count < 2, of(.labels).count == 1 { return of(.labels)[0] }
    if !of(.items).isEmpty, let found = try labels(of: items()) { return found }
    let tests = of(.labels).filter { $0.role?.split == .test }
    if tests.count == 1, !of(.labels).contains(where: { $0.role?.split == .whole }) {
      return tests[0]
    }
    throw refusal(
      found: entries, expected: "one named y, labels, target or y_test", option: "--labels-name")
  }

  /// The array of the labels for examples of one split.
  private func labels(
    of split: ArrayRole.Split, _ items: String
  ) throws(InputError) -> Entry {
    let own = of(.labels).filter { $0.role?.split == split }
    if own.count == 1 { return own[0] }
    let undivided = entries.filter { ($0.role?.split ?? .whole) == .whole }
    let named = undivided.filter { $0.role?.part == .labels }
    if own.isEmpty, named.count == 1 { return named[0] }
    if entries.count == 1, undivided.count == 1 { return entries[0] }
    throw refusal(
      found: entries, expected: "one with the labels of \(quoted(items))",
      option: "--labels-name")
  }

  /// What a person should know of the choice.
  func notes(items: Entry, labels: Entry?) -> [String] {
    let used = [items, labels].compactMap(\.self)
    let rest = others(than: used)
    guard !rest.isEmpty, labels != nil else { return [] }
    let read = used.map { quoted($0.name) }.joined(separator: " and ")
    return ["\(file): \(read) are read, and not \(Self.list(rest)): see --data-name"]
  }

  /// Arrays beside the examples, any of which may hold the labels.
  func unused(items: Entry) -> [String] { others(than: [items]).map(\.name) }

  private func of(_ part: ArrayRole.Part) -> [Entry] { entries.filter { $0.role?.part == part } }

  /// Whether arrays without names are more than examples and labels.
  private var isSeries: Bool { entries.contains { $0.name == "arr_2" } }

  private func others(than used: [Entry]) -> [Entry] {
    entries.filter { entry in !used.contains { $0.name == entry.name } }
  }

  private func entry(named name: String, option: String) throws(InputError) -> Entry {
    let found = entries.filter { $0.name == name || $0.member.name == name }
    guard found.count == 1 else {
      throw InputError(
        .usage, file: option, found: "\(quoted(name)), where \(file) has \(Self.list(entries))",
        expected: "one of its arrays")
    }
    return found[0]
  }

  private func refusal(found: [Entry], expected: String, option: String) -> InputError {
    InputError(
      file: file, found: found.isEmpty ? "no arrays" : "arrays " + Self.list(found),
      expected: expected,
      remedy: found.isEmpty ? "" : "say which is meant: \(option) with its name")
  }

  private static func list(_ entries: [Entry]) -> String {
    entries.prefix(20).map { quoted($0.name) }.joined(separator: ", ")
      + (entries.count > 20 ? ", ... (\(entries.count) in all)" : "")
  }
}
