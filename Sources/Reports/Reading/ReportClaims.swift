import FileAccess
import JSONFiles

/// What a report says, as it stands: the question of its run, and a claim for every example.
package struct ReportClaims: Sendable {
  /// The file.
  package let file: String
  package let tool: JSONValue
  package let summary: JSONValue
  package let model: JSONValue
  package let data: JSONValue
  package let options: JSONValue
  /// In the order of the data, each a certificate's members.
  package let certificates: [JSONValue]
}

extension ReportFile {
  /// The reports of the file, each with its claims.
  package func claims() throws(InputError) -> [ReportClaims] {
    var all: [ReportClaims] = []
    for report in reports {
      var certificates: [JSONValue] = []
      certificates.reserveCapacity(report.lines.count)
      for line in report.lines {
        certificates.append(try line.read { (node) throws(InputError) in try JSONValue(node) })
      }
      all.append(
        ReportClaims(
          file: report.file, tool: report.sections.tool, summary: report.sections.summary,
          model: report.sections.model, data: report.sections.data,
          options: report.sections.options, certificates: certificates))
    }
    return all
  }
}

extension JSONValue {
  /// The value of a path of keys; nil where there is none, or null.
  package func value(_ keys: String...) -> JSONValue? {
    var value = self
    for key in keys {
      guard let next = value[key] else { return nil }
      value = next
    }
    if case .null = value { return nil }
    return value
  }

  /// A string, or the text of a number.
  package var text: String? {
    switch self {
    case .string(let text), .number(let text): text
    case .integer(let number): "\(number)"
    default: nil
    }
  }

  package var whole: Int? { text.flatMap { Int($0) } }
}
