import FileAccess

/// A place in a JSON document, written as `$.layers[3].bias[7]`.
package indirect enum JSONPath: Sendable, CustomStringConvertible {
  /// The document.
  case root
  /// The value of a key.
  case key(JSONPath, String)
  /// An element of an array.
  case index(JSONPath, Int)

  /// The place as messages write it.
  package var description: String {
    switch self {
    case .root: "$"
    case .key(let parent, let key): parent.description + JSONPath.suffix(key)
    case .index(let parent, let index): "\(parent)[\(index)]"
    }
  }

  /// A key as it follows its object's place; one that is no plain word is quoted.
  static func suffix(_ key: String) -> String {
    let plain =
      !key.isEmpty
      && key.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
    return plain ? "." + key : "[\(named(key))]"
  }
}
