/// Records of RFC 4180: fields with a comma, a quotation mark or a line end stand in quotation marks,
/// lines end in CR and LF.
package struct CSVText: Sendable {
  /// The records so far.
  package private(set) var text = ""

  package init() {}

  /// Adds a record.
  package mutating func add(_ fields: [String]) {
    text += fields.map(Self.field).joined(separator: ",") + "\r\n"
  }

  private static func field(_ text: String) -> String {
    let needsQuotes = text.utf8.contains { "\",\r\n".utf8.contains($0) }
    guard needsQuotes else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
