import FileAccess
import JSONFiles

/// One of the parts that a run is cut into: they join to the report of the whole, which has no such key.
public struct ShardDescription: Sendable, Equatable {
  /// The part, from 1, of how many.
  public let index, count: Int

  static let key = "shard"

  /// - Returns: nil for a part that there is not.
  public init?(_ index: Int, of count: Int) {
    guard index >= 1, index <= count else { return nil }
    (self.index, self.count) = (index, count)
  }

  /// As it is typed: `3/8`.
  public var text: String { "\(index)/\(count)" }

  var json: JSONValue { .object([("index", .integer(index)), ("count", .integer(count))]) }

  /// Reads what the options of a report say.
  init(_ node: JSONNode) throws(InputError) {
    var values: [String: JSONNode] = [:]
    for (key, value) in try node.members() { values[key] = value }
    guard let index = values["index"], let count = values["count"] else {
      throw node.refusal("no key 'index' or 'count'", "both")
    }
    let last: Int = try count.integer(in: 1...Int.max)
    (self.index, self.count) = (try index.integer(in: 1...last), last)
  }
}
