import FileAccess

/// A property in a file of its own: VNN-LIB 1.0, gzip or not, by content.
public struct PropertyFile: Sendable {
  /// The file as the user named it.
  public let path: String
  /// What it asks.
  public let property: Property

  /// Reads a file; `-` is standard input.
  public static func read(
    path: String, limits: PropertyLimits = PropertyLimits()
  ) throws(InputError) -> PropertyFile {
    let name = path == "-" ? "standard input" : path
    var bytes = try readFile(path, limit: limits.contentBytes)
    if Gzip.isGzip(bytes) {
      bytes = try Gzip.inflate(bytes, file: name, limit: limits.contentBytes)
    }
    return PropertyFile(path: path, property: try decode(bytes, file: name, limits: limits))
  }

  /// Reads the text of a file.
  public static func decode(
    _ bytes: [UInt8], file: String, limits: PropertyLimits = PropertyLimits()
  ) throws(InputError) -> Property {
    if let refusal = GitLFS.refusal(bytes, file: file, expected: "a VNN-LIB file") { throw refusal }
    var reader = PropertyReader(bytes, file: file, limits: limits)
    return try reader.property()
  }
}
