import FileAccess

/// Examples from a file: items of one shape, raw values exactly as the file has them. Of all `count`
/// items those are held that were asked for.
public struct Dataset: Sendable {
  /// The file as the user named it.
  public let path: String
  /// How the file was read.
  public let format: DataFormat
  /// What names the file in a report.
  public let digest: FileDigest
  /// The number of items in the file; at least 1.
  public let count: Int
  /// The shape of one item, row-major; no dimension is 0.
  public private(set) var itemShape: [Int]
  /// The type of the file's elements.
  public let elementType: SampleType
  /// The labels of all items, where the data file itself holds them.
  public let labels: Labels?
  /// The array of the items, where a file holds several.
  public let array: String?
  /// What a person should know of how the file was read.
  public let notes: [String]

  private let selection: ItemSelection
  private let storage: SampleStorage
  /// Where each feature lies from the item's first element; nil where they lie in order.
  private var featureOffsets: [Int]?

  /// The number of features of one item.
  public var featureCount: Int { itemShape.reduce(1, *) }
  /// The SHA-256 of the file as it lies on the disk (compressed, if it is); nil for one too large to
  /// be read through.
  public var sha256: String? { digest.sha256 }

  init(_ file: DataFile, _ selection: ItemSelection, _ storage: SampleStorage) {
    path = file.path
    digest = file.digest
    format = file.format
    count = file.count
    itemShape = file.itemShape
    elementType = file.elementType
    labels = file.labels
    array = file.arrays.items
    notes = file.notes
    (self.selection, self.storage) = (selection, storage)
  }

  /// Copies the raw values of one item, each exactly, row-major.
  ///
  /// - Parameters:
  ///   - index: The position in the file of an item that was asked for.
  ///   - target: `[featureCount]`.
  public func copyFeatures(of index: Int, into target: UnsafeMutableBufferPointer<Double>) {
    guard let slot = selection.slot(of: index) else {
      preconditionFailure("item \(index) was not asked for")
    }
    precondition(target.count == featureCount, "one value a feature")
    let start = slot * featureCount
    if let featureOffsets {
      storage.gather(from: start, offsets: featureOffsets, into: target)
    } else {
      storage.copy(from: start, into: target)
    }
  }

  /// The raw values of one item, each exactly, row-major.
  public func features(of index: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: featureCount) { buffer, filled in
      copyFeatures(of: index, into: UnsafeMutableBufferPointer(rebasing: buffer[..<featureCount]))
      filled = featureCount
    }
  }

  /// The least and the greatest raw value of the items that are held.
  public func rawRange() -> ClosedRange<Double> {
    var values = [Double](repeating: 0, count: featureCount)
    var (low, high) = (Double.infinity, -Double.infinity)
    for index in selection.positions {
      values.withUnsafeMutableBufferPointer { copyFeatures(of: index, into: $0) }
      for value in values {
        low = min(low, value)
        high = max(high, value)
      }
    }
    return low <= high ? low...high : 0...0
  }

  /// The same items with their features in another order.
  ///
  /// - Parameter permutation: For every feature of the result, the feature of this dataset that it
  ///   repeats (as `Layout.permutation` gives it).
  /// - Parameter itemShape: The shape of the result's items.
  public func reordered(_ permutation: [Int], itemShape: [Int]) -> Dataset {
    precondition(permutation.count == featureCount, "one source a feature")
    var other = self
    other.itemShape = itemShape
    other.featureOffsets =
      featureOffsets.map { offsets in permutation.map { offsets[$0] } } ?? permutation
    return other
  }
}
