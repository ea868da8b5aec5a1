import FileAccess
import JSONFiles

extension JSONValue {
  /// Copies a value of a document; its numbers keep their text.
  init(_ node: JSONNode) throws(InputError) {
    switch node.content {
    case .null: self = .null
    case .bool(let value): self = .bool(value)
    case .number(let text): self = .number(text)
    case .string: self = .string(try node.string())
    case .array:
      var elements: [JSONValue] = []
      for element in try node.elements() { elements.append(try JSONValue(element)) }
      self = .array(elements)
    case .object:
      var members: [JSONMember] = []
      for (key, value) in try node.members() {
        members.append(JSONMember(key: key, value: try JSONValue(value)))
      }
      self = .members(members)
    }
  }

  /// The value of a key of an object.
  package subscript(key: String) -> JSONValue? {
    guard case .members(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// A string; nil for anything else.
  package var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }

  /// A number as it stands in the file; nil for anything else.
  package var numeral: String? {
    switch self {
    case .number(let text): text
    case .integer(let value): "\(value)"
    default: nil
    }
  }

  /// Whether it is the truth value true.
  package var isTrue: Bool { if case .bool(true) = self { true } else { false } }

  /// The elements of an array; none for anything else.
  package var elements: [JSONValue] {
    if case .array(let elements) = self { elements } else { [] }
  }

  /// The members of an object; none for anything else.
  package var members: [JSONMember] {
    if case .members(let members) = self { members } else { [] }
  }

  /// The object without some of its keys.
  func without(_ keys: Set<String>) -> JSONValue {
    guard case .members(let members) = self else { return self }
    return .members(members.filter { !keys.contains($0.key) })
  }

  /// The object with another value of a key that it has.
  func replacing(_ key: String, by value: JSONValue) -> JSONValue {
    guard case .members(let members) = self else { return self }
    return .members(
      members.map { $0.key == key ? JSONMember(key: key, value: value) : $0 })
  }

  /// The first place where the two differ, and what stands there on either side; nil where they
  /// are the same. The order of keys does not matter, the text of numbers does.
  func difference(from other: JSONValue, at path: JSONPath) -> JSONDifference? {
    switch (self, other) {
    case (.members(let members), .members(let others)):
      for member in members {
        let place = JSONPath.key(path, member.key)
        guard let value = other[member.key] else {
          return JSONDifference(path: place, here: member.value.words, there: "no such key")
        }
        if let found = member.value.difference(from: value, at: place) { return found }
      }
      guard let extra = others.first(where: { self[$0.key] == nil }) else { return nil }
      return JSONDifference(
        path: .key(path, extra.key), here: "no such key", there: extra.value.words)
    case (.array(let elements), .array(let others)):
      for (index, (element, other)) in zip(elements, others).enumerated() {
        if let found = element.difference(from: other, at: .index(path, index)) { return found }
      }
      if elements.count == others.count { return nil }
      return JSONDifference(path: path, here: words, there: other.words)
    default:
      if compactText == other.compactText { return nil }
      return JSONDifference(path: path, here: words, there: other.words)
    }
  }

  /// What stands here, for messages.
  var words: String {
    switch self {
    case .string(let text): quoted(text)
    case .array(let elements) where compactText.utf8.count > 60: "\(elements.count) elements"
    case .members where compactText.utf8.count > 60: "an object"
    default: compactText
    }
  }
}

/// A place where two values differ.
struct JSONDifference {
  var path: JSONPath
  /// What stands there.
  var here, there: String
}
