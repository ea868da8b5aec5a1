import FileAccess
import Foundation

/// Where tests find what they are held against.
public enum Place {
  /// The repository's folder of fixtures.
  public static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("fixtures")
    .path

  /// The folder of large networks and data; nil where the environment names none.
  public static let corpus = environment["CERTIFY_CORPUS"]

  /// Whether everything is run in full.
  public static let isCampaign = environment["CERTIFY_CAMPAIGN"] == "1"

  /// Why tests of the corpus are skipped.
  public static let noCorpus = "CERTIFY_CORPUS names no folder of large networks"

  private static var environment: [String: String] { ProcessInfo.processInfo.environment }
}

/// The content of a file, unpacked where it is gzip.
public func content(of path: String) throws -> [UInt8] {
  let bytes = try readFile(path)
  return Gzip.isGzip(bytes) ? try Gzip.inflate(bytes, file: path, limit: 1 << 28) : bytes
}

/// A JSON document.
public func decoded<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
  try JSONDecoder().decode(type, from: Data(content(of: path)))
}

/// The JSON documents of a file that has one a line.
public func decodedLines<Value: Decodable>(
  _ type: Value.Type, from path: String, limit: Int = .max
) throws -> [Value] {
  let lines = try content(of: path).split(separator: UInt8(ascii: "\n"))
  return try lines.prefix(limit).map { try JSONDecoder().decode(type, from: Data($0)) }
}
