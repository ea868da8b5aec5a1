import FileAccess

/// Reads numbers in rows, a row an item, all rows of one length.
///
/// A label column must be stated, by the user or by a header that names it; a column of identifiers in
/// front is left out. What stands between fields is found out (`CSVScanner`), and so is the header
/// (`CSVHeader`).
struct CSVReader {
  let file: SourceFile
  let header: CSVHeader
  /// The features as binary64, item by item: the bytes of an array.
  private(set) var values: [UInt8] = []
  private var valueCount = 0
  private(set) var labels: [Double] = []
  private(set) var rowCount = 0
  /// The number of columns in every row, once one was read.
  private var columnCount: Int?
  private let labelColumn: Int?
  /// The most numbers that are kept.
  private let limit: Int

  init(
    _ file: SourceFile, labelColumn: LabelColumn?, labelsName: String?, limits: DataLimits
  ) throws(InputError) {
    self.file = file
    limit = limits.contentBytes / MemoryLayout<Double>.stride
    var scanner = CSVScanner(file.content.inMemory ?? [], file: file.name)
    let header = try CSVHeader(&scanner, file: file.name)
    self.header = header
    guard !scanner.isAtEnd else {
      throw InputError(
        file: file.name, found: "no rows of numbers", expected: "a row for each item")
    }
    self.labelColumn = try header.labelColumn(named: labelsName, stated: labelColumn) {
      () throws(InputError) in
      throw InputError(
        file: file.name, found: "no header that names one column 'label', 'class' or 'target'",
        expected: "to be told where the label stands",
        remedy: "say --label-column first, last or none"
          + (header.names == nil ? "" : ", or --labels-name with a name of the header"))
    }
    columnCount = header.names?.count
    var numbers = CSVNumbers(scanner.separator)
    while try readRow(&scanner, &numbers) {}
  }

  /// The number of features of one item.
  var featureCount: Int { valueCount / rowCount }

  /// Whether a first column of identifiers was left out.
  var skipsIdentifiers: Bool { header.hasIdentifiers && labelColumn != 0 }

  /// Reads a row; false where there is none.
  private mutating func readRow(
    _ scanner: inout CSVScanner, _ numbers: inout CSVNumbers
  ) throws(InputError) -> Bool {
    var column = 0
    let before = valueCount
    while let field = try scanner.next(isFirst: column == 0) {
      if column == labelColumn {
        labels.append(try numbers.number(field, column: column + 1, file: file.name))
      } else if column > 0 || !skipsIdentifiers {
        let number = try numbers.number(field, column: column + 1, file: file.name)
        withUnsafeBytes(of: number) { values.append(contentsOf: $0) }
        valueCount += 1
      }
      if valueCount > limit {
        throw InputError(
          .limit, file: file.name, place: "line \(field.line)",
          found: "more than \(limit) numbers",
          expected: "at most that many, of 8 bytes each in memory")
      }
      column += 1
      guard field.isLast else { continue }
      let expected = columnCount ?? column
      columnCount = expected
      guard column == expected, valueCount > before else {
        throw InputError(
          file: file.name, place: "line \(field.line)", found: "\(column) columns",
          expected: column == expected ? "a label and features" : "\(expected)")
      }
      rowCount += 1
      return true
    }
    return false
  }
}

extension DataFile {
  /// Reads a CSV file, whose content is in memory; every number is the binary64 nearest to its text.
  init(
    csv file: SourceFile, labelColumn: LabelColumn?, names: ArrayNames, limits: DataLimits
  ) throws(InputError) {
    try names.refuseItems(in: file, form: "CSV")
    let reader = try CSVReader(
      file, labelColumn: labelColumn, labelsName: names.labels, limits: limits)
    let values = ContentPieces(plain: reader.values, name: file.name)
    let items = StoredItems(
      content: values, shape: [reader.rowCount, reader.featureCount], type: .float64, offset: 0)
    // The text had to be read whole; the numbers are counted by the reader.
    try self.init(file, .csv, items, DataLimits(contentBytes: .max))
    arrays.labels = names.labels
    if reader.skipsIdentifiers {
      let name = reader.header.names?.first ?? ""
      notes = ["\(file.name): the first column, \(quoted(name)), names examples and is left out"]
    }
    guard !reader.labels.isEmpty else { return }
    labels = try Labels(
      path: file.path, digest: file.digest, numbers: reader.labels, file: "\(file.name): labels")
    labels?.array = names.labels
  }
}
