// The one place where text from outside becomes text for people. Files and command lines may hold
// anything: what moves a cursor, changes colours, ends a line or turns the reading direction is spelt
// out, so that nothing of theirs can pass for something that the program says.

/// One line for people, whatever stands in it.
///
/// Control characters (those of C1 and line ends included), format characters (directions, invisible
/// ones) and the separators of lines and paragraphs become escapes such as `\u{1B}`. What has none is
/// returned as it is, so that doing it twice does no harm.
public func printed(_ line: String) -> String {
  if line.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return line }
  return line.unicodeScalars.map { isPrintable($0) ? String($0) : $0.escaped(asASCII: true) }
    .joined()
}

/// Whether a terminal shows a character where it stands, and does nothing else.
package func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
  default: true
  }
}

/// A text from outside, in quotation marks, made printable and cut to a readable length.
public func quoted(_ text: String) -> String {
  quotation(text, mark: "\"", longest: 60)
}

/// A name from a file, in quotes, made printable and cut to a readable length.
package func named(_ text: String) -> String {
  quotation(text, mark: "'", longest: 80)
}

/// The mark and the backslash are escaped: where the quotation ends, and what is an escape, is never
/// in doubt.
private func quotation(_ text: String, mark: Unicode.Scalar, longest: Int) -> String {
  let shown = text.unicodeScalars.prefix(longest).map { scalar in
    scalar == mark || scalar == "\\" ? "\\\(scalar)" : printed(String(scalar))
  }
  let rest = text.unicodeScalars.count > longest ? "..." : ""
  return "\(mark)\(shown.joined())\(rest)\(mark)"
}
