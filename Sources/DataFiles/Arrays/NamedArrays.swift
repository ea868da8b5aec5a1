import FileAccess

/// One array of a file that may hold several.
public struct NamedArray: Sendable {
  /// The name; nil where the file holds one array without a name.
  public let name: String?
  /// The array; its first dimension counts the items.
  public let items: Dataset

  /// Reads every array of an NPZ file by its name, or the one array of any other file.
  public static func all(
    in path: String, limits: DataLimits = DataLimits()
  ) throws(InputError) -> [NamedArray] {
    let file = try SourceFile(path: path, limits: limits)
    guard ZipArchive.isZip(try file.content.prefix(4)) else {
      let items = try Dataset.read(path: path, labelColumn: LabelColumn.none, limits: limits)
      return [NamedArray(name: nil, items: items)]
    }
    let archive = try ZipArchive(file.randomAccess(limits).store, file: file.name)
    var arrays: [NamedArray] = []
    var left = limits
    for member in archive.members {
      let name =
        member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
      let items = try DataFile(member: member, archive, file, left).dataset()
      left.contentBytes = max(0, left.contentBytes - member.size)
      arrays.append(NamedArray(name: name, items: items))
    }
    guard !arrays.isEmpty else {
      throw InputError(file: file.name, found: "no arrays", expected: "one or more")
    }
    return arrays
  }
}
