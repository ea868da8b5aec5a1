/// One key of a report: what stands there, and what has to stand there in a report that is read.
///
/// A record's keys are listed once, in their order, for writing and for reading;
/// schema/report.schema.json and man/certify.1 say the same in other languages, and the tests hold all
/// of them together.
struct ReportField<Record> {
  let key: String
  /// nil where what was read is carried along without a look.
  let form: ReportForm?
  /// nil where a record has no such key.
  let value: (Record) -> JSONValue?

  init(_ key: String, _ form: ReportForm? = nil, _ value: @escaping (Record) -> JSONValue?) {
    (self.key, self.form, self.value) = (key, form, value)
  }

  /// The same key of a record that has this one's record as a part.
  func of<Whole>(_ part: @escaping (Whole) -> Record) -> ReportField<Whole> {
    ReportField<Whole>(key, form) { value(part($0)) }
  }
}

// Made anew where they are needed, which costs little: no checker of memory finds what an enumeration of
// references holds for ever.
extension ReportForm {
  /// What a record that is read has to be.
  static func record<Record>(_ fields: [ReportField<Record>]) -> ReportForm {
    .object(fields.compactMap { field in field.form.map { (field.key, $0) } })
  }

  /// One of the names of choices.
  static func name<Choice: CaseIterable & RawRepresentable<String>>(
    _ choices: Choice.Type, or none: String? = nil
  ) -> ReportForm {
    .word((none.map { [$0] } ?? []) + choices.allCases.map(\.rawValue))
  }
}

extension JSONValue {
  /// A record as its fields say.
  static func record<Record>(_ record: Record, _ fields: [ReportField<Record>]) -> JSONValue {
    .members(
      fields.compactMap { field in
        field.value(record).map { JSONMember(key: field.key, value: $0) }
      })
  }

  static func whole(_ values: [Int]) -> JSONValue { .array(values.map { .integer($0) }) }

  static func strings(_ values: [String]) -> JSONValue { .array(values.map { .string($0) }) }
}
