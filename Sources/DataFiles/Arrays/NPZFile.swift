import FileAccess

extension DataFile {
  /// Opens the items of an NPZ file, and reads its labels where it has any.
  init(npz file: SourceFile, names: ArrayNames, limits: DataLimits) throws(InputError) {
    let archive = try ZipArchive(file.store, file: file.name)
    let choice = NPZChoice(archive, file: file.name, names: names)
    let items = try choice.items()
    let found = try choice.labels(of: items)
    self = try DataFile(member: items.member, archive, file, limits)
    notes = choice.notes(items: items, labels: found)
    arrays.items = items.name
    guard let found else {
      unusedArrays = choice.unused(items: items)
      return
    }
    arrays.labels = found.name
    let list = try DataFile(member: found.member, archive, file, limits)
    labels = try Labels(list.dataset(), file: "\(file.name): \(quoted(found.name))")
    labels?.array = found.name
    try labels?.check(count: count, dataPath: path)
  }

  /// Opens the labels of an NPZ file as a list.
  ///
  /// - Parameter items: The array of the examples, where their file has names.
  init(
    npzLabels file: SourceFile, name: String?, items: String?, limits: DataLimits
  ) throws(InputError) {
    let archive = try ZipArchive(file.store, file: file.name)
    let choice = NPZChoice(archive, file: file.name, names: ArrayNames(labels: name))
    let found = try choice.labelsAlone(of: items)
    self = try DataFile(member: found.member, archive, file, limits)
    arrays.labels = found.name
  }

  /// Opens a member where it lies.
  init(
    member: ZipArchive.Member, _ archive: ZipArchive, _ file: SourceFile, _ limits: DataLimits
  ) throws(InputError) {
    try self.init(npy: archive.pieces(of: member), of: file, format: .npz, limits: limits)
  }
}
