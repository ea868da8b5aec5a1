import CertificateRecords
import FileAccess
import JSONFiles
import Numbers

/// A value that a journal has in full: what is read back is the value that was written, to the last
/// bit of every number.
protocol ExactValue {
  var exactJSON: JSONValue { get }
  init(exact node: JSONNode) throws(InputError)
}

extension Int: ExactValue {
  var exactJSON: JSONValue { .integer(self) }
  init(exact node: JSONNode) throws(InputError) { self = try node.integer(in: Int.min...Int.max) }
}

extension Bool: ExactValue {
  var exactJSON: JSONValue { .bool(self) }
  init(exact node: JSONNode) throws(InputError) { self = try node.bool() }
}

extension String: ExactValue {
  var exactJSON: JSONValue { .string(self) }
  init(exact node: JSONNode) throws(InputError) { self = try node.string() }
}

extension Double: ExactValue {
  /// What JSON has no number for; of 0 with a sign, readers disagree.
  private static let words: [(word: String, value: Double)] = [
    ("inf", .infinity), ("-inf", -.infinity), ("nan", .nan), ("-0", -0.0),
  ]

  /// The shortest decimal that is read back as the value, or a word.
  var exactJSON: JSONValue {
    if isNaN { return .string("nan") }
    let isWord = !isFinite || (self == 0 && sign == .minus)
    guard isWord,
      let found = Double.words.first(where: { $0.value == self && $0.value.sign == sign })
    else { return .nearest(self) }
    return .string(found.word)
  }

  init(exact node: JSONNode) throws(InputError) {
    if node.isString {
      let word = try node.string()
      guard let found = Double.words.first(where: { $0.word == word }) else {
        throw node.refusal(quoted(word), "a number, inf, -inf, nan or -0")
      }
      self = found.value
      return
    }
    guard case .number(let text) = node.content, let value = Double(text), value.isFinite else {
      throw node.refusal(node.words, "a number")
    }
    self = value
  }
}

extension Optional: ExactValue where Wrapped: ExactValue {
  var exactJSON: JSONValue { .optional(self, \.exactJSON) }
  init(exact node: JSONNode) throws(InputError) {
    self = node.isNull ? nil : try Wrapped(exact: node)
  }
}

extension Array: ExactValue where Element: ExactValue {
  var exactJSON: JSONValue { .array(map(\.exactJSON)) }
  init(exact node: JSONNode) throws(InputError) {
    self = []
    for element in try node.elements() { append(try Element(exact: element)) }
  }
}

/// A choice by its name.
protocol ExactName: ExactValue, RawRepresentable<String> {}

extension ExactName {
  var exactJSON: JSONValue { .string(rawValue) }
  init(exact node: JSONNode) throws(InputError) {
    let name = try node.string()
    guard let value = Self(rawValue: name) else { throw node.refusal(quoted(name), "a known name") }
    self = value
  }
}

/// One stored property of a record, and its key.
struct ExactField<Record> {
  let key: String
  let value: (Record) -> JSONValue
  let take: (inout Record, JSONNode) throws(InputError) -> Void

  init<Value: ExactValue>(_ key: String, _ path: WritableKeyPath<Record, Value>) {
    self.key = key
    value = { $0[keyPath: path].exactJSON }
    take = { (record, node) throws(InputError) in record[keyPath: path] = try Value(exact: node) }
  }
}

/// A record that is written as an object with a key for each stored property: no fewer and no others.
protocol ExactRecord: ExactValue {
  static var exactFields: [ExactField<Self>] { get }
  /// A record whose every property is about to be replaced.
  static var blank: Self { get }
}

extension ExactRecord {
  var exactJSON: JSONValue {
    .members(Self.exactFields.map { JSONMember(key: $0.key, value: $0.value(self)) })
  }

  init(exact node: JSONNode) throws(InputError) {
    let fields = Self.exactFields
    let members = try node.members()
    self = Self.blank
    for field in fields {
      guard let member = members.first(where: { $0.key == field.key }) else {
        throw node.refusal("no key '\(field.key)'", "one")
      }
      try field.take(&self, member.value)
    }
    if let extra = members.first(where: { member in !fields.contains { $0.key == member.key } }) {
      throw extra.value.refusal(
        "an unknown key", "one of \(fields.map(\.key).joined(separator: ", "))")
    }
  }
}
