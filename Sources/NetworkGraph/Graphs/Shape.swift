/// The largest number of elements of one tensor or value: 2^31.
public let maximumElementCount = 1 << 31

/// The most dimensions of one tensor or value: 64, as in NumPy.
public let maximumRank = 64

/// The number of elements of a shape, checked against overflow, `maximumElementCount` and
/// `maximumRank`.
public func elementCount(of shape: [Int]) throws(NodeRefusal) -> Int {
  guard shape.count <= maximumRank else {
    throw NodeRefusal(
      "the shape \(shapeText(shape)) has \(shape.count) dimensions; expected at most \(maximumRank)"
    )
  }
  // A dimension of 0 hides nothing: strides multiply the others.
  var count = 1
  for dimension in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: max(dimension, 1))
    guard dimension >= 0, !overflow, product <= maximumElementCount else {
      throw NodeRefusal(
        "the shape \(shapeText(shape)) does not fit; expected at most \(maximumElementCount)"
          + " elements")
    }
    count = product
  }
  return shape.contains(0) ? 0 : count
}

/// A shape as messages write it: `[10, 84]`; of a list that is no shape of anything, the first
/// numbers and how many there are.
public func shapeText(_ shape: some Collection<some BinaryInteger>) -> String {
  let shown = shape.prefix(maximumRank).map { "\($0)" }.joined(separator: ", ")
  return "[" + shown + (shape.count > maximumRank ? ", ... (\(shape.count) numbers)]" : "]")
}

/// The distance between neighbours along each axis of a row-major array.
public func rowMajorStrides(of shape: [Int]) -> [Int] {
  var strides = [Int](repeating: 1, count: shape.count)
  for axis in shape.indices.dropLast().reversed() {
    strides[axis] = strides[axis + 1] * shape[axis + 1]
  }
  return strides
}

/// The position of a row-major element, as messages write it: `[3, 7]`.
public func positionText(_ index: Int, in shape: [Int]) -> String {
  var rest = index
  let position = rowMajorStrides(of: shape).map { stride in
    let step = max(stride, 1)
    defer { rest %= step }
    return rest / step
  }
  return shapeText(position)
}

/// The shape that two shapes broadcast to, by NumPy's rules.
public func broadcastShape(_ first: [Int], _ second: [Int]) throws(NodeRefusal) -> [Int] {
  let rank = max(first.count, second.count)
  var result: [Int] = []
  for axis in 0..<rank {
    let left = axis + first.count - rank
    let right = axis + second.count - rank
    let a = left < 0 ? 1 : first[left]
    let b = right < 0 ? 1 : second[right]
    guard a == b || a == 1 || b == 1 else {
      throw NodeRefusal(
        "the shapes \(shapeText(first)) and \(shapeText(second)) do not broadcast")
    }
    result.append(a == 1 ? b : a)
  }
  return result
}

/// An axis counted from the front, for one that may be counted from the end.
public func normalizedAxis(_ axis: Int, rank: Int) throws(NodeRefusal) -> Int {
  guard axis >= -rank, axis < rank else {
    throw NodeRefusal("axis \(axis) is outside a rank of \(rank)")
  }
  return axis < 0 ? axis + rank : axis
}

/// Axes counted from the front, each at most once.
public func normalizedAxes(_ axes: [Int], rank: Int) throws(NodeRefusal) -> Set<Int> {
  var result: Set<Int> = []
  for axis in axes {
    let normalized = try normalizedAxis(axis, rank: rank)
    guard result.insert(normalized).inserted else {
      throw NodeRefusal("axis \(axis) is given twice")
    }
  }
  return result
}
