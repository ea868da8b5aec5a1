/// The whole numbers from 0 or from 1, as a first row of CSV has them: those of columns without names, as pandas
/// and spreadsheets write them, or an example.
struct ColumnNumbers {
  private let first: Int
  private let count: Int
  /// Whether a field without a name stands in front, as that of an index.
  private let hasIndex: Bool

  /// Nil for any other row.
  ///
  /// Names are written in one form, as `0` or as `0.0`: `0,1,2.0` is an example.
  init?(_ fields: [String]) {
    hasIndex = fields.count > 1 && fields[0].isEmpty
    let numbers = hasIndex ? fields.dropFirst() : fields[...]
    guard let text = numbers.first, let digit = text.first, let first = digit.wholeNumberValue,
      first < 2
    else { return nil }
    let rest = text.dropFirst()
    guard rest.isEmpty || rest.count > 1 && ".,".contains(rest.prefix(1)),
      rest.dropFirst().allSatisfy({ $0 == "0" }),
      numbers.enumerated().allSatisfy({ $1 == "\(first + $0)\(rest)" })
    else { return nil }
    (self.first, count) = (first, numbers.count)
  }

  /// Whether the row may be a header, so that it is no example without being asked about.
  ///
  /// A single row is an example rather than a header of nothing, unless it is one that pandas writes for an
  /// empty table. A lone 1 numbers no column that anybody writes. Of labels, 0 is the commonest, and 0,1 a
  /// one-hot row: there the number of items says whether one is too many.
  func mayBeHeader(hasRows: Bool, isOfLabels: Bool) -> Bool {
    if hasIndex || count > 2 && first == 0 { return true }
    guard hasRows else { return false }
    return isOfLabels ? count > 2 : count > 1 || first == 0
  }

  /// The row in words.
  var words: String {
    let numbers =
      count == 1 ? "the number \(first)" : "the numbers from \(first) to \(first + count - 1)"
    return hasIndex ? "an empty field and " + numbers : numbers
  }
}
