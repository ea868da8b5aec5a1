import FileAccess

/// The true classes of a data set's items.
public struct Labels: Sendable {
  /// The file that they come from.
  public let path: String
  /// What names that file in a report.
  public let digest: FileDigest
  /// The array or the column of that file, where it has several.
  public internal(set) var array: String?
  /// Where the rows of a CSV file have them, where the user says it and no header does.
  public internal(set) var column: LabelColumn?
  /// One label an item, each >= 0.
  public let values: [Int]
  /// The number of columns where the labels are one-hot rows; else nil.
  let oneHotWidth: Int?

  /// Reads a label file: one whole number >= 0, or a one-hot row, for each of `count` items.
  ///
  /// - Parameters:
  ///   - dataPath: The file of the items, for the message where the counts differ.
  ///   - name: The array of an NPZ file or the column of a CSV file; else their own names decide.
  ///   - column: Where a CSV file has them, where the user says so.
  ///   - items: The array of the items, where their file has names.
  ///   - identifiers: What the file of the items calls them; a CSV file of labels that calls them the same has
  ///     them in the same order.
  public static func read(
    path: String, count: Int, dataPath: String, name: String? = nil, column: LabelColumn? = nil,
    items: String? = nil, identifiers: CSVIdentifiers? = nil, limits: DataLimits = DataLimits()
  ) throws(InputError) -> Labels {
    var file = try SourceFile(path: path, limits: limits)
    var format = try DataFormat.detect(file, limits: limits)
    if format == nil {
      file = try file.inMemory(limits)
      format = try DataFormat.detect(file, limits: limits)
    }
    var labels: Labels
    switch format {
    case .csv, nil:
      let read = try CSVLabels(file.randomAccess(limits)).labels(named: name, column: column)
      labels = read.labels
      if labels.values.count == count {
        try read.identifiers?.check(
          against: identifiers, itemsFile: SourceFile.name(of: dataPath), file: file.name)
      }
      labels.array = name
    case .npz:
      let list = try DataFile(npzLabels: file, name: name, items: items, limits: limits)
      labels = try Labels(list.dataset(), file: SourceFile.name(of: path))
      labels.array = list.arrays.labels
    case let format?:
      try ArrayNames(labels: name).refuse(in: file, form: format.words)
      let list = try DataFile.open(file, format, nil, ArrayNames(), limits)
      // A file that holds items and labels (CIFAR) can be named for its labels alone.
      if let own = list.labels {
        labels = own
      } else {
        labels = try Labels(list.dataset(), file: SourceFile.name(of: path))
      }
    }
    // A first line of column numbers passes for a label, or a one-hot row.
    let isOneMore = format ?? .csv == .csv && labels.values.count == count + 1
    try labels.check(
      count: count, dataPath: dataPath,
      remedy: isOneMore && labels.values[0] < 2
        ? "where the first line has the numbers of the columns, as pandas writes them, leave it out (pandas:"
          + " header=False)" : "")
    return labels
  }

  /// Takes a list of numbers, or of one-hot rows, as labels.
  ///
  /// - Parameter file: The name for messages.
  init(_ list: Dataset, file: String) throws(InputError) {
    path = list.path
    digest = list.digest
    var values: [Int] = []
    values.reserveCapacity(list.count)
    oneHotWidth = list.featureCount > 1 ? list.featureCount : nil
    for index in 0..<list.count {
      let row = list.features(of: index)
      values.append(
        try row.count == 1
          ? Labels.label(row[0], at: index, file: file)
          : Labels.oneHot(row, at: index, shape: list.itemShape, file: file))
    }
    self.values = values
  }

  /// The SHA-256 of the file; nil for one too large to be read through.
  public var sha256: String? { digest.sha256 }

  private static func label(_ raw: Double, at index: Int, file: String) throws(InputError) -> Int {
    guard let label = Int(exactly: raw), label >= 0 else {
      throw InputError(
        file: file, place: "label \(index)", found: Int(exactly: raw).map { "\($0)" } ?? "\(raw)",
        expected: "a whole number, 0 or greater")
    }
    return label
  }

  private static func oneHot(
    _ row: [Double], at index: Int, shape: [Int], file: String
  ) throws(InputError) -> Int {
    let isPlain = row.allSatisfy { $0 == 0 || $0 == 1 }
    guard isPlain, let label = row.firstIndex(of: 1), row.count(where: { $0 == 1 }) == 1,
      shape.count(where: { $0 > 1 }) == 1
    else {
      let numbers = row.prefix(8).map { Int(exactly: $0).map(String.init) ?? "\($0)" }
      throw InputError(
        file: file, place: "label \(index)",
        found: "an item of shape \(shape): \(numbers.joined(separator: ", "))"
          + (row.count > 8 ? ", ..." : ""),
        expected: "one label for each item, or one-hot rows: a single 1, all else 0",
        remedy: "numpy.argmax(labels, axis=1) makes labels of scores")
    }
    return label
  }

  /// Takes numbers as labels.
  init(path: String, digest: FileDigest, numbers: [Double], file: String) throws(InputError) {
    var values: [Int] = []
    values.reserveCapacity(numbers.count)
    for (index, number) in numbers.enumerated() {
      values.append(try Labels.label(number, at: index, file: file))
    }
    self.init(path: path, digest: digest, values: values)
  }

  /// Takes labels that are known to be whole numbers >= 0.
  init(path: String, digest: FileDigest, values: [Int], oneHotWidth: Int? = nil) {
    (self.path, self.digest, self.values, self.oneHotWidth) = (path, digest, values, oneHotWidth)
  }

  /// Refuses labels that are not one for each item.
  func check(count: Int, dataPath: String, remedy: String = "") throws(InputError) {
    guard values.count == count else {
      throw InputError(
        file: SourceFile.name(of: path), found: "\(values.count) labels",
        expected: "\(count), one for each item of \(SourceFile.name(of: dataPath))", remedy: remedy)
    }
  }

  /// Refuses labels that the network has no class for, and those that start at 1 instead of 0.
  ///
  /// - Parameter indices: The items that are asked for; all where nil.
  public func check(classCount: Int, in indices: Range<Int>? = nil) throws(InputError) {
    let name = SourceFile.name(of: path)
    if let oneHotWidth, oneHotWidth != classCount {
      throw InputError(
        file: name, found: "one-hot rows of \(oneHotWidth)",
        expected: "\(classCount): the network has \(classCount) classes")
    }
    // Also where the last class is not asked for: the others are then as wrong.
    if values.min() == 1, values.max() == classCount {
      throw InputError(
        file: name, found: "labels from 1 to \(classCount), none of them 0",
        expected: "0 to \(classCount - 1): the network has \(classCount) classes",
        remedy: "these labels start at 1: subtract 1 from each"
          + (classCount == 10
            ? ", or, where they are digits and 10 stands for 0 (SVHN), write 0 for 10" : ""))
    }
    for index in indices ?? values.indices where values[index] >= classCount {
      throw InputError(
        file: name, place: "label \(index)", found: "\(values[index])",
        expected: "0 to \(classCount - 1): the network has \(classCount) classes")
    }
  }
}
