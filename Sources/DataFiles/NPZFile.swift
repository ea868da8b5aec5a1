import FileAccess

/// The arrays of an NPZ file that data are read from.
enum NPZArray {
  case items, labels

  /// The names under which the array is looked for.
  var names: [String] {
    switch self {
    case .items: ["x", "X", "images"]
    case .labels: ["y", "labels"]
    }
  }
}

extension Dataset {
  /// Reads the items of an NPZ file, and its labels where it has any.
  init(npz file: SourceFile, limits: DataLimits) throws(InputError) {
    let archive = try ZipArchive(file.content, file: file.name)
    guard let items = try archive.array(.items, of: file, limits: limits) else {
      let more = archive.members.count > 20 ? ", ... (\(archive.members.count) in all)" : ""
      let found =
        archive.members.prefix(20).map { quoted($0.name) }.joined(separator: ", ") + more
      throw InputError(
        file: file.name, found: found.isEmpty ? "no arrays" : "arrays \(found)",
        expected: "one named x, X or images")
    }
    self = items
    if let labels = try archive.array(.labels, of: file, limits: limits) {
      self.labels = try Labels(labels, file: "\(file.name): labels")
      try self.labels?.check(count: count, dataPath: path)
    }
  }
}

extension ZipArchive {
  /// The array of this role; nil where there is none, refused where there are several.
  fileprivate func array(
    _ role: NPZArray, of file: SourceFile, limits: DataLimits
  ) throws(InputError) -> Dataset? {
    let names = role.names.map { $0 + ".npy" }
    let found = members.filter { names.contains($0.name) }
    guard let member = found.first else { return nil }
    guard found.count == 1 else {
      throw InputError(
        file: file.name,
        found: "arrays " + found.map { quoted($0.name) }.joined(separator: ", "),
        expected: "one of " + names.joined(separator: ", "))
    }
    let content = try content(of: member, limit: limits.contentBytes)
    let array = SourceFile(member: member.name, of: file, content: content)
    return try Dataset(npy: array, format: .npz, limits: limits)
  }
}
