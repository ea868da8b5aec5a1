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
    let file = try SourceFile(path: path, format: nil, limits: limits)
    guard ZipArchive.isZip(file.content) else {
      let items = try Dataset.read(file, format: nil, labelColumn: LabelColumn.none, limits: limits)
      return [NamedArray(name: nil, items: items)]
    }
    let archive = try ZipArchive(file.content, file: file.name)
    var arrays: [NamedArray] = []
    var total = 0
    for member in archive.members {
      let name =
        member.name.hasSuffix(".npy") ? String(member.name.dropLast(4)) : member.name
      let content = try archive.content(of: member, limit: limits.contentBytes - total)
      total += content.count
      let source = SourceFile(member: member.name, of: file, content: content)
      arrays.append(
        NamedArray(name: name, items: try Dataset(npy: source, format: .npz, limits: limits)))
    }
    guard !arrays.isEmpty else {
      throw InputError(file: file.name, found: "no arrays", expected: "one or more")
    }
    return arrays
  }
}
