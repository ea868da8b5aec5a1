import CProcess
import FileAccess

/// The words of the command line, as the system handed them over.
enum Arguments {
  /// All but the program's name.
  ///
  /// - Throws: Where one is not UTF-8: it would name another file than the user's; and where `--error-format` has
  ///   another value than its own.
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
    let left = withoutErrorFormat(words).words
    // Of no verb's own options, it would be called unknown.
    if let place = left.prefix(while: { $0 != "--" }).firstIndex(where: isErrorFormat) {
      let value = left[place].split(separator: "=", maxSplits: 1).dropFirst().first.map(String.init)
      let next = left.indices.contains(place + 1) ? left[place + 1] : nil
      throw InputError(
        .usage, file: errorFormatOption, found: (value ?? next).map(quoted) ?? "no value",
        expected: ErrorFormatName.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return left
  }

  private static let errorFormatOption = "--error-format"

  private static func isErrorFormat(_ word: String) -> Bool {
    word == errorFormatOption || word.hasPrefix(errorFormatOption + "=")
  }

  /// How messages are said: every verb takes `--error-format`, and so does a command line that is wrong.
  static var errorFormat: ErrorFormatName {
    let words = (1..<max(1, Int(process_argument_count()))).map { place in
      process_argument(Int32(place)).flatMap { String(validatingCString: $0) } ?? ""
    }
    return withoutErrorFormat(words).format ?? .text
  }

  /// The words without `--error-format` and its value; one that is none of its values stays, to be refused.
  private static func withoutErrorFormat(
    _ words: [String]
  ) -> (words: [String], format: ErrorFormatName?) {
    let option = errorFormatOption
    var (left, format, place) = ([String](), ErrorFormatName?.none, 0)
    while place < words.count, words[place] != "--" {
      let word = words[place]
      if word == option, place + 1 < words.count,
        let named = ErrorFormatName(rawValue: words[place + 1])
      {
        (format, place) = (named, place + 2)
      } else if word.hasPrefix(option + "="),
        let named = ErrorFormatName(rawValue: String(word.dropFirst(option.count + 1)))
      {
        (format, place) = (named, place + 1)
      } else {
        left.append(word)
        place += 1
      }
    }
    return (left + words[place...], format)
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
