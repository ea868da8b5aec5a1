import FileAccess
import JSONFiles

/// What a model file may ask for before it is refused: every limit of this module, in one place.
///
/// Model files come from strangers. Each limit is checked before the memory or the time that it
/// bounds is spent, and is far above what real networks need.
public struct ModelLimits: Sendable, Equatable {
  /// The greatest model file in bytes; 2 GiB is also the limit of protobuf itself.
  public var fileBytes = 1 << 31
  /// The greatest number of fields in an ONNX protobuf file, all messages together. A field costs
  /// two bytes in a hostile file and up to about 150 in memory; an honest one holds some dozens a
  /// node and an initialiser.
  public var fields = 1_000_000
  /// The greatest number of nodes, or of layers in a format that lists layers. One takes some
  /// microseconds and kilobytes.
  public var nodes = 1 << 16
  /// How deep graphs may lie in nodes.
  public var branchDepth = 8
  /// The longest name or other text in an ONNX protobuf file, in bytes.
  public var textBytes = 1 << 16
  /// The most memory in bytes that protobuf-c may hold for one file.
  public var unpackedBytes = 1 << 32
  /// The greatest number of elements of one tensor.
  public var tensorElements = 1 << 31
  /// The most memory in bytes for the elements of all tensors of a model, external ones included.
  public var tensorBytes = 1 << 34
  /// The greatest external data file in bytes; the whole file is read once for its SHA-256.
  public var externalFileBytes = 1 << 36
  /// The deepest nesting of arrays and objects in JSON; never more than `JSONLimits.deepest` is used.
  public var jsonDepth = 64
  /// The most memory in bytes, estimated before parsing, for the tree of a JSON file (about 150
  /// bytes a number).
  public var jsonTreeBytes = 1 << 31

  /// The default limits.
  public init() {}

  /// Refuses more nodes, or layers, than the limit.
  ///
  /// - Parameter place: Where they are listed.
  func checkNodes(_ count: Int, _ noun: String, file: String, place: String) throws(InputError) {
    guard count <= nodes else {
      throw InputError(
        .limit, file: file, place: place, found: counted(count, noun), expected: "at most \(nodes)")
    }
  }

  /// Refuses graphs that lie deeper in nodes than the limit.
  func checkDepth(_ depth: Int, file: String, place: String) throws(InputError) {
    guard depth <= branchDepth else {
      throw InputError(
        .limit, file: file, place: place, found: "a graph inside \(depth) nodes",
        expected: "at most \(branchDepth)")
    }
  }

  /// Those of a JSON file.
  var json: JSONLimits { JSONLimits(depth: jsonDepth, treeBytes: jsonTreeBytes) }
}
