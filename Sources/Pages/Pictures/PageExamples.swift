import DataFiles
import FileAccess
import Numbers
import Reports

/// The examples of a report, read from the data that it names, and the points that were found beside them.
package struct PageExamples: Sendable {
  /// How the features lie in an image; nil where they are no image.
  let image: ImageShape?
  /// The features of the examples that are shown, by their positions, in the network's order and the
  /// units of the scaled data.
  let features: [Int: [Double]]
  /// The counterexamples among them, in the same order and units.
  let points: [Int: [Double]]

  /// Reads the examples.
  ///
  /// - Parameters:
  ///   - positions: those that are needed.
  ///   - pointsPath: the file of `--counterexamples`; nil for none.
  ///   - form: how the data are read where their content does not say it.
  /// - Throws: Where the data are not those of the report, or points are not its counterexamples.
  package init(
    of report: ReportView, positions: [Int], dataPath: String, pointsPath: String?,
    form: (data: DataFormat?, labels: LabelColumn?), limits: DataLimits
  ) throws(InputError) {
    let data = report.section("data")
    let stored = try DataFile.open(
      path: dataPath, format: form.data, labelColumn: form.labels,
      names: ArrayNames(items: data["array"]?.string),
      limits: limits)
    try Self.check(stored, data, report.file)
    let networkShape = report.section("model")["input_shape"]?.whole ?? []
    let order = try Layout.permutation(
      from: stored.itemShape, layout: data["layout"]?.string.flatMap(Layout.init),
      to: networkShape,
      channels: ["mean", "std"].map { data[$0]?.elements.count ?? 0 }.first { $0 > 1 },
      file: dataPath)
    // A flat network reads an image as it is stored, unless it was brought into another order.
    image =
      ImageShape(networkShape) ?? (order == nil ? ImageShape(stored.itemShape) : nil)
    let examples = try stored.dataset(positions)
    let reordered = order.map { examples.reordered($0, itemShape: networkShape) } ?? examples
    let scale = try? data["scale"]?["text"]?.string.map { try Numeral($0) }
    let scaled = try ScaledDataset(reordered, scale: scale)
    let features = Dictionary(
      uniqueKeysWithValues: positions.map { ($0, scaled.features(of: $0)) })
    self.features = features
    points =
      try pointsPath.map { (path) throws(InputError) in
        try CounterexamplePoints(path, limits: limits).points(of: report, features)
      } ?? [:]
  }

  /// The data are known by their hash; what has another name is the same all the same.
  private static func check(
    _ stored: DataFile, _ data: JSONValue, _ report: String
  ) throws(InputError) {
    for (key, found) in [
      ("sha256", stored.digest.sha256), ("sampled_sha256", stored.digest.sampled),
    ] {
      let expected = data[key]?.string
      guard found != expected else { continue }
      throw InputError(
        file: stored.path, found: "the SHA-256 \(found ?? "of a larger file")",
        expected: "\(expected ?? "that of a larger file"), as \(report) names its data")
    }
  }
}

extension JSONValue {
  /// The elements of a list of whole numbers.
  var whole: [Int] { elements.compactMap { $0.numeral.flatMap { Int($0) } } }
}

/// The files that a run's `--counterexamples` wrote.
struct CounterexamplePoints {
  private let path: String
  private let positions: [Int]
  private let points: Dataset

  init(_ path: String, limits: DataLimits) throws(InputError) {
    self.path = path
    let form = try ArrayFile(endingOf: path, option: "--counterexamples")
    points = try Dataset.read(path: path, limits: limits)
    let indices = "\(path.dropLast(form.rawValue.count + 1))-indices.\(form.rawValue)"
    let read = try Dataset.read(path: indices, limits: limits)
    guard read.featureCount == 1, read.count == points.count else {
      throw InputError(
        file: indices, found: "\(read.count) positions",
        expected: "\(points.count), one for each point of \(path)")
    }
    positions = (0..<read.count).map { Int(read.features(of: $0)[0]) }
  }

  /// The points of the examples that are shown, each held against what the report says of its distance.
  func points(
    of report: ReportView, _ features: [Int: [Double]]
  ) throws(InputError) -> [Int: [Double]] {
    let distances = try distances(of: report)
    var found: [Int: [Double]] = [:]
    for (row, position) in positions.enumerated() {
      guard let distance = distances[position] else {
        throw InputError(
          file: path, place: "item \(row)", found: "a point of example \(position)",
          expected: "one of an example that \(report.file) calls falsified")
      }
      guard let example = features[position] else { continue }
      let point = points.features(of: row)
      guard point.count == example.count else {
        throw InputError(
          file: path, place: "item \(row)", found: "\(point.count) features",
          expected: "\(example.count), as the examples have")
      }
      if let distance {
        try check(point, example, within: distance, report, "item \(row)")
      }
      found[position] = point
    }
    return found
  }

  /// For every falsified example, how far its counterexample lies from it; nil where features have radii
  /// of their own.
  private func distances(of report: ReportView) throws(InputError) -> [Int: Double?] {
    let hasRadii = report.section("options")["epsilon_file"]?["path"] != nil
    var distances: [Int: Double?] = [:]
    for place in report.certificates.indices
    where report.certificates[place].verdict == .falsified {
      let line = try report.certificate(place)
      guard let index = line["index"]?.numeral.flatMap({ Int($0) }),
        let text = line["attack"]?["counterexample"]?["distance"]?.numeral
      else { continue }
      distances[index] = .some(hasRadii ? nil : Double(text))
    }
    return distances
  }

  private func check(
    _ point: [Double], _ example: [Double], within distance: Double, _ report: ReportView,
    _ place: String
  ) throws(InputError) {
    let moves = zip(point, example).map { abs($0 - $1) }
    let found =
      switch report.section("options")["norm"]?.string {
      case "l2": moves.reduce(0) { $0 + $1 * $1 }.squareRoot()
      case "l1": moves.reduce(0, +)
      default: moves.max() ?? 0
      }
    // Points and examples were both rounded to the nearest binary64, or to binary32 where that is exact.
    guard found <= distance * (1 + 1e-6) + 1e-12 else {
      throw InputError(
        file: path, place: place, found: "a point at distance \(found) from its example",
        expected: "one at most \(distance) away, as \(report.file) says")
    }
  }
}
