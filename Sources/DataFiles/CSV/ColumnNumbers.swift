/// The whole numbers from 0 on, as a first row of CSV has them: those of columns without names, as pandas writes
/// them, or an example.
struct ColumnNumbers {
  private let count: Int
  /// Whether a field without a name stands in front, as that of an index.
  private let hasIndex: Bool

  /// Nil for any other row.
  ///
  /// Names are written in one form, as `0` or as `0.0`: `0,1,2.0` is an example.
  init?(_ fields: [String]) {
    hasIndex = fields.count > 1 && fields[0].isEmpty
    let numbers = hasIndex ? fields.dropFirst() : fields[...]
    guard let text = numbers.first, text.first == "0" else { return nil }
    let rest = text.dropFirst()
    guard rest.isEmpty || rest.count > 1 && ".,".contains(rest.prefix(1)),
      rest.dropFirst().allSatisfy({ $0 == "0" }),
      numbers.enumerated().allSatisfy({ $1 == "\($0)\(rest)" })
    else { return nil }
    count = numbers.count
  }

  /// Whether the row is too likely a header to be an example unasked: 0 alone is a label often, and 0, 1 two
  /// features, or a one-hot row.
  var mayBeHeader: Bool { hasIndex || count > 2 }

  /// The row in words.
  var words: String {
    let numbers = count == 1 ? "the number 0" : "the numbers from 0 to \(count - 1)"
    return hasIndex ? "an empty field and " + numbers : numbers
  }
}
