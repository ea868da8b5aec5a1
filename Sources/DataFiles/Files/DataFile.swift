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
