import CProcess
import FileAccess

/// The words of the command line, as the system handed them over.
enum Arguments {
  /// All but the program's name.
  ///
  /// - Throws: Where one is not UTF-8: it would name another file than the user's.
  static func words() throws(InputError) -> [String] {
    var words: [String] = []
    for place in 1..<max(1, Int(process_argument_count())) {
      guard let start = process_argument(Int32(place)) else { break }
      guard let word = String(validatingCString: start) else {
        throw InputError(
          .usage, file: "argument \(place)", found: "\(escaped(start)), which is not UTF-8",
          expected: "names and values in UTF-8",
          remedy:
            "Rename the file, or let the shell open it: '-' reads standard input, and a report"
            + " goes to standard output.")
      }
      words.append(word)
    }
    return words
  }

  /// In quotation marks, every byte beyond ASCII as `\xE9`.
  private static func escaped(_ start: UnsafePointer<CChar>) -> String {
    var text = ""
    var place = start
    while place.pointee != 0 {
      let byte = UInt8(bitPattern: place.pointee)
      text +=
        byte < 0x80 ? String(UnicodeScalar(byte)) : "\\x" + String(byte, radix: 16, uppercase: true)
      place += 1
    }
    return "\"\(text)\""
  }
}
