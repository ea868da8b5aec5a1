import CertificateRecords
import FileAccess
import JSONFiles

/// The report of a whole run from those of its parts, made by `--offset` and `--limit`.
///
/// Certificates are carried line by line as they stand, so that `ReportText` has the very bytes of
/// the report that one run over the whole would have written.
public struct JoinedReports: Sendable {
  /// One report for each epsilon.
  let reports: [JoinedReport]

  /// The positions of the examples in the data.
  public var range: Range<Int> { reports.first?.range ?? 0..<0 }

  /// The number of examples: those of the range, or of a sample of them.
  public var exampleCount: Int { reports.first?.lineCount ?? 0 }

  /// What looks wrong, in words, each once.
  public var warnings: [String] {
    var texts: [String] = []
    for report in reports {
      guard case .array(let warnings) = report.sections.warnings else { continue }
      for case .string(let text) in warnings.map({ $0["text"] }) where !texts.contains(text) {
        texts.append(text)
      }
    }
    return texts
  }

  /// Joins the files, at least one, in any order.
  ///
  /// - Throws: Where tool, model, data or options differ, or the parts do not join without gap or
  ///   overlap.
  public init(_ files: [ReportFile]) throws(InputError) {
    guard let first = files.first else {
      reports = []
      return
    }
    for file in files where file.reports.count != first.reports.count {
      throw InputError(
        file: file.path, found: JoinedReports.counted(file.reports.count),
        expected: "\(JoinedReports.counted(first.reports.count)), as in \(first.path)")
    }
    var reports: [JoinedReport] = []
    for position in first.reports.indices {
      reports.append(try JoinedReport(files.map { $0.reports[position] }))
    }
    self.reports = reports
  }

  private static func counted(_ count: Int) -> String {
    count == 1 ? "1 report" : "\(count) reports"
  }
}

/// The report of several parts.
struct JoinedReport: ReportContent {
  let sections: ReportSections
  let range: Range<Int>
  private let lines: [JSONPart]

  var lineCount: Int { lines.count }
  func line(_ position: Int) -> String { JSONValue.withoutControls(lines[position].compactText) }

  /// Joins parts, at least one.
  init(_ parts: [StoredReport]) throws(InputError) {
    let parts = parts.sorted { $0.range.lowerBound < $1.range.lowerBound }
    guard let first = parts.first, let last = parts.last else {
      preconditionFailure("no parts")
    }
    for part in parts.dropFirst() { try JoinedReport.checkAgreement(first, part) }
    if parts.count > 1 { try JoinedReport.checkBuild(first) }
    if parts.count > 1, let sample = first.sample {
      let place = JSONPath.key(.key(first.path, "options"), OptionsDescription.SampleKey.count)
      throw InputError(
        file: first.file, place: place.description, found: "a sample of \(sample.count)",
        expected: "every example of a part: samples are no parts of one run")
    }
    try JoinedReport.checkShards(parts)
    for (part, next) in zip(parts, parts.dropFirst()) { try JoinedReport.checkOrder(part, next) }
    range = first.range.lowerBound..<last.range.upperBound
    lines = parts.flatMap(\.lines)
    var sections = first.sections
    sections.options = sections.options.without([ShardDescription.key]).replacing(
      StoredReport.RangeKey.limit, by: .integer(range.count))
    self.sections = sections.deriving(
      from: parts.flatMap(\.certificates), classCount: first.classCount)
  }

  /// Two parts of one run differ in the range of examples alone.
  private static func checkAgreement(
    _ first: StoredReport, _ other: StoredReport
  ) throws(InputError) {
    for (here, there) in zip(other.sections.question, first.sections.question) {
      let place = JSONPath.key(other.path, here.key)
      guard let found = here.value.difference(from: there.value, at: place) else { continue }
      let isTool = here.key == ReportSections.toolKey
      throw InputError(
        file: other.file, place: found.path.description, found: found.here,
        expected: "\(found.there), as in \(first.file)", remedy: isTool ? toolRemedy : "")
    }
  }

  private static let toolRemedy =
    "The parts of a run are made by one build of the program: certify some of them again."

  /// Parts that do not say which build made them are not known to be of one.
  private static func checkBuild(_ part: StoredReport) throws(InputError) {
    guard ProgramDescription(reported: part.sections.tool).build == nil else { return }
    throw InputError(
      file: part.file, place: JSONPath.key(part.path, ReportSections.toolKey).description,
      found: "no key '\(ProgramDescription.buildKey)'", expected: "one", remedy: toolRemedy)
  }

  /// Parts that were counted are all there, each once.
  private static func checkShards(_ parts: [StoredReport]) throws(InputError) {
    guard let known = parts.first(where: { $0.shard != nil }), let count = known.shard?.count else {
      return
    }
    func refusal(_ part: StoredReport, _ found: String, _ expected: String) -> InputError {
      let place = JSONPath.key(.key(part.path, "options"), ShardDescription.key)
      return InputError(
        file: part.file, place: place.description, found: found, expected: expected)
    }
    var files: [Int: String] = [:]
    for part in parts {
      guard let shard = part.shard, shard.count == count else {
        throw refusal(
          part, part.shard.map { "part \($0.text)" } ?? "no such key",
          "one of \(count) parts, as \(known.file) is")
      }
      if let other = files.updateValue(part.file, forKey: shard.index) {
        throw refusal(part, "part \(shard.text)", "each part once, and \(other) is the same")
      }
    }
    let missing = (1...count).filter { files[$0] == nil }
    guard let first = missing.first else { return }
    let more = missing.count > 1 ? ", and \(missing.count - 1) more" : ""
    throw refusal(
      known, "part \(first)/\(count) is missing\(more)", "all \(count) parts of the run")
  }

  private static func checkOrder(_ part: StoredReport, _ next: StoredReport) throws(InputError) {
    let (end, start) = (part.range.upperBound, next.range.lowerBound)
    if start == end { return }
    let examples =
      start > end
      ? "\(words(end..<start)) missing"
      : "\(words(start..<min(end, next.range.upperBound))) in both"
    throw InputError(
      file: next.file,
      place: JSONPath.key(.key(next.path, "options"), StoredReport.RangeKey.offset).description,
      found: "\(start)", expected: "\(end), where \(part.file) ends: \(examples)")
  }

  private static func words(_ range: Range<Int>) -> String {
    let last = range.upperBound - 1
    return range.count == 1 ? "example \(last) is" : "examples \(range.lowerBound) to \(last) are"
  }
}

extension ReportSections {
  /// What was asked: the sections that the parts of a run share.
  fileprivate var question: [(key: String, value: JSONValue)] {
    [
      (ReportSections.toolKey, tool), ("model", model), ("data", data),
      ("options", options.without(StoredReport.RangeKey.all)),
      (ReportSections.warningsKey, sharedWarnings),
    ]
  }
}
