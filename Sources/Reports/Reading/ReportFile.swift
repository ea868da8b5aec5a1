import FileAccess
import JSONFiles

/// A file of one report, or of a list of them.
public struct ReportFile: Sendable {
  /// The file as the user named it.
  public let path: String
  /// The SHA-256 of its bytes.
  package let sha256: String
  /// Its reports; a file of one report has one.
  let reports: [StoredReport]

  /// No object of a report has nearly as many keys.
  private static let mostKeys = 1000
  static let versionKey = "schema_version"
  private static let listKey = "reports"

  /// Reads a file; `-` is standard input.
  public init(path: String) throws(InputError) {
    let (bytes, name) = (try readFile(path), path == "-" ? "standard input" : path)
    if let error = GitLFS.refusal(bytes, file: name, expected: "a report of certify") {
      throw error
    }
    try self.init(bytes, path: name)
  }

  /// Reads the bytes of a file.
  public init(_ bytes: [UInt8], path: String) throws(InputError) {
    self.path = path
    if let known = KnownFile(bytes, path: path), known != .json {
      throw InputError(
        file: path, found: known.words, expected: "a report of certify",
        remedy: known == .journal
          ? "its run goes on with it, and writes the report: --journal FILE --resume" : "")
    }
    sha256 = sha256Hex(bytes)
    let document = try JSONPart(bytes, file: path, keys: ReportFile.mostKeys)
    let members = try document.members()
    guard let list = members.first(where: { $0.key == ReportFile.listKey })?.value else {
      reports = [try StoredReport(document)]
      return
    }
    let version = members.first { $0.key == ReportFile.versionKey }?.value
    try ReportFile.checkVersion(version, of: document)
    var reports: [StoredReport] = []
    try list.forEachElement { (_, part) throws(InputError) in
      reports.append(try StoredReport(part))
    }
    guard !reports.isEmpty else { throw list.refusal("no reports", "one or more") }
    self.reports = reports
  }

  /// Refuses a document of another form.
  static func checkVersion(_ version: JSONPart?, of part: JSONPart) throws(InputError) {
    guard let version else {
      let keys = try part.members().map(\.key)
      let isModel = keys.contains("format") || keys.contains("graph")
      throw part.refusal(
        isModel ? "a model in JSON form" : "no key '\(versionKey)'", "a report of certify")
    }
    guard version.compactText == "\(Report.schemaVersion)" else {
      let words = try version.read { (node) throws(InputError) in node.words }
      // Nobody can tell afterwards which of its radii of 0 held.
      let older =
        version.compactText == "1"
        ? ": version 1 has radius 0 also where no certificate held, run certify again" : ""
      throw version.refusal(words, "\(Report.schemaVersion)\(older)")
    }
  }
}
