import FileAccess

extension Dataset {
  /// Reads the items of an NPZ file, and its labels where it has any.
  init(npz file: SourceFile, names: ArrayNames, limits: DataLimits) throws(InputError) {
    let archive = try ZipArchive(file.content, file: file.name)
    let choice = NPZChoice(archive, file: file.name, names: names)
    let items = try choice.items()
    let found = try choice.labels(of: items)
    self = try archive.array(items, of: file, limits: limits)
    notes = choice.notes(items: items, labels: found)
    guard let found else {
      unusedArrays = choice.unused(items: items)
      return
    }
    let list = try archive.array(found, of: file, limits: limits)
    labels = try Labels(list, file: "\(file.name): \(quoted(found.name))")
    try labels?.check(count: count, dataPath: path)
  }

  /// Reads the labels of an NPZ file as a list.
  init(npzLabels file: SourceFile, name: String?, limits: DataLimits) throws(InputError) {
    let archive = try ZipArchive(file.content, file: file.name)
    let choice = NPZChoice(archive, file: file.name, names: ArrayNames(labels: name))
    self = try archive.array(try choice.labelsAlone(), of: file, limits: limits)
  }
}

extension ZipArchive {
  fileprivate func array(
    _ entry: NPZChoice.Entry, of file: SourceFile, limits: DataLimits
  ) throws(InputError) -> Dataset {
    let content = try content(of: entry.member, limit: limits.contentBytes)
    let array = SourceFile(member: entry.name, of: file, content: content)
    return try Dataset(npy: array, format: .npz, limits: limits)
  }
}
