/// A name from a file, in quotes, without control characters and cut to a readable length.
func named(_ text: String) -> String {
  let shown = text.unicodeScalars.prefix(80).map { scalar in
    scalar.properties.generalCategory == .control || scalar == "'"
      ? scalar.escaped(asASCII: false) : String(scalar)
  }
  return "'" + shown.joined() + (text.unicodeScalars.count > 80 ? "..." : "") + "'"
}

/// A shape as messages write it: `[10, 84]`.
func shapeText(_ shape: [some BinaryInteger]) -> String {
  "[" + shape.map { "\($0)" }.joined(separator: ", ") + "]"
}

/// A number with its noun: `1 byte`, `2 bytes`.
func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)" + (count == 1 ? "" : "s")
}
