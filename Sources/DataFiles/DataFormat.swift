import FileAccess

/// The formats of data files.
public enum DataFormat: String, Sendable, CaseIterable {
  /// The format of MNIST: a header with element type and dimensions, then the elements.
  case idx

  /// The format that the content shows.
  static func detect(_ content: [UInt8], file: String) throws(InputError) -> DataFormat {
    if IDXHeader.isIDX(content) { return .idx }
    throw InputError(
      file: file, place: "byte 0", found: hexadecimal(content.prefix(8)),
      expected: "the start of an IDX file (00 00)")
  }
}

extension Dataset {
  /// Reads a data file; `-` is standard input.
  ///
  /// - Parameter format: The format, where the user states it; else the content decides.
  public static func read(
    path: String, format: DataFormat? = nil, limits: DataLimits = DataLimits()
  ) throws(InputError) -> Dataset {
    let file = try SourceFile(path: path, limits: limits)
    let chosen: DataFormat
    if let format { chosen = format } else { chosen = try .detect(file.content, file: file.name) }
    switch chosen {
    case .idx: return try Dataset(idx: file, limits: limits)
    }
  }
}
