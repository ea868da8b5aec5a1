import FileAccess
import JSONFiles
import Numbers

/// What a value of a report that is being read has to be. Other keys than these are carried along.
indirect enum ReportForm: Sendable {
  case text
  /// One of these.
  case word([String])
  /// 64 hexadecimal digits.
  case digest
  /// A whole number >= 0.
  case whole
  case number
  case truth
  /// A number as it was typed, and the nearest binary64, which has to be that of the text.
  case typed
  case list(ReportForm)
  case object([(key: String, form: ReportForm)])
  /// The form, or null.
  case optional(ReportForm)

  /// Refuses what is of another form, by its place.
  func check(_ value: JSONValue, at path: JSONPath, in file: String) throws(InputError) {
    func refusal(_ expected: String) -> InputError {
      InputError(
        file: file, place: path.description, found: value.words, expected: expected)
    }
    switch (self, value) {
    case (.text, .string), (.truth, .bool): return
    case (.optional, .null): return
    case (.word(let words), .string(let text)):
      guard words.contains(text) else { throw refusal("one of \(words.joined(separator: ", "))") }
    case (.optional(let form), _): try form.check(value, at: path, in: file)
    case (.digest, .string(let text)):
      let isDigest =
        text.utf8.count == 64 && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
      guard isDigest else { throw refusal("64 hexadecimal digits") }
    case (.whole, .number(let text)):
      guard let whole = Int(text), whole >= 0 else { throw refusal("a whole number >= 0") }
    case (.number, .number(let text)):
      guard Double(text)?.isFinite == true else { throw refusal("a finite number") }
    case (.list(let form), .array(let elements)):
      for (index, element) in elements.enumerated() {
        try form.check(element, at: .index(path, index), in: file)
      }
    case (.object(let members), .members):
      for member in members {
        guard let found = value[member.key] else {
          throw InputError(
            file: file, place: path.description, found: "no key '\(member.key)'", expected: "one")
        }
        try member.form.check(found, at: .key(path, member.key), in: file)
      }
    case (.typed, .members):
      try ReportForm.object([("text", .text), ("value", .number)]).check(value, at: path, in: file)
      try checkTyped(value, at: path, in: file)
    default: throw refusal(words)
    }
  }

  /// The value that is computed with is that of the text that people read.
  private func checkTyped(
    _ value: JSONValue, at path: JSONPath, in file: String
  ) throws(InputError) {
    guard case .string(let text)? = value["text"], case .number(let numeral)? = value["value"]
    else { return }
    let number = try? Numeral(text)
    guard let number else {
      throw InputError(
        file: file, place: JSONPath.key(path, "text").description, found: quoted(text),
        expected: "a number such as 0.1 or 8/255")
    }
    guard Double(numeral) == number.nearest else {
      throw InputError(
        file: file, place: JSONPath.key(path, "value").description, found: numeral,
        expected: "\(number.nearest), the number nearest to the text \(quoted(text))")
    }
  }

  private var words: String {
    switch self {
    case .text, .word, .digest: "a string"
    case .whole, .number: "a number"
    case .truth: "true or false"
    case .typed, .object: "an object"
    case .list: "an array"
    case .optional(let form): form.words + ", or null"
    }
  }
}
