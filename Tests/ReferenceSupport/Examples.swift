import Certification
import ChainImport
import DataFiles
import DualBounds
import FileAccess
import ModelFiles
import Numbers
import ReLUChain

/// A network from a file of any kind.
public func chain(at path: String) throws -> ReLUChain {
  try ReLUChain(validating: ModelFile.read(path: path).graph)
}

/// A data set in a network's order and in the units of epsilon, with its labels.
public struct Examples: Sendable {
  /// The values.
  public var scaled: ScaledDataset
  /// The true classes; nil where there are none.
  public var labels: Labels?

  /// Reads data as the command does, the labels from their conventional place.
  public init(
    _ path: String, labels labelPath: String? = nil, for chain: ReLUChain, layout: Layout? = nil
  ) throws {
    var data = try Dataset.read(path: path)
    let order = try Layout.permutation(
      from: data.itemShape, layout: layout, to: chain.inputShape, file: path)
    if let order { data = data.reordered(order, itemShape: chain.inputShape) }
    scaled = try ScaledDataset(data)
    labels = try (labelPath ?? Labels.siblingPath(of: path)).map {
      try Labels.read(path: $0, count: data.count, dataPath: path)
    }
    try labels?.check(classCount: chain.classCount)
  }

  /// The number of examples.
  public var count: Int { scaled.dataset.count }

  /// The label of an example, 0 where there are none.
  public func label(_ index: Int) -> Int { labels?.values[index] ?? 0 }

  /// What the certifier reads.
  ///
  /// - Parameter labelled: false makes it a run about predicted classes.
  public func source(labelled: Bool = true) -> ExampleSource {
    let (scaled, labels) = (scaled, labelled ? labels : nil)
    return ExampleSource(
      featureCount: scaled.dataset.featureCount, isExact: scaled.isExact,
      label: { labels?.values[$0] }, copyFeatures: { scaled.copyFeatures(of: $0, into: $1) })
  }

  /// The ball around an example as binary64 has it, with nothing added for any rounding: what the
  /// programs that truth comes from bound.
  public func ball(_ index: Int, _ epsilon: Double, clip: ClosedRange<Double>? = nil) -> Ball {
    let x = scaled.features(of: index)
    guard let clip else { return Ball(center: x, radius: x.map { _ in epsilon }) }
    let lower = x.map { max($0 - epsilon, clip.lowerBound) }
    let upper = x.map { min($0 + epsilon, clip.upperBound) }
    return Ball(
      center: zip(lower, upper).map { 0.5 * ($0 + $1) },
      radius: zip(lower, upper).map { 0.5 * ($1 - $0) })
  }
}
