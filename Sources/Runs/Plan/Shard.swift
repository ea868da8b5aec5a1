import FileAccess
import Reports

/// One of the parts that a run is cut into for several machines.
extension ShardDescription {
  /// The examples of this part of a range: each part has as many as any other, or one more.
  ///
  /// - Throws: where there are fewer examples than parts.
  func part(of range: Range<Int>) throws(InputError) -> Range<Int> {
    guard count <= range.count else {
      throw InputError(
        .usage, file: "--shard", found: "\(text) of \(range.count) examples",
        expected: "at most \(range.count) parts")
    }
    func bound(_ part: Int) -> Int {
      // part * examples / parts, where the product may not fit.
      let product = part.multipliedFullWidth(by: range.count)
      return range.lowerBound + count.dividingFullWidth(product).quotient
    }
    return bound(index - 1)..<bound(index)
  }
}
