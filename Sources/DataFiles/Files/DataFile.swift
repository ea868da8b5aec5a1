import FileAccess

/// A data file that was opened: what it holds is known, and its items are read as they are asked for.
public struct DataFile {
  /// The file as the user named it.
  public let path: String
  /// How the file is read.
  public let format: DataFormat
  /// What names the file in a report.
  public let digest: FileDigest
  /// The labels, where the data file itself holds them.
  public internal(set) var labels: Labels?
  /// The array of the items where a file holds several, and that of the labels.
  public internal(set) var arrays = ArrayNames()
  /// What a CSV file calls its items, where it has a column for that.
  public internal(set) var identifiers: CSVIdentifiers?
  /// What the file calls the features of an item; nil where it has no names for them.
  public internal(set) var featureNames: [String]?
  /// What a person should know of how the file is read.
  public internal(set) var notes: [String] = []
  /// The names of arrays beside the items in a file without known labels: any may hold them.
  public internal(set) var unusedArrays: [String] = []

  let items: any ItemStore
  private let limits: DataLimits

  /// The number of items; at least 1.
  public var count: Int { items.count }
  /// The shape of one item, row-major; no dimension is 0.
  public var itemShape: [Int] { items.shape.count == 1 ? [1] : Array(items.shape.dropFirst()) }
  /// The type of the file's elements.
  public var elementType: SampleType { items.type }

  init(
    _ file: SourceFile, _ format: DataFormat, _ items: some ItemStore, _ limits: DataLimits
  ) throws(InputError) {
    (path, digest) = (file.path, file.digest)
    (self.format, self.items, self.limits) = (format, items, limits)
    try items.checkSize()
  }

  /// Refuses so many items where they take more than the limits allow.
  public func checkRoom(for count: Int) throws(InputError) {
    try items.checkRoom(for: count, limit: limits.contentBytes)
  }

  /// Reads items; each number of them must be finite, and one that binary64 holds.
  ///
  /// - Parameter positions: In increasing order; all where nil.
  public func dataset(_ positions: [Int]? = nil) throws(InputError) -> Dataset {
    let selection = positions.map(ItemSelection.init) ?? .range(0..<count)
    let storage = try items.load(selection, limit: limits.contentBytes)
    if let (element, words) = storage.firstUnusable() {
      let (slot, feature) = element.quotientAndRemainder(dividingBy: items.featureCount)
      throw InputError(
        file: items.name, place: "item \(selection.positions[slot]), value \(feature)",
        found: words, expected: "a finite number")
    }
    return Dataset(self, selection, storage)
  }

  /// Refuses names of features that are not those that a network gives them, one by one.
  ///
  /// Names are the same where their letters and digits are: exporters write the others as underscores.
  ///
  /// - Parameters:
  ///   - columns: In the network's order.
  ///   - needsNames: Whether data without names are refused.
  public func check(columns: [String], needsNames: Bool) throws(InputError) {
    guard let names = featureNames else {
      guard needsNames else { return }
      throw InputError(
        file: items.name, found: "no names of columns",
        expected:
          "a CSV file whose first line names them: the network joins its \(columns.count) inputs in another"
          + " order than its file declares them")
    }
    func plain(_ names: [String]) -> [String] {
      names.map { String($0.lowercased().filter { $0.isLetter || $0.isNumber }) }
    }
    let (own, others) = (plain(names), plain(columns))
    guard names != columns, own != others || Set(others).count < others.count else { return }
    func list(_ names: [String]) -> String {
      names.prefix(16).map(quoted).joined(separator: ", ") + (names.count > 16 ? ", ..." : "")
    }
    throw InputError(
      file: items.name, place: "line 1", found: "the columns \(list(names))",
      expected: "\(list(columns)): the network's inputs, in this order",
      remedy: own.sorted() == others.sorted()
        ? "put the columns into the network's order"
        : "give the columns the names that the network has, or leave the names out")
  }

  /// What the numbers of a file show of their units.
  public struct Survey: Sendable {
    /// The least and the greatest raw value.
    public var range: ClosedRange<Double>
    /// Whether all are whole.
    public var isWhole: Bool
  }

  /// The most bytes of elements that are surveyed whole, and how many of a larger file are.
  private static let (surveyed, surveyedOfMore) = (1 << 28, 1 << 24)

  /// Looks at all items, or, where those are more than 256 MiB, at as many of the first ones as 16 MiB hold: which
  /// ones depends on the file alone, so that parts of a run agree. Of a text all are looked at.
  public func survey() throws(InputError) -> Survey {
    let itemBytes = items.itemBytes
    let isAll = itemBytes <= Self.surveyed / count
    let total = isAll ? count : min(count, max(1, Self.surveyedOfMore / itemBytes))
    return try items.survey(total, limit: max(limits.contentBytes, Self.surveyed)).survey
  }
}
