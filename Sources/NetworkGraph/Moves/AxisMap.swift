/// An array made by picking elements of another one axis by axis: transposition, slicing, gathering,
/// padding, repetition.
///
/// Each output axis runs along at most one input axis; an input axis that none runs along is read at
/// one fixed index. The same map moves constants and describes what happens to the data.
public struct AxisMap: Sendable, Equatable {
  /// One output axis.
  public struct Axis: Sendable, Equatable {
    /// The input axis it runs along; nil where it only repeats.
    public var source: Int?
    /// The input index at each output index; -1 for a position outside the input.
    public var indices: [Int]

    /// Creates an axis.
    public init(source: Int?, indices: [Int]) {
      (self.source, self.indices) = (source, indices)
    }
  }

  /// The shape of what is read.
  public var inputShape: [Int]
  /// The axes of what is made.
  public var axes: [Axis]
  /// For every input axis, the index read where no output axis runs along it.
  public var fixed: [Int]

  /// The map that leaves an array as it is.
  public init(identity shape: [Int]) {
    inputShape = shape
    axes = shape.enumerated().map { Axis(source: $0.offset, indices: Array(0..<$0.element)) }
    fixed = [Int](repeating: 0, count: shape.count)
  }

  /// The shape of what is made.
  public var outputShape: [Int] { axes.map(\.indices.count) }

  /// The input element (row-major) of every output element; -1 outside the input.
  public func sources() throws(NodeRefusal) -> [Int] {
    let count = try elementCount(of: outputShape)
    let strides = rowMajorStrides(of: inputShape)
    var base = 0
    let driven = Set(axes.compactMap(\.source))
    for axis in inputShape.indices where !driven.contains(axis) {
      base += fixed[axis] * strides[axis]
    }
    // Grown axis by axis: after each, `result` holds the offsets of all combinations so far.
    var result = [base]
    result.reserveCapacity(count)
    for axis in axes {
      let stride = axis.source.map { strides[$0] } ?? 0
      var grown: [Int] = []
      grown.reserveCapacity(result.count * axis.indices.count)
      for offset in result {
        for index in axis.indices {
          grown.append(offset < 0 || index < 0 ? -1 : offset + index * stride)
        }
      }
      result = grown
    }
    return result
  }

  /// Whether the output is the input, element for element in row-major order.
  public func isIdentity() throws(NodeRefusal) -> Bool {
    let inputCount = try elementCount(of: inputShape)
    guard try elementCount(of: outputShape) == inputCount else { return false }
    // Axes of size 1 move nothing: what matters is the order of the others.
    var last = -1
    for axis in axes where axis.indices.count != 1 {
      guard let source = axis.source, source > last, axis.indices.count == inputShape[source],
        axis.indices.enumerated().allSatisfy({ $0.offset == $0.element })
      else { return false }
      last = source
    }
    return axes.allSatisfy { $0.indices.count != 1 || $0.indices[0] == 0 }
  }
}

extension Constant {
  /// The constant that a map makes of this one, with `filler` outside of it.
  public func mapped(
    by map: AxisMap, filler: Double = 0, name: String, budget: ElementBudget
  ) throws(NodeRefusal) -> Constant {
    try budget.take(try elementCount(of: map.outputShape))
    return picked(try map.sources(), filler: filler, name: name, shape: map.outputShape)
  }

  /// The constant made of some of this one's elements, with `filler` where -1 stands for none.
  func picked(_ sources: [Int], filler: Double = 0, name: String, shape: [Int]) -> Constant {
    var result = self
    result.name = name
    result.shape = shape
    switch elements {
    case .float(let values):
      result.elements = .float(sources.map { $0 < 0 ? Float(filler) : values[$0] })
    case .double(let values):
      result.elements = .double(sources.map { $0 < 0 ? filler : values[$0] })
    case .integer(let values):
      let whole = Int64(exactly: filler) ?? 0
      result.elements = .integer(sources.map { $0 < 0 ? whole : values[$0] })
    }
    result.setErrors(errors.map { values in sources.map { $0 < 0 ? 0 : values[$0] } })
    return result
  }
}
