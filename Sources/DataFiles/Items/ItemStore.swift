import FileAccess

/// Items where they lie: nothing is read before it is asked for.
protocol ItemStore {
  /// The file's name in messages.
  var name: String { get }
  /// At least one dimension, none 0; the first counts the items.
  var shape: [Int] { get }
  var type: SampleType { get }

  /// Reads items, row-major, one behind the other.
  ///
  /// - Parameter limit: The most bytes that they may take.
  func load(_ items: ItemSelection, limit: Int) throws(InputError) -> SampleStorage
  /// Refuses so many items where they take more, or where they cannot be there.
  func checkRoom(for count: Int, limit: Int) throws(InputError)
  /// Refuses a file whose size is known and is not that of the items.
  func checkSize() throws(InputError)
  /// What the first items' numbers show of their units.
  ///
  /// - Parameter limit: The most bytes that may be held for it.
  func survey(_ count: Int, limit: Int) throws(InputError) -> SurveyTally
}

extension ItemStore {
  var count: Int { shape[0] }
  var featureCount: Int { shape.dropFirst().reduce(1, *) }
  var itemBytes: Int { featureCount * type.byteCount }

  /// Refuses so many items where they take more than the limit.
  func refuse(_ count: Int, beyond limit: Int) throws(InputError) {
    let (needed, overflow) = count.multipliedReportingOverflow(by: itemBytes)
    guard overflow || needed > limit else { return }
    throw InputError(
      .limit, file: name, found: "\(count) examples of \(itemBytes) bytes",
      expected: "at most \(limit) bytes for all that are asked for")
  }
}

/// The least and the greatest of some numbers, and whether all are whole.
struct SurveyTally {
  private var (low, high) = (Double.infinity, -Double.infinity)
  private var isWhole = true

  /// Takes numbers; those that are not finite say nothing.
  ///
  /// - Parameter mayBreak: Whether some may be no whole numbers.
  mutating func take(_ values: ArraySlice<Double>, mayBreak: Bool) {
    for value in values where value.isFinite {
      low = min(low, value)
      high = max(high, value)
      if mayBreak { isWhole = isWhole && value.rounded() == value }
    }
  }

  /// Takes the first elements of a storage.
  mutating func take(_ storage: SampleStorage, count: Int) {
    let block = 1 << 12
    var values = [Double](repeating: 0, count: min(block, count))
    for start in stride(from: 0, to: count, by: block) {
      let length = min(block, count - start)
      values.withUnsafeMutableBufferPointer {
        storage.copy(from: start, into: UnsafeMutableBufferPointer(rebasing: $0[..<length]))
      }
      take(values[..<length], mayBreak: !storage.type.isWhole)
    }
  }

  var survey: DataFile.Survey {
    DataFile.Survey(range: low <= high ? low...high : 0...0, isWhole: isWhole)
  }
}
