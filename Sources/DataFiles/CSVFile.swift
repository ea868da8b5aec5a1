import FileAccess

/// Where the label stands in each row of a CSV file.
public enum LabelColumn: String, Sendable, CaseIterable {
  case first, last, none
}

/// Reads numbers separated by commas, a row an item, all rows of one length.
///
/// The first row is a header where none of its fields is a number, or where one names the labels
/// (`label`, `labels`, `class`, `target`): columns may be numbered. A label column must be stated, by
/// the user or by a header that begins or ends in such a name, and the two must agree: a label read
/// as a feature would be silently wrong, and so would be an example taken for a header.
struct CSVReader {
  let file: SourceFile
  private(set) var values: [Double] = []
  private(set) var labels: [Double] = []
  private(set) var rowCount = 0
  private var columnCount: Int?
  private var labelColumn: LabelColumn?
  /// The most numbers that are kept.
  private let limit: Int

  init(
    _ file: SourceFile, labelColumn: LabelColumn?, limits: DataLimits
  ) throws(InputError) {
    self.file = file
    limit = limits.contentBytes / MemoryLayout<Double>.stride
    self.labelColumn = labelColumn
    let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]
    var rest = file.content[...]
    if rest.starts(with: byteOrderMark) { rest = rest.dropFirst(3) }
    var line = 0
    while !rest.isEmpty {
      line += 1
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      var row = rest[..<end]
      rest = rest[min(end + 1, rest.endIndex)...]
      if row.last == UInt8(ascii: "\r") { row = row.dropLast() }
      if row.isEmpty && rest.isEmpty { break }
      if line == 1, isHeader(row) { try readHeader(row) } else { try readRow(row, line: line) }
    }
    guard rowCount > 0 else {
      throw InputError(
        file: file.name, found: "no rows of numbers", expected: "a row for each item")
    }
  }

  /// The number of features of one item.
  var featureCount: Int { values.count / rowCount }

  private func isHeader(_ row: ArraySlice<UInt8>) -> Bool {
    var isWords = true
    for field in fields(row) {
      if namesLabels(field) { return true }
      isWords = isWords && plainNumber(field) == nil && notFinite(field) == nil
    }
    return isWords
  }

  private mutating func readHeader(_ row: ArraySlice<UInt8>) throws(InputError) {
    var count = 0
    var (first, last) = (row[row.startIndex..<row.startIndex], row[row.startIndex..<row.startIndex])
    for field in fields(row) {
      if count == 0 { first = field }
      last = field
      count += 1
    }
    columnCount = count
    guard namesLabels(first) != namesLabels(last) else { return }
    let named: LabelColumn = namesLabels(first) ? .first : .last
    if let labelColumn, labelColumn != named {
      throw InputError(
        .usage, file: "--label-column", found: labelColumn.rawValue,
        expected: "\(named.rawValue), where the header of \(file.name) has the labels")
    }
    labelColumn = named
  }

  private func namesLabels(_ field: ArraySlice<UInt8>) -> Bool {
    let name = String(decoding: field.filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    return ["label", "labels", "class", "target"].contains(name.lowercased())
  }

  private mutating func readRow(_ row: ArraySlice<UInt8>, line: Int) throws(InputError) {
    guard let labelColumn else {
      throw InputError(
        file: file.name, found: "no header that begins or ends in 'label', 'class' or 'target'",
        expected: "to be told where the label stands",
        remedy: "say --label-column first, last or none")
    }
    var numbers: [Double] = []
    numbers.reserveCapacity(columnCount ?? 0)
    for (column, field) in fields(row).enumerated() {
      guard let number = plainNumber(field) else {
        let text = String(decoding: field, as: UTF8.self)
        throw InputError(
          file: file.name, place: "line \(line), column \(column + 1)",
          found: notFinite(field) ?? quoted(text), expected: "a finite number")
      }
      numbers.append(number)
      if values.count + numbers.count > limit {
        throw InputError(
          .limit, file: file.name, place: "line \(line)", found: "more than \(limit) numbers",
          expected: "at most that many, of 8 bytes each in memory")
      }
    }
    let expected = columnCount ?? numbers.count
    columnCount = expected
    guard numbers.count == expected, labelColumn == .none || expected > 1 else {
      throw InputError(
        file: file.name, place: "line \(line)", found: "\(numbers.count) columns",
        expected: numbers.count == expected ? "a label and features" : "\(expected)")
    }
    switch labelColumn {
    case .first: labels.append(numbers.removeFirst())
    case .last: labels.append(numbers.removeLast())
    case .none: break
    }
    values += numbers
    rowCount += 1
  }

  /// The fields, one at a time: a row may be the whole file.
  private func fields(_ row: ArraySlice<UInt8>) -> some Sequence<ArraySlice<UInt8>> {
    let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    return sequence(state: Optional(row)) { rest -> ArraySlice<UInt8>? in
      guard let now = rest else { return nil }
      let end = now.firstIndex(of: UInt8(ascii: ",")) ?? now.endIndex
      rest = end < now.endIndex ? now[(end + 1)...] : nil
      let front = now[..<end].drop(while: isSpace)
      let last = front.lastIndex { !isSpace($0) }
      return last.map { front[...$0] } ?? []
    }
  }

  /// The binary64 number nearest to a decimal; nil for all else (`nan`, `inf`, hexadecimals).
  private func plainNumber(_ field: ArraySlice<UInt8>) -> Double? {
    if field.count <= 15, !field.isEmpty, field.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
      return Double(field.reduce(0) { $0 * 10 + Int($1 - 0x30) })
    }
    let isPlain = field.allSatisfy { byte in
      (byte >= 0x30 && byte <= 0x39) || "+-.eE".utf8.contains(byte)
    }
    guard isPlain, field.count <= ParsedNumber.longestText,
      let number = Double(String(decoding: field, as: UTF8.self)), number.isFinite
    else { return nil }
    return number
  }

  /// The words for a number that is none; nil for a text that is not meant as a number.
  private func notFinite(_ field: ArraySlice<UInt8>) -> String? {
    guard field.count <= ParsedNumber.longestText,
      let number = Double(String(decoding: field, as: UTF8.self)), !number.isFinite
    else {
      return field.isEmpty ? "an empty field" : nil
    }
    return number.isNaN ? "NaN" : number < 0 ? "-infinity" : "infinity"
  }
}

extension Dataset {
  /// Reads a CSV file; every number is the binary64 nearest to its text.
  init(
    csv file: SourceFile, labelColumn: LabelColumn?, limits: DataLimits
  ) throws(InputError) {
    let reader = try CSVReader(file, labelColumn: labelColumn, limits: limits)
    try self.init(file: file, shape: [reader.rowCount, reader.featureCount], values: reader.values)
    guard !reader.labels.isEmpty else { return }
    let column = try Dataset(file: file, shape: [reader.rowCount], values: reader.labels)
    labels = try Labels(column, file: "\(file.name): labels")
  }

  private init(file: SourceFile, shape: [Int], values: [Double]) throws(InputError) {
    let storage = SampleStorage(
      bytes: values.withUnsafeBytes(Array.init), offset: 0, type: .float64, isBigEndian: false)
    try self.init(file: file, format: .csv, shape: shape, storage: storage)
  }
}
