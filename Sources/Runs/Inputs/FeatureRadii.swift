import DataFiles
import FileAccess

/// The file of `--eps-file`: a radius for each feature, in units of the scaled data.
package struct FeatureRadii: Sendable {
  /// The file as the user named it.
  let path: String
  /// What names it in a report.
  package let digest: FileDigest
  /// `[features]`, in the network's order; each exactly the file's, >= 0, not all 0.
  package let values: [Double]

  /// Reads a file that lies as an example of the data does (of its shape, or flat), or that has the
  /// shape of the network's input. One that may be either, where the two differ, is refused.
  ///
  /// - Parameters:
  ///   - itemShape: the shape of an example as it is stored.
  ///   - channels: the number of channels, where it is known.
  init(
    path: String, itemShape: [Int], networkShape: [Int], layout: Layout?, channels: Int?
  ) throws(InputError) {
    let file = try Dataset.read(path: path)
    guard [.idx, .npy, .npz].contains(file.format) else {
      throw InputError(
        file: path, found: "a file in the form \(file.format.rawValue)",
        expected: "NPY, NPZ or IDX: a radius for each feature")
    }
    (self.path, digest) = (file.path, file.digest)
    let shape = [file.count] + (file.itemShape == [1] ? [] : file.itemShape)
    let stored = (0..<file.count).flatMap { file.features(of: $0) }
    let count = networkShape.reduce(1, *)
    func isSame(_ other: [Int]) -> Bool { shape.filter { $0 > 1 } == other.filter { $0 > 1 } }
    let isFlat = shape.count { $0 > 1 } < 2
    guard stored.count == count, isFlat || isSame(itemShape) || isSame(networkShape) else {
      throw InputError(
        file: path, found: "an array of shape \(shape)",
        expected: "\(networkShape), the network's input, or flat: \(count) radii")
    }
    if let place = stored.firstIndex(where: { !($0 >= 0) }) {
      throw InputError(
        file: path, place: "value \(place)", found: "\(stored[place])",
        expected: "a radius, a number >= 0")
    }
    guard stored.contains(where: { $0 > 0 }) else {
      throw InputError(
        file: path, found: "\(count) zeros", expected: "at least one radius above 0")
    }
    let order =
      isFlat || isSame(itemShape)
      ? try Layout.permutation(
        from: itemShape, layout: layout, to: networkShape, channels: channels, file: path) : nil
    let ordered = order.map { order in order.map { stored[$0] } } ?? stored
    guard isFlat || !isSame(networkShape) || ordered == stored else {
      throw InputError(
        file: path,
        found:
          "an array of shape \(shape), which both an example of the data (\(itemShape)) and the"
          + " network's input (\(networkShape)) have, in another order",
        expected: "\(count) radii in one dimension, in the order of the data")
    }
    values = ordered
  }

  /// The largest radius; above 0.
  var largest: Double { values.reduce(0, max) }
}
