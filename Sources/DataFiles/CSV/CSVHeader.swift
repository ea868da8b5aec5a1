import FileAccess

/// Where the label stands in each row of a CSV file.
public enum LabelColumn: String, Sendable, CaseIterable {
  case first, last, none
}

/// The first row of a CSV file, where it names the columns, and what the user says of them.
struct CSVHeader {
  /// The columns' names; nil where the first row is an example already.
  let names: [String]?
  let columnCount: Int
  let file: String

  /// Reads the first row of a text.
  ///
  /// It is a header where none of its fields is a number, or where one names the labels or the first
  /// an identifier: columns may be numbered.
  ///
  /// The numbers from 0 on may be those of the columns (`ColumnNumbers`), or an example: nothing says which.
  init(_ scanner: inout CSVScanner, file: String) throws(InputError) {
    self.file = file
    var peeking = scanner
    let numbers = CSVNumbers(scanner.separator)
    var (fields, isWords, isNamed, isLast) = ([String](), true, true, false)
    while !isLast, let field = try peeking.next(isFirst: fields.isEmpty) {
      isLast = field.isLast
      let isNumber = numbers.isNumber(field.text)
      isWords = isWords && !isNumber
      // The column of an index has no name.
      isNamed = isNamed && (!isNumber || fields.isEmpty && field.text.isEmpty)
      // No name is longer; a row may be the whole file.
      fields.append(String(decoding: field.text.prefix(100), as: UTF8.self))
    }
    if isNamed, let first = fields.first, first.hasPrefix("#") {
      // As numpy.savetxt writes a header: the mark may stand alone where blanks separate fields.
      let name = first.dropFirst().drop { $0 == " " }
      if !name.isEmpty {
        fields[0] = String(name)
      } else if scanner.separator == .blanks, fields.count > 1 {
        fields.removeFirst()
      }
    }
    columnCount = fields.count
    let isHeader =
      isWords || isNamed && fields.count > 1 || fields.contains(where: Self.namesLabels)
      || (fields.first.map(Self.namesExamples) ?? false && fields[0] != "")
    if !isHeader, let found = ColumnNumbers(fields), found.mayBeHeader {
      throw InputError(
        file: file, place: "line 1",
        found: found.words + ", which may be those of the columns",
        expected: "names of columns, or none",
        remedy:
          "write names into a line of their own in front of the examples, or leave the line out"
          + " (pandas: header=False)")
    }
    names = isHeader && !fields.isEmpty ? fields : nil
    if names != nil { scanner = peeking }
  }

  /// Whether the first column names examples, and describes none.
  var hasIdentifiers: Bool { columnCount > 1 && (names?.first.map(Self.namesExamples) ?? false) }

  /// The column of identifiers beside labels, wherever it stands; nil for none, and for several behind the first
  /// column.
  ///
  /// - Parameter label: The column of the labels.
  func identifierColumn(beside label: Int) -> Int? {
    if hasIdentifiers { return label == 0 ? nil : 0 }
    let found = (names ?? []).indices.filter { place in
      place != label && names?[place] != "" && Self.namesExamples(names?[place] ?? "")
    }
    return found.count == 1 ? found[0] : nil
  }

  /// The column that a user names.
  func column(named name: String) throws(InputError) -> Int {
    let found = (names ?? []).indices.filter { names?[$0] == name }
    guard found.count == 1 else {
      let list = names.map { "the columns \(shown($0))" } ?? "no header"
      throw InputError(
        .usage, file: "--labels-name", found: "\(quoted(name)), where \(file) has \(list)",
        expected: "one of the names in its header")
    }
    return found[0]
  }

  /// The column of the labels: as named, as the header says, or as stated; nil for `none`.
  ///
  /// The header and the option must agree: a label read as a feature would be silently wrong.
  ///
  /// - Parameter otherwise: What to do where neither says anything.
  func labelColumn(
    named name: String?, stated: LabelColumn?, otherwise: () throws(InputError) -> Int?
  ) throws(InputError) -> Int? {
    let named = (names ?? []).indices.filter { Self.namesLabels(names?[$0] ?? "") }
    let place: Int?
    switch stated {
    case .first: place = 0
    case .last: place = columnCount - 1
    case .some(.none), nil: place = nil
    }
    let known = try name.map { (name) throws(InputError) in try column(named: name) }
    guard let column = known ?? (named.count == 1 ? named[0] : nil) else {
      return stated == nil ? try otherwise() : place
    }
    if let stated, place != column {
      let words =
        column == 0
        ? "first" : column == columnCount - 1 ? "last" : "none of these (column \(column + 1))"
      throw InputError(
        .usage, file: "--label-column", found: stated.rawValue,
        expected: known == nil
          ? "\(words), where the header of \(file) has the labels"
          : "\(words), as --labels-name says")
    }
    return column
  }

  /// Where the labels stand by what the user says alone; nil where the header says it.
  func told(_ stated: LabelColumn?) -> LabelColumn? {
    let named = (names ?? []).count { Self.namesLabels($0) }
    return named == 1 || stated == LabelColumn.none ? nil : stated
  }

  /// Names of columns for a message.
  func shown(_ names: [String]) -> String {
    names.prefix(8).map(quoted).joined(separator: ", ")
      + (names.count > 8 ? ", ... (\(names.count) in all)" : "")
  }

  private static func namesLabels(_ name: String) -> Bool {
    ["label", "labels", "class", "target", "targets"].contains(name.lowercased())
  }

  private static func namesExamples(_ name: String) -> Bool {
    let names = [
      "", "id", "ids", "index", "idx", "image", "imageid", "image_id", "file", "filename",
      "file_name", "name", "unnamed: 0",
    ]
    return names.contains(name.lowercased())
  }
}
