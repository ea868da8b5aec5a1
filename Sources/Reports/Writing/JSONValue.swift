import CJsonC
import CertificateRecords
import FileAccess
import Numbers

/// A JSON value about to be written; its numbers carry their own text.
package enum JSONValue: Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  /// A JSON number, written as this text stands.
  case number(String)
  case string(String)
  case array([JSONValue])
  /// In the order in which they are written; keys are distinct.
  case members([JSONMember])

  /// A bound in nine digits on the safe side; `null` when it is not finite.
  static func bound(_ value: Double, _ rounding: DirectedDecimal.Rounding) -> JSONValue {
    DirectedDecimal.text(value, rounded: rounding).map { .number($0) } ?? .null
  }

  /// A bound that is known as it was printed; `null` when it is not finite.
  static func printed(_ value: Double, _ rounding: DirectedDecimal.Rounding) -> JSONValue {
    DirectedDecimal.text(printed: value, rounded: rounding).map { .number($0) } ?? .null
  }

  /// The shortest text that reads back as the value; `null` when it is not finite.
  static func nearest(_ value: Double) -> JSONValue {
    DirectedDecimal.nearest(value).map { .number($0) } ?? .null
  }

  /// An object; its members are written in this order.
  package static func object(_ members: [(key: String, value: JSONValue)]) -> JSONValue {
    .members(members.map { JSONMember(key: $0.key, value: $0.value) })
  }

  /// The value, or `null`.
  static func optional<T>(_ value: T?, _ make: (T) -> JSONValue) -> JSONValue {
    value.map(make) ?? .null
  }

  /// The text without any white space.
  package var compactText: String {
    let document = JSONDocument(self)
    return document.text
  }

  /// The text in lines: an object or array that is short stands on one, and so does an array of
  /// numbers; any other has a line for each of its members, two spaces further in.
  package func laidOutText(indentation: Int = 0) -> String {
    let compact = compactText
    let parts: [String]
    switch self {
    case .array(let elements)
    where compact.utf8.count > JSONValue.longestLine && !elements.allSatisfy(\.isNumber):
      parts = elements.map { $0.laidOutText(indentation: indentation + 2) }
    case .members(let members) where compact.utf8.count > JSONValue.longestLine:
      parts = members.map { member in
        let value = member.value.laidOutText(indentation: indentation + 2)
        return "\(JSONValue.string(member.key).compactText): \(value)"
      }
    default: return compact
    }
    let space = String(repeating: " ", count: indentation)
    let body = parts.map { "\(space)  \($0)" }.joined(separator: ",\n")
    return "\(compact.prefix(1))\n\(body)\n\(space)\(compact.suffix(1))"
  }

  /// A JSON text with every character escaped that would move a terminal's cursor or turn the reading
  /// direction; outside strings there is none.
  static func withoutControls(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 < 0x7f }) { return text }
    return text.unicodeScalars.map { scalar in
      if isPrintable(scalar) { return String(scalar) }
      return String(scalar).utf16.map { unit in
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }.joined()
    }.joined()
  }

  private var isNumber: Bool {
    switch self {
    case .integer, .number: true
    default: false
    }
  }

  /// The most bytes of an object or array on one line.
  private static let longestLine = 160
}

/// One key of an object, and its value.
package struct JSONMember: Sendable {
  package var key: String
  package var value: JSONValue
}

/// The single owner of one json-c tree.
private struct JSONDocument: ~Copyable {
  let root: OpaquePointer?

  init(_ value: JSONValue) {
    root = JSONDocument.tree(value)
  }

  deinit { json_object_put(root) }

  var text: String {
    let flags = JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE
    guard let text = json_object_to_json_string_ext(root, flags) else {
      preconditionFailure("json-c is out of memory")
    }
    return JSONValue.withoutControls(String(cString: text))
  }

  /// Builds the tree; `null` is json-c's nil.
  private static func tree(_ value: JSONValue) -> OpaquePointer? {
    switch value {
    case .null: return nil
    case .bool(let value): return made(json_object_new_boolean(value ? 1 : 0))
    case .integer(let value): return made(json_object_new_int64(Int64(value)))
    case .number(let text): return made(json_object_new_double_s(0, text))
    case .string(let text):
      return made(
        text.withCString {
          json_object_new_string_len($0, Int32(clamping: text.utf8.count))
        })
    case .array(let elements):
      let array = made(json_object_new_array())
      for element in elements { check(json_object_array_add(array, tree(element))) }
      return array
    case .members(let members):
      let object = made(json_object_new_object())
      for member in members {
        let isNew = UInt32(JSON_C_OBJECT_ADD_KEY_IS_NEW)
        check(json_object_object_add_ex(object, member.key, tree(member.value), isNew))
      }
      return object
    }
  }

  private static func made(_ object: OpaquePointer?) -> OpaquePointer {
    guard let object else { preconditionFailure("json-c is out of memory") }
    return object
  }

  private static func check(_ status: Int32) {
    precondition(status == 0, "json-c is out of memory")
  }
}
