/// What a JSON file may ask for before it is refused.
package struct JSONLimits: Sendable {
  /// The deepest nesting of arrays and objects; never more than `deepest` is used.
  package var depth: Int
  /// The most memory in bytes, estimated before parsing, for the tree of a file (about 150 bytes a
  /// number).
  package var treeBytes: Int
  /// The most keys of one object.
  package var keys: Int

  /// Where recursion stops whatever `depth` says, so that small stacks suffice.
  package static let deepest = 256

  /// Creates limits.
  package init(depth: Int = 64, treeBytes: Int = 1 << 31, keys: Int = .max) {
    (self.depth, self.treeBytes, self.keys) = (depth, treeBytes, keys)
  }
}
