/// A shape as messages write it: `[10, 84]`.
func shapeText(_ shape: [some BinaryInteger]) -> String {
  "[" + shape.map { "\($0)" }.joined(separator: ", ") + "]"
}

/// A number with its noun: `1 byte`, `2 bytes`.
func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)" + (count == 1 ? "" : "s")
}
