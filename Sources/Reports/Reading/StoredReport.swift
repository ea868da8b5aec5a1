import CertificateRecords
import FileAccess
import JSONFiles

/// A report as it was read from a file: its certificates are lines, known only as far as a summary
/// needs.
struct StoredReport: Sendable {
  /// The file.
  let file: String
  /// The report's place in the file.
  let path: JSONPath
  /// What stands before the certificates.
  let sections: ReportSections
  /// The positions of its examples in the data; of those that a sample was drawn from.
  let range: Range<Int>
  /// nil where the report has every example of the range.
  let sample: ExampleSample?
  /// Which part of a run it is; nil for a whole one.
  let shard: ShardDescription?
  /// The number of classes of the network.
  let classCount: Int
  /// What its certificates say, in the order of the data.
  let certificates: [PrintedCertificate]
  /// The certificates as they stand.
  let lines: [JSONPart]

  /// The position of each certificate's example in the data.
  var positions: [Int] { sample?.positions(of: range) ?? Array(range) }

  /// The options that name a part of the data, and so differ between the parts of a run.
  enum RangeKey {
    static let offset = "offset"
    static let limit = "limit"
    static let all: Set = [offset, limit, ShardDescription.key]
  }

  /// Reads a report, and holds its summary to its certificates.
  init(_ part: JSONPart) throws(InputError) {
    (file, path) = (part.file, part.path)
    let parts = try ReportParts(part)
    sections = try parts.sections()
    classCount = try parts.whole("model", "classes", from: 1)
    let offset = try parts.whole("options", RangeKey.offset, from: 0)
    let limit = try parts.whole("options", RangeKey.limit, from: 1)
    (sample, shard) = (try parts.sample(), try parts.shard())
    let positions = try parts.positions(of: sample, offset: offset, limit: limit)
    let reader = CertificateReader(classCount: classCount)
    var (certificates, lines) = ([PrintedCertificate](), [JSONPart]())
    try parts.value(ReportSections.certificatesKey).forEachElement {
      (position, line) throws(InputError) in
      let index = positions?[position] ?? offset.addingReportingOverflow(position).partialValue
      certificates.append(
        try line.read { (node) throws(InputError) in try reader.read(node, index: index) })
      lines.append(line)
    }
    (self.certificates, self.lines) = (certificates, lines)
    guard positions != nil || lines.count == limit, Int.max - limit >= offset else {
      throw try parts.value("options").refusal(
        "\(RangeKey.limit) \(limit)", "\(lines.count), the number of certificates")
    }
    range = offset..<offset + limit
    let consistency = try ReportConsistency(sections, at: path, in: file)
    for line in lines {
      let value = try line.read { (node) throws(InputError) in try JSONValue(node) }
      try consistency.check(value, at: line.path)
    }
    try checkSummary()
  }

  /// Whoever changed a certificate or lost a line is told so.
  private func checkSummary() throws(InputError) {
    let derived = sections.deriving(from: certificates, classCount: classCount)
    for (section, derived) in zip(sections.members, derived.members) {
      let place = JSONPath.key(path, section.key)
      guard let found = section.value.difference(from: derived.value, at: place) else { continue }
      throw InputError(
        file: file, place: found.path.description, found: found.here,
        expected: "\(found.there), as the certificates say")
    }
  }
}

extension ReportSections {
  /// Whether the run tried attacks, which its certificates alone need not show.
  var isAttacked: Bool {
    guard case .string(let kind) = options[OptionsDescription.attackKey] else { return false }
    return kind != OptionsDescription.noAttack
  }

  /// The level of a sample's confidence intervals; nil where there is no sample.
  private var level: Double? {
    guard case .number(let text)? = options[OptionsDescription.SampleKey.level]?["value"],
      let level = Double(text), level > 0, level.nextUp < 1
    else { return nil }
    return level
  }

  /// The same, with the summary and the histogram that these certificates make.
  func deriving(from certificates: [PrintedCertificate], classCount: Int) -> ReportSections {
    var sections = self
    let summary = Summary(of: certificates, classCount: classCount)
    sections.summary = summary.json(isAttacked: isAttacked, level: level)
    sections.warnings = warnings(with: summary, classCount: classCount)
    sections.histogram = .optional(RadiusHistogram(of: certificates), \.json)
    return sections
  }
}

/// The members of a report that is being read: all of them known, and of the form of this version.
private struct ReportParts {
  private let report: JSONPart
  private var values: [String: JSONPart] = [:]

  init(_ report: JSONPart) throws(InputError) {
    self.report = report
    let members = try report.members()
    for (key, value) in members { values[key] = value }
    try ReportFile.checkVersion(values[ReportFile.versionKey], of: report)
    let known = [ReportFile.versionKey] + ReportSections.keys + [ReportSections.certificatesKey]
    if let unknown = members.first(where: { !known.contains($0.key) }) {
      throw unknown.value.refusal("an unknown key", "one of \(known.joined(separator: ", "))")
    }
  }

  func value(_ key: String) throws(InputError) -> JSONPart {
    guard let value = values[key] else { throw report.refusal("no key '\(key)'", "one") }
    return value
  }

  func sections() throws(InputError) -> ReportSections {
    func section(_ key: String) throws(InputError) -> JSONValue {
      try value(key).read { (node) throws(InputError) in try JSONValue(node) }
    }
    return ReportSections(
      tool: try section("tool"), model: try section("model"), data: try section("data"),
      options: try section("options"), warnings: try section(ReportSections.warningsKey),
      summary: try section("summary"), histogram: try section("radius_histogram"))
  }

  /// What the options say of a sample; nil for none.
  func sample() throws(InputError) -> ExampleSample? {
    typealias Key = OptionsDescription.SampleKey
    let count = try value("options").read { (node) throws(InputError) -> Int? in
      for (name, value) in try node.members() where name == Key.count && !value.isNull {
        return try value.integer(in: 1...Int.max)
      }
      return nil
    }
    guard let count else { return nil }
    return ExampleSample(
      count: count, seed: UInt64(try whole("options", Key.seed, from: 0)))
  }

  /// What the options say of a part of a run; nil for a whole one.
  func shard() throws(InputError) -> ShardDescription? {
    try value("options").read { (node) throws(InputError) -> ShardDescription? in
      for (name, value) in try node.members() where name == ShardDescription.key {
        return try ShardDescription(value)
      }
      return nil
    }
  }

  /// The positions of a sample, one a certificate; nil for no sample.
  func positions(
    of sample: ExampleSample?, offset: Int, limit: Int
  ) throws(InputError) -> [Int]? {
    guard let sample else { return nil }
    var count = 0
    try value(ReportSections.certificatesKey).forEachElement { (_, _) in count += 1 }
    let key = OptionsDescription.SampleKey.count
    guard sample.count == count, count <= limit, Int.max - limit >= offset else {
      throw try value("options").refusal(
        "\(key) \(sample.count)",
        "\(count), the number of certificates, of \(StoredReport.RangeKey.limit) \(limit)")
    }
    return sample.positions(of: offset..<offset + limit)
  }

  /// A whole number of one of the sections.
  func whole(_ section: String, _ key: String, from least: Int) throws(InputError) -> Int {
    try value(section).read { (node) throws(InputError) in
      for (name, value) in try node.members() where name == key {
        return try value.integer(in: least...Int.max)
      }
      throw node.refusal("no key '\(key)'", "one")
    }
  }
}
