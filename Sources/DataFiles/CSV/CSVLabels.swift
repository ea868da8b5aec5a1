import FileAccess

/// Labels in a CSV file of their own: one column, one among others, or one-hot columns.
struct CSVLabels {
  private let file: SourceFile
  private let header: CSVHeader
  private let first: CSVScanner

  init(_ file: SourceFile) throws(InputError) {
    self.file = file
    var scanner = try CSVScanner(file.content, file: file.name)
    header = try CSVHeader(&scanner, file: file.name)
    first = scanner
    guard header.columnCount > 0, try scanner.next(isFirst: true) != nil else {
      throw InputError(file: file.name, found: "no rows", expected: "a label for each item")
    }
  }

  /// Reads the labels.
  ///
  /// - Parameters:
  ///   - name: The header's name of their column, where the user says it.
  ///   - column: Where it stands, where the user says that.
  /// - Returns: The labels, and what the file calls its rows where it has a column for that.
  func labels(
    named name: String?, column: LabelColumn?
  ) throws(InputError) -> (labels: Labels, identifiers: CSVIdentifiers?) {
    let stated = column == LabelColumn.none ? nil : column
    let place = try header.labelColumn(named: name, stated: stated) { () throws(InputError) in
      if header.columnCount == 1 { return 0 }
      return header.columnCount == 2 && header.hasIdentifiers ? 1 : nil
    }
    let rows = try Rows(file, header, first, label: place)
    if let place {
      var labels = Labels(
        path: file.path, digest: file.digest,
        values: try rows.labels(column: place, file: file.name))
      if name == nil, header.columnCount > 1 { labels.column = header.told(stated) }
      return (labels, rows.identifiers)
    }
    guard let classes = rows.oneHot else { throw unstated }
    let labels = Labels(
      path: file.path, digest: file.digest, values: classes,
      oneHotWidth: header.columnCount - (header.hasIdentifiers ? 1 : 0))
    return (labels, rows.identifiers)
  }

  private var unstated: InputError {
    InputError(
      file: file.name,
      found: header.names.map { "columns \(header.shown($0))" }
        ?? "\(header.columnCount) columns without a header",
      expected: "one column, one called 'label', or one-hot rows (a single 1, all else 0)",
      remedy: "say --label-column first or last"
        + (header.names == nil ? "" : ", or --labels-name with a name of the header"))
  }

  /// What the rows hold.
  private struct Rows {
    /// The label of each row, up to the first that is none.
    private var values: [Int] = []
    /// That one, as written.
    private var firstOther: (text: String, line: Int)?
    /// The class of each one-hot row; nil where one is not.
    private(set) var oneHot: [Int]?
    private(set) var identifiers: CSVIdentifiers?

    init(
      _ file: SourceFile, _ header: CSVHeader, _ first: CSVScanner, label: Int?
    ) throws(InputError) {
      var (scanner, reader) = (first, CSVNumbers(first.separator))
      let skipped = header.hasIdentifiers ? 1 : 0
      let named = label.map(header.identifierColumn) ?? (header.hasIdentifiers ? 0 : nil)
      if named != nil { identifiers = CSVIdentifiers() }
      oneHot = label == nil ? [] : nil
      var (column, ones) = (0, [Int]())
      var (isOneHot, count) = (true, header.columnCount)
      while let field = try scanner.next(isFirst: column == 0) {
        if column == label {
          let number =
            reader.isNumber(field.text)
            ? try reader.number(field, column: column + 1, file: file.name) : nil
          if let value = number.flatMap(Int.init(exactly:)), value >= 0 {
            values.append(value)
          } else if firstOther == nil {
            firstOther = (String(decoding: field.text, as: UTF8.self), field.line)
          }
        } else if column == named {
          identifiers?.take(field, as: reader.value(field.text))
        } else if label == nil, isOneHot {
          let value = try? reader.number(field, column: column + 1, file: file.name)
          if value == 1 { ones.append(column - skipped) }
          isOneHot = value == 0 || value == 1
        }
        column += 1
        guard field.isLast else { continue }
        guard column == count else {
          throw InputError(
            file: file.name, place: "line \(field.line)", found: "\(column) columns",
            expected: "\(count)")
        }
        if isOneHot, ones.count == 1 { oneHot?.append(ones[0]) } else { oneHot = nil }
        (column, ones, count) = (0, [], header.columnCount)
      }
    }

    func labels(column: Int, file: String) throws(InputError) -> [Int] {
      if let firstOther {
        throw InputError(
          file: file, place: "line \(firstOther.line), column \(column + 1)",
          found: quoted(firstOther.text), expected: "a label, a whole number, 0 or greater")
      }
      return values
    }
  }
}
