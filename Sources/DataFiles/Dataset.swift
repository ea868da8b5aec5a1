import FileAccess

/// Examples from a file: `count` items of one shape, raw values exactly as the file has them.
public struct Dataset: Sendable {
  /// The file as the user named it.
  public let path: String
  /// How the file was read.
  public let format: DataFormat
  /// The SHA-256 of the file as it lies on the disk (compressed, if it is).
  public let sha256: String
  /// The number of items; at least 1.
  public let count: Int
  /// The shape of one item, row-major; no dimension is 0.
  public let itemShape: [Int]
  /// The type of the file's elements.
  public let elementType: SampleType
  /// The labels, where the data file itself holds them.
  public internal(set) var labels: Labels?
  /// What a person should know of how the file was read.
  public internal(set) var notes: [String] = []
  /// The names of arrays beside the items in a file without known labels: any may hold them.
  public internal(set) var unusedArrays: [String] = []

  private let storage: SampleStorage
  /// The distance, in elements, between the same feature of two neighbouring items.
  private let itemStride: Int
  /// Where each feature lies from the item's first element; nil where they lie in order.
  private let featureOffsets: [Int]?

  /// The number of features of one item.
  public var featureCount: Int { itemShape.reduce(1, *) }

  /// Takes an array whose first dimension counts the items.
  ///
  /// - Parameter shape: At least one dimension, none 0; `storage` holds exactly its product.
  /// - Parameter isColumnMajor: Whether the *first* index varies fastest (Fortran order).
  /// - Parameter itemStride: The elements from one item to the next, where something stands between.
  init(
    file: SourceFile, format: DataFormat, shape: [Int], storage: SampleStorage,
    isColumnMajor: Bool = false, itemStride: Int? = nil
  ) throws(InputError) {
    path = file.path
    sha256 = file.sha256
    self.format = format
    count = shape[0]
    itemShape = shape.count == 1 ? [1] : Array(shape.dropFirst())
    elementType = storage.type
    self.storage = storage
    let features = itemShape.reduce(1, *)
    self.itemStride = itemStride ?? (isColumnMajor ? 1 : features)
    featureOffsets = isColumnMajor ? columnMajorOffsets(itemShape, step: shape[0]) : nil
    if let (element, words) = storage.firstUnusable() {
      let (item, feature) =
        isColumnMajor
        ? (element % count, element / count) : (element / features, element % features)
      throw InputError(
        file: file.name, place: "item \(item), value \(feature)", found: words,
        expected: "a finite number")
    }
  }

  private init(_ other: Dataset, itemShape: [Int], featureOffsets: [Int]) {
    path = other.path
    sha256 = other.sha256
    format = other.format
    count = other.count
    self.itemShape = itemShape
    elementType = other.elementType
    labels = other.labels
    notes = other.notes
    unusedArrays = other.unusedArrays
    storage = other.storage
    itemStride = other.itemStride
    self.featureOffsets = featureOffsets
  }

  /// Copies the raw values of one item, each exactly, row-major.
  ///
  /// - Parameter target: `[featureCount]`.
  public func copyFeatures(of index: Int, into target: UnsafeMutableBufferPointer<Double>) {
    precondition(index >= 0 && index < count, "item out of range")
    precondition(target.count == featureCount, "one value a feature")
    if let featureOffsets {
      storage.gather(from: index * itemStride, offsets: featureOffsets, into: target)
    } else {
      storage.copy(from: index * itemStride, into: target)
    }
  }

  /// The raw values of one item, each exactly, row-major.
  public func features(of index: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: featureCount) { buffer, filled in
      copyFeatures(of: index, into: UnsafeMutableBufferPointer(rebasing: buffer[..<featureCount]))
      filled = featureCount
    }
  }

  /// The least and the greatest raw value of all items.
  public func rawRange() -> ClosedRange<Double> {
    var values = features(of: 0)
    var (low, high) = (values[0], values[0])
    for index in 0..<count {
      values.withUnsafeMutableBufferPointer { copyFeatures(of: index, into: $0) }
      for value in values {
        low = min(low, value)
        high = max(high, value)
      }
    }
    return low...high
  }

  /// The same items with their features in another order.
  ///
  /// - Parameter permutation: For every feature of the result, the feature of this dataset that it
  ///   repeats (as `Layout.permutation` gives it).
  /// - Parameter itemShape: The shape of the result's items.
  public func reordered(_ permutation: [Int], itemShape: [Int]) -> Dataset {
    precondition(permutation.count == featureCount, "one source a feature")
    let offsets = featureOffsets.map { offsets in permutation.map { offsets[$0] } } ?? permutation
    return Dataset(self, itemShape: itemShape, featureOffsets: offsets)
  }
}

/// Where each feature of a row-major item lies in an array whose first index varies fastest.
///
/// - Parameter step: The distance between neighbours along the item's first dimension.
private func columnMajorOffsets(_ shape: [Int], step: Int) -> [Int] {
  var offsets = [0]
  var stride = step
  for size in shape {
    offsets = offsets.flatMap { base in (0..<size).map { base + $0 * stride } }
    stride *= size
  }
  return offsets
}
