import NetworkGraph
import ReLUChain

/// One way of reading the declared input: which of its dimensions is the batch.
struct InputReading: Sendable {
  /// The dimensions with a batch of 1.
  var shape: [Int]
  /// The batch axis, where the file fixes a batch of more than one.
  var batchAxis: Int?
  /// The batch size that the file fixes; 1 where it does not.
  var batchSize: Int
  /// One example's shape.
  var unitShape: [Int]
  /// What the report should say of the reading.
  var note: String?
  /// Whether the file leaves the size of the batch, the first axis, open.
  var isOpen = false

  /// The reading of an input that is refused.
  static let none = InputReading(shape: [], batchSize: 1, unitShape: [])

  /// The readings to try, most usual first.
  ///
  /// The first of two or more dimensions is the batch, and one example is certified at a time. Where
  /// the file fixes a batch of more than one, the whole input may be one example all the same
  /// (`W @ x` with x `[784, 1]`, an image without batch and channel): that is the second reading.
  ///
  /// - Parameter known: What is known of the sizes that the file leaves open.
  static func readings(
    of input: ValueInfo, _ known: OpenDimensions, limits: ChainLimits
  ) throws(NodeRefusal) -> [InputReading] {
    guard let stated = input.dimensions else {
      throw NodeRefusal("its shape is missing; expected dimensions")
    }
    guard !stated.isEmpty else {
      throw NodeRefusal("it is a scalar; expected one dimension or more")
    }
    let (declared, sizesNote) = known.filled(stated)
    var sizes = try declared.enumerated().map { (axis, dimension) throws(NodeRefusal) in
      switch dimension {
      case .fixed(let size) where size > 0: return size
      // A column `[784, N]` has its batch behind the features.
      case _ where axis == 0 && declared.count > 1: return 1
      case _ where axis == 1 && declared.count == 2 && declared[0].isMany: return 1
      case .fixed(let size):
        throw NodeRefusal("dimension \(axis) is \(size); expected a size of 1 or more")
      case .symbolic(let name):
        throw NodeRefusal("dimension \(axis) is '\(name)'; \(OpenDimensions.remedy)")
      case .unknown:
        throw NodeRefusal("dimension \(axis) is missing; \(OpenDimensions.remedy)")
      }
    }
    let count = try elementCount(of: sizes)
    guard count <= limits.units else {
      throw NodeRefusal(
        "\(shapeText(sizes)) has \(count) features; expected at most \(limits.units)")
    }
    let whole = InputReading(
      shape: sizes, batchSize: 1, unitShape: ReLUChain.withoutBatch(sizes, batchAxis: nil))
    guard sizes.count > 1, sizes[0] > 1 else {
      var only = whole
      only.note = sizesNote.map { "input '\(input.name)': \($0)" }
      only.isOpen = sizes.count > 1 && !declared[0].isFixed
      return [only]
    }
    let batchSize = sizes[0]
    sizes[0] = 1
    var batched = InputReading(
      shape: sizes, batchAxis: 0, batchSize: batchSize, unitShape: Array(sizes.dropFirst()))
    batched.note = "the file fixes a batch of \(batchSize); certifying one example at a time"
    var single = whole
    single.note =
      "input '\(input.name)' \(shapeText(whole.shape)) read as one example without a batch"
    return [batched, single]
  }

  /// The same input in a batch of several; nil where the file does not leave its size open.
  func with(batchSize: Int) -> InputReading? {
    guard isOpen else { return nil }
    return InputReading(
      shape: shape, batchAxis: 0, batchSize: batchSize, unitShape: Array(shape.dropFirst()))
  }
}

extension Dimension {
  /// Whether it is a number above 1.
  fileprivate var isMany: Bool {
    if case .fixed(let size) = self { size > 1 } else { false }
  }
}
