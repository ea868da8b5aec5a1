import FileAccess

/// The true classes of a data set's items.
public struct Labels: Sendable {
  /// The file that they come from.
  public let path: String
  /// The SHA-256 of that file.
  public let sha256: String
  /// One label an item, each >= 0.
  public let values: [Int]

  /// Reads a label file: one whole number >= 0 for each of `count` items.
  ///
  /// - Parameter dataPath: The file of the items, for the message where the counts differ.
  public static func read(
    path: String, count: Int, dataPath: String, limits: DataLimits = DataLimits()
  ) throws(InputError) -> Labels {
    let list = try Dataset.read(path: path, labelColumn: LabelColumn.none, limits: limits)
    // A file that holds items and labels (NPZ, CIFAR) can be named for its labels alone.
    let labels: Labels
    if let own = list.labels {
      labels = own
    } else {
      labels = try Labels(list, file: SourceFile.name(of: path))
    }
    try labels.check(count: count, dataPath: dataPath)
    return labels
  }

  /// Takes a list of numbers as labels.
  ///
  /// - Parameter file: The name for messages.
  init(_ list: Dataset, file: String) throws(InputError) {
    path = list.path
    sha256 = list.sha256
    guard list.featureCount == 1 else {
      throw InputError(
        file: file, found: "items of shape \(list.itemShape)", expected: "one label for each item")
    }
    var values: [Int] = []
    values.reserveCapacity(list.count)
    for index in 0..<list.count {
      let raw = list.features(of: index)[0]
      guard let label = Int(exactly: raw), label >= 0 else {
        throw InputError(
          file: file, place: "label \(index)",
          found: Int(exactly: raw).map { "\($0)" } ?? "\(raw)",
          expected: "a whole number, 0 or greater")
      }
      values.append(label)
    }
    self.values = values
  }

  /// Takes labels that are known to be whole numbers >= 0.
  init(path: String, sha256: String, values: [Int]) {
    self.path = path
    self.sha256 = sha256
    self.values = values
  }

  /// Refuses labels that are not one for each item.
  func check(count: Int, dataPath: String) throws(InputError) {
    guard values.count == count else {
      throw InputError(
        file: SourceFile.name(of: path), found: "\(values.count) labels",
        expected: "\(count), one for each item of \(SourceFile.name(of: dataPath))")
    }
  }

  /// Refuses labels that the network has no class for.
  ///
  /// - Parameter indices: The items that are asked for; all where nil.
  public func check(classCount: Int, in indices: Range<Int>? = nil) throws(InputError) {
    for index in indices ?? values.indices where values[index] >= classCount {
      throw InputError(
        file: SourceFile.name(of: path), place: "label \(index)", found: "\(values[index])",
        expected: "0 to \(classCount - 1): the network has \(classCount) classes")
    }
  }
}
