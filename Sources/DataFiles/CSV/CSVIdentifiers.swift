import FileAccess

/// What the column of identifiers calls each row of a CSV text, and whether the rows of another text follow it.
public struct CSVIdentifiers: Sendable {
  /// A hash of each name, of this process alone; equal numbers have the same one, however they are written.
  private var hashes: [Int] = []
  /// Whether all are numbers.
  private var isNumeric = true
  /// Whether they count the rows, from 0 or from 1.
  private var isCount = true
  private var previous = -Double.infinity
  /// The first row whose number is not above that of the row before, in words.
  private var firstDisorder: (line: Int, words: String)?

  /// How many rows were taken.
  var count: Int { hashes.count }

  /// Takes the next row's.
  mutating func take(_ field: CSVScanner.Field, as number: Double?) {
    var hasher = Hasher()
    if let number { hasher.combine(number) } else { hasher.combine(field.text) }
    let row = Double(hashes.count)
    isCount = isCount && (number == row || number == row + 1)
    isCount = isCount && (hashes.isEmpty || number == previous + 1)
    hashes.append(hasher.finalize())
    guard let number else {
      isNumeric = false
      return
    }
    if number <= previous, firstDisorder == nil {
      firstDisorder = (
        field.line,
        "\(String(decoding: field.text, as: UTF8.self)) in the column of identifiers behind \(plain(previous))"
      )
    }
    previous = number
  }

  /// Refuses rows of labels that are not in the order of the items.
  ///
  /// Where both texts name their rows, the same names stand in the same order, whatever it is. Where they name them
  /// differently, nothing but that numbers grow says that the order is the same; numbers that count neither
  /// text's rows are those of other items.
  ///
  /// - Parameter items: The names of the items; nil where they have none.
  func check(against items: CSVIdentifiers?, itemsFile: String, file: String) throws(InputError) {
    let order = InputError(
      file: file, found: "", expected: "rows in the order of the items",
      remedy: "sort the rows as the items are, or leave the column out")
    if let items, items.hashes.count == hashes.count {
      if items.hashes == hashes { return }
      let (own, others) = (Set(hashes), Set(items.hashes))
      let isOther =
        own == others
        || isNumeric == items.isNumeric && !isCount && !items.isCount
          && (isNumeric || !own.isDisjoint(with: others))
      if isOther, let row = hashes.indices.first(where: { hashes[$0] != items.hashes[$0] }) {
        var error = order
        error.found =
          "an identifier of row \(row), counted from 0, that is not that of the item there in \(itemsFile)"
        throw error
      }
    }
    guard let firstDisorder else { return }
    var error = order
    (error.place, error.found) = ("line \(firstDisorder.line)", firstDisorder.words)
    throw error
  }
}

/// A number in its shortest form, whole ones without a point.
private func plain(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }
