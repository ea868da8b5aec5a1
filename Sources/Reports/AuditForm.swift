import FileAccess

/// The form of what `certify audit --output` writes. Nothing else of a file gets into a statement that others
/// sign.
indirect enum AuditForm: Sendable {
  case text
  case word(of: [String])
  /// A whole number, >= 0.
  case count
  case optional(AuditForm)
  case list(AuditForm)
  /// Keys with the forms of their values: all of them, and no other.
  case object([(key: String, form: AuditForm)])
  /// Some of these keys, and no other.
  case parts([(key: String, form: AuditForm)])

  static let audit = AuditForm.object([
    ("result", .word(of: ["valid", "invalid"])),
    ("arithmetic", .word(of: ["rational", "binary64"])), ("fault", .optional(.text)),
    ("report", .object([("path", .text), ("sha256", .text)])),
    ("proofs_sha256", .optional(.text)),
    (
      "auditor",
      .parts(
        ["name", "version", ProgramDescription.buildKey, ProgramDescription.commitKey]
          .map { ($0, .text) })
    ),
    ("audits", .list(audited)),
  ])

  private static let audited = AuditForm.object([
    ("epsilon", .text), ("examples", .count), ("of", .count),
    (
      "derived",
      .parts(["certified", "falsified", "misclassified", "unknown"].map { ($0, .count) })
    ),
    ("radii", .count),
    ("unknown", .optional(.object([("above_0", .count), ("exactly_0", .count)]))),
  ])

  /// - Parameter place: where the value stands: `$.audits[0].derived`.
  /// - Throws: at the first part that is of another form.
  func check(_ value: JSONValue, at place: String = "$", file: String) throws(InputError) {
    func refuse(_ found: String, _ expected: String) throws(InputError) {
      throw InputError(file: file, place: place, found: found, expected: expected)
    }
    switch self {
    case .text where value.string == nil: try refuse(value.compactText, "a text")
    case .word(let words) where !words.contains(value.string ?? ""):
      try refuse(value.compactText, words.joined(separator: " or "))
    case .count where (value.numeral.flatMap { Int($0) } ?? -1) < 0:
      try refuse(value.compactText, "a whole number, >= 0")
    case .text, .word, .count: return
    case .optional(let form):
      if case .null = value { return }
      try form.check(value, at: place, file: file)
    case .list(let form):
      guard case .array(let elements) = value else {
        return try refuse(value.compactText, "an array")
      }
      for (index, element) in elements.enumerated() {
        try form.check(element, at: "\(place)[\(index)]", file: file)
      }
    case .object(let keys), .parts(let keys):
      guard case .members(let members) = value else {
        return try refuse(value.compactText, "an object")
      }
      let known = keys.map(\.key).joined(separator: ", ")
      for member in members {
        guard let form = keys.first(where: { $0.key == member.key })?.form else {
          return try refuse("the key \(quoted(member.key))", "one of \(known)")
        }
        try form.check(member.value, at: "\(place).\(member.key)", file: file)
      }
      if case .object = self, let missing = keys.first(where: { value[$0.key] == nil }) {
        try refuse("no key \(quoted(missing.key))", "all of \(known)")
      }
    }
  }
}
