import FileAccess

/// Numbers in rows, a row an item, all rows of one length.
///
/// A label column must be stated, by the user or by a header that names it; a column of identifiers in
/// front is left out. What stands between fields is found out (`CSVScanner`), and so is the header
/// (`CSVHeader`).
///
/// The whole text is looked through once: how many rows there are, that each holds numbers, the labels, and what the
/// numbers show of their units. Their values are kept where they are few; else the text is looked through again for
/// the rows that are asked for, up to the last of them.
struct CSVRows: ItemStore {
  let header: CSVHeader
  private(set) var labels: [Double] = []
  /// What the first column calls the items; nil where it is no column of identifiers.
  private(set) var identifiers: CSVIdentifiers?
  let type = SampleType.float64
  private let file: SourceFile
  private let labelColumn: Int?
  private var (rowCount, featureCount) = (0, 0)
  /// The number of columns in every row, once one was read.
  private var columnCount: Int?
  /// The text behind the header.
  private let start: CSVScanner
  /// All features as binary64, row by row, as an array holds them; nil where they are too many.
  private var values: [UInt8]? = []
  private var tally = SurveyTally()

  /// The most bytes of values that are kept.
  static let mostKept = 1 << 24

  init(
    _ file: SourceFile, labelColumn: LabelColumn?, labelsName: String?, limits: DataLimits
  ) throws(InputError) {
    self.file = file
    var scanner = try CSVScanner(file.content, file: file.name)
    let header = try CSVHeader(&scanner, file: file.name)
    self.header = header
    start = scanner
    columnCount = header.names?.count
    let noRows = InputError(
      file: file.name, found: "no rows of numbers", expected: "a row for each item")
    guard header.columnCount > 0 else { throw noRows }
    var peeking = scanner
    guard try peeking.next(isFirst: true) != nil else { throw noRows }
    self.labelColumn = try header.labelColumn(named: labelsName, stated: labelColumn) {
      () throws(InputError) in
      throw InputError(
        file: file.name, found: "no header that names one column 'label', 'class' or 'target'",
        expected: "to be told where the label stands",
        remedy: "say --label-column first or last, or none where this file has no labels"
          + (header.names == nil ? "" : ", or --labels-name with a name of the header"))
    }
    if skipsIdentifiers { identifiers = CSVIdentifiers() }
    var numbers = CSVNumbers(scanner.separator)
    var row: [Double] = []
    while try readRow(&scanner, &numbers, &row) {
      keep(row)
      let most = limits.contentBytes / MemoryLayout<Double>.stride
      guard max(labels.count, identifiers?.count ?? 0) <= most else {
        throw InputError(
          .limit, file: file.name,
          found: "more than \(most) \(labels.count > most ? "labels" : "identifiers")",
          expected: "at most that many, of 8 bytes each in memory")
      }
    }
  }

  var name: String { file.name }
  var shape: [Int] { [rowCount, featureCount] }

  /// Whether a first column of identifiers was left out.
  var skipsIdentifiers: Bool { header.hasIdentifiers && labelColumn != 0 }

  /// What the header calls the features; nil where there is none.
  var featureNames: [String]? {
    header.names.map { names in
      names.indices.filter { $0 != labelColumn && ($0 > 0 || !skipsIdentifiers) }.map { names[$0] }
    }
  }

  private mutating func keep(_ row: [Double]) {
    featureCount = row.count
    rowCount += 1
    tally.take(row[...], mayBreak: true)
    guard let count = values?.count else { return }
    guard count + row.count * 8 <= Self.mostKept else {
      values = nil
      return
    }
    row.withUnsafeBytes { values?.append(contentsOf: $0) }
  }

  /// Reads a row's features, and its label; false where there is none.
  private mutating func readRow(
    _ scanner: inout CSVScanner, _ numbers: inout CSVNumbers, _ row: inout [Double]
  ) throws(InputError) -> Bool {
    var column = 0
    row.removeAll(keepingCapacity: true)
    while let field = try scanner.next(isFirst: column == 0) {
      if column == labelColumn {
        labels.append(try numbers.number(field, column: column + 1, file: file.name))
      } else if column > 0 || !skipsIdentifiers {
        row.append(try numbers.number(field, column: column + 1, file: file.name))
      } else {
        identifiers?.take(field, as: numbers.value(field.text))
      }
      column += 1
      guard field.isLast else { continue }
      let expected = columnCount ?? column
      columnCount = expected
      guard column == expected, !row.isEmpty else {
        throw InputError(
          file: file.name, place: "line \(field.line)", found: "\(column) columns",
          expected: column == expected ? "a label and features" : "\(expected)")
      }
      return true
    }
    return false
  }

  func load(_ items: ItemSelection, limit: Int) throws(InputError) -> SampleStorage {
    try checkRoom(for: items.count, limit: limit)
    if let values, items.isAll(of: rowCount) {
      return SampleStorage(bytes: values, offset: 0, type: type, isBigEndian: false)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(items.count * itemBytes)
    if let values {
      for run in items.runs {
        bytes += values[run.lowerBound * itemBytes..<run.upperBound * itemBytes]
      }
    } else {
      try scan(items) { bytes.append(contentsOf: $0) }
    }
    return SampleStorage(bytes: bytes, offset: 0, type: type, isBigEndian: false)
  }

  /// Looks for rows in the text once more.
  private func scan(
    _ items: ItemSelection, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(InputError) {
    var (scanner, numbers) = (start, CSVNumbers(start.separator))
    var (left, row) = (items.count, 0)
    var values: [Double] = []
    while left > 0 {
      let isAsked = items.slot(of: row) != nil
      var column = 0
      values.removeAll(keepingCapacity: true)
      while let field = try scanner.next(isFirst: column == 0) {
        if isAsked, column != labelColumn, column > 0 || !skipsIdentifiers {
          values.append(try numbers.number(field, column: column + 1, file: file.name))
        }
        column += 1
        if field.isLast { break }
      }
      guard column == columnCount else {
        throw InputError(
          file: file.name, found: "a file that was changed while it was read",
          expected: "a file that nobody changes while it is read")
      }
      if isAsked {
        values.withUnsafeBytes(body)
        left -= 1
      }
      row += 1
    }
    try file.content.checkUnchanged()
  }

  func checkRoom(for count: Int, limit: Int) throws(InputError) {
    try refuse(count, beyond: limit)
  }

  func checkSize() {}

  /// All rows were looked at.
  func survey(_ count: Int, limit: Int) -> SurveyTally { tally }
}

extension DataFile {
  /// Opens a CSV file, whose content is not packed; every number is the binary64 nearest to its text.
  init(
    csv file: SourceFile, labelColumn: LabelColumn?, names: ArrayNames, limits: DataLimits
  ) throws(InputError) {
    try names.refuseItems(in: file, form: "CSV")
    let rows = try CSVRows(
      file, labelColumn: labelColumn, labelsName: names.labels, limits: limits)
    try self.init(file, .csv, rows, limits)
    arrays.labels = names.labels
    featureNames = rows.featureNames
    identifiers = rows.identifiers
    if rows.skipsIdentifiers {
      let name = rows.header.names?.first ?? ""
      notes = ["\(file.name): the first column, \(quoted(name)), names examples and is left out"]
    }
    guard !rows.labels.isEmpty else { return }
    labels = try Labels(
      path: file.path, digest: file.digest, numbers: rows.labels, file: "\(file.name): labels")
    labels?.array = names.labels
    if names.labels == nil { labels?.column = rows.header.told(labelColumn) }
  }
}
