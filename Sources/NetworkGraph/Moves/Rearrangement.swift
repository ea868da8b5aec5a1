/// What an operator that computes nothing does to an array: it moves elements, or only renames their
/// positions. Constants and the network's data are rearranged by the same rules.
public struct Rearrangement: Sendable, Equatable {
  /// Where the elements come from; nil where row-major order is kept.
  public var map: AxisMap?
  /// The shape of the result.
  public var shape: [Int]
  /// The value of positions outside the input (Pad).
  public var filler: Double

  /// A new shape for the same elements.
  init(shape: [Int]) {
    self.shape = shape
    map = nil
    filler = 0
  }

  /// Elements picked axis by axis, then perhaps given another shape.
  public init(map: AxisMap, shape: [Int]? = nil, filler: Double = 0) {
    self.map = map
    self.shape = shape ?? map.outputShape
    self.filler = filler
  }
}

extension OperatorCall {
  /// The longest axis that an operator may make: 2^22, or the axis that it is made from.
  static let axisLimit = 1 << 22

  /// What the operator does to its first input; nil for an operator that computes something.
  public func rearrangement(of shape: [Int]) throws(NodeRefusal) -> Rearrangement? {
    switch node.operatorType {
    case "Identity": Rearrangement(shape: shape)
    case "Dropout": try dropout(shape)
    case "Reshape": try reshape(shape)
    case "Flatten": try flatten(shape)
    case "Squeeze": try squeeze(shape)
    case "Unsqueeze": try unsqueeze(shape)
    case "Transpose": try transpose(shape)
    case "Slice": try slice(shape)
    case "Gather": try gather(shape)
    case "ArrayFeatureExtractor" where node.domain == "ai.onnx.ml": try features(shape)
    case "Compress": try compress(shape)
    case "ReverseSequence": try reverse(shape)
    case "Expand": try expand(shape)
    case "Tile": try tile(shape)
    case "Pad": try pad(shape)
    case "DepthToSpace": try depthToSpace(shape)
    case "SpaceToDepth": try spaceToDepth(shape)
    case "Resize", "Upsample": try resized(shape)
    default: nil
    }
  }

  private func dropout(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    try checkInferenceFlag()
    if let training = try optionalConstant(2, "training_mode"),
      training.integers?.contains(where: { $0 != 0 }) ?? true
    {
      throw NodeRefusal("training_mode is true; expected a network exported for inference")
    }
    return Rearrangement(shape: shape)
  }

  private func reshape(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    guard let target = try integers(input: 1, attribute: "shape") else {
      throw NodeRefusal("its shape (input 1) is missing")
    }
    let allowsZero = try flag("allowzero")
    let count = try elementCount(of: shape)
    var result: [Int] = []
    var open: Int?
    for (axis, dimension) in target.enumerated() {
      if dimension == 0 && !allowsZero && axis < shape.count {
        result.append(shape[axis])
      } else if dimension == -1 && open == nil {
        open = axis
        result.append(1)
      } else if dimension >= 0 {
        result.append(dimension)
      } else {
        throw NodeRefusal("the target shape \(shapeText(target)) is none")
      }
    }
    let rest = try elementCount(of: result)
    if let open, rest > 0, count % rest == 0 { result[open] = count / rest }
    guard try elementCount(of: result) == count else {
      throw NodeRefusal(
        "the target shape \(shapeText(target)) does not hold the \(count) elements of"
          + " \(shapeText(shape))")
    }
    return Rearrangement(shape: result)
  }

  private func flatten(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let axis = try int("axis", default: 1)
    guard axis >= -shape.count, axis <= shape.count else {
      throw NodeRefusal("axis \(axis) is outside a rank of \(shape.count)")
    }
    let split = axis < 0 ? axis + shape.count : axis
    return Rearrangement(shape: [
      try elementCount(of: Array(shape[..<split])), try elementCount(of: Array(shape[split...])),
    ])
  }

  private func squeeze(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    guard let axes = try integers(input: 1, attribute: "axes") else {
      return Rearrangement(shape: shape.filter { $0 != 1 })
    }
    let removed = try normalizedAxes(axes, rank: shape.count)
    for axis in removed.sorted() where shape[axis] != 1 {
      throw NodeRefusal("axis \(axis) of \(shapeText(shape)) is \(shape[axis]); expected 1")
    }
    return Rearrangement(
      shape: shape.enumerated().filter { !removed.contains($0.offset) }.map(\.element))
  }

  private func unsqueeze(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    guard let axes = try integers(input: 1, attribute: "axes") else {
      throw NodeRefusal("its axes are missing")
    }
    let rank = shape.count + axes.count
    let added = try normalizedAxes(axes, rank: rank)
    var rest = shape[...]
    return Rearrangement(
      shape: (0..<rank).map { added.contains($0) ? 1 : rest.popFirst() ?? 1 })
  }

  private func transpose(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let order = try ints("perm") ?? Array(shape.indices.reversed())
    guard order.sorted() == Array(shape.indices) else {
      throw NodeRefusal(
        "perm is \(shapeText(order)); expected a permutation of \(shape.count) axes")
    }
    let identity = AxisMap(identity: shape)
    var map = identity
    map.axes = order.map { identity.axes[$0] }
    return Rearrangement(map: map)
  }
}

extension OperatorCall {
  private func slice(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    guard let starts = try integers(input: 1, attribute: "starts"),
      let ends = try integers(input: 2, attribute: "ends"), starts.count == ends.count
    else { throw NodeRefusal("starts and ends are missing or differ in number") }
    let axes = try integers(input: 3, attribute: "axes") ?? Array(starts.indices)
    let steps =
      try integers(input: 4, attribute: "steps") ?? [Int](repeating: 1, count: starts.count)
    guard axes.count == starts.count, steps.count == starts.count else {
      throw NodeRefusal("starts, axes and steps differ in number")
    }
    _ = try normalizedAxes(axes, rank: shape.count)
    var map = AxisMap(identity: shape)
    for (position, axis) in axes.enumerated() {
      let axis = try normalizedAxis(axis, rank: shape.count)
      guard steps[position] != 0 else { throw NodeRefusal("step 0 on axis \(axis)") }
      map.axes[axis].indices = slicedIndices(
        of: shape[axis], from: starts[position], to: ends[position], by: steps[position])
    }
    return Rearrangement(map: map)
  }

  /// The indices of one sliced axis: negative ends count from the back, all are clamped.
  private func slicedIndices(of size: Int, from start: Int, to end: Int, by step: Int) -> [Int] {
    guard size > 0 else { return [] }
    // A longer step than the axis visits one element all the same, and cannot overflow.
    let step = min(max(step, -size), size)
    let first = start < 0 ? start + size : start
    let last = end < 0 ? end + size : end
    if step > 0 {
      return Array(stride(from: min(max(first, 0), size), to: min(max(last, 0), size), by: step))
    }
    return Array(
      stride(from: min(max(first, 0), size - 1), to: min(max(last, -1), size - 1), by: step))
  }

  private func gather(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let positions = try constant(1, "index list")
    guard let indices = positions.integers else {
      throw NodeRefusal(
        "indices '\(positions.name)' are \(positions.elementType.rawValue); expected integers")
    }
    let axis = try normalizedAxis(try int("axis", default: 0), rank: shape.count)
    let size = shape[axis]
    var picked: [Int] = []
    for index in indices {
      guard index >= -size, index < size else {
        throw NodeRefusal("index \(index) is outside an axis of \(size)")
      }
      picked.append(index < 0 ? index + size : index)
    }
    var map = AxisMap(identity: shape)
    map.axes[axis].indices = picked
    return Rearrangement(
      map: map, shape: Array(shape[..<axis]) + positions.shape + Array(shape[(axis + 1)...]))
  }

  /// ArrayFeatureExtractor of ai.onnx.ml: some of the last axis.
  private func features(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let positions = try constant(1, "index list")
    guard let indices = positions.integers, let size = shape.last,
      indices.allSatisfy({ $0 >= 0 && $0 < size })
    else {
      throw NodeRefusal(
        "its indices '\(positions.name)' do not all lie in the last axis of \(shapeText(shape))")
    }
    var map = AxisMap(identity: shape)
    map.axes[shape.count - 1].indices = indices
    return Rearrangement(map: map, shape: shape.count == 1 ? [1, indices.count] : nil)
  }

  /// Compress: the elements of one axis that a stored mask keeps.
  private func compress(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let mask = try constant(1, "condition")
    guard node.attributes["axis"] != nil else {
      throw NodeRefusal("picks from all elements in a row; expected an axis")
    }
    let axis = try normalizedAxis(try int("axis", default: 0), rank: shape.count)
    guard let flags = mask.integers, mask.elementType == .bool, flags.count <= shape[axis] else {
      throw NodeRefusal(
        "its condition '\(mask.name)' is \(mask.elementType.rawValue) \(shapeText(mask.shape)); expected"
          + " at most \(shape[axis]) of bool")
    }
    var map = AxisMap(identity: shape)
    map.axes[axis].indices = flags.indices.filter { flags[$0] != 0 }
    return Rearrangement(map: map)
  }

  /// ReverseSequence: the first elements of one axis backwards, as many in each row of a batch.
  private func reverse(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let list = try constant(1, "lengths")
    let time = try normalizedAxis(try int("time_axis", default: 0), rank: shape.count)
    let batch = try normalizedAxis(try int("batch_axis", default: 1), rank: shape.count)
    guard let lengths = list.integers, let length = lengths.first, lengths.count == shape[batch],
      lengths.allSatisfy({ $0 == length }), (0...shape[time]).contains(length), time != batch
    else {
      throw NodeRefusal(
        "its lengths '\(list.name)' are \(list.elementType.rawValue) \(shapeText(list.shape)); expected"
          + " one length, 0 to \(shape[time]), in each of \(shape[batch]) rows")
    }
    var map = AxisMap(identity: shape)
    map.axes[time].indices = (0..<length).reversed() + (length..<shape[time])
    return Rearrangement(map: map)
  }

  private func expand(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    guard let target = try integers(input: 1, attribute: "shape") else {
      throw NodeRefusal("its shape (input 1) is missing")
    }
    return Rearrangement(map: try AxisMap.broadcasting(shape, with: target))
  }

  private func tile(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    guard let repeats = try integers(input: 1, attribute: "repeats"),
      repeats.count == shape.count, repeats.allSatisfy({ $0 >= 0 })
    else { throw NodeRefusal("expected one count of repeats for each of \(shape.count) axes") }
    var map = AxisMap(identity: shape)
    for (axis, size) in shape.enumerated() {
      let (length, overflow) = size.multipliedReportingOverflow(by: repeats[axis])
      guard !overflow, length <= max(size, Self.axisLimit) else {
        throw NodeRefusal("an axis of \(size) repeated \(repeats[axis]) times is too long")
      }
      map.axes[axis].indices = (0..<length).map { $0 % size }
    }
    return Rearrangement(map: map)
  }
}

extension AxisMap {
  /// The map that repeats an array over the shape that it broadcasts to with another one.
  public static func broadcasting(
    _ shape: [Int], with other: [Int]
  ) throws(NodeRefusal) -> AxisMap {
    let target = try broadcastShape(shape, other)
    _ = try elementCount(of: target)
    let offset = target.count - shape.count
    var map = AxisMap(identity: shape)
    var axes: [Axis] = []
    for (position, size) in target.enumerated() {
      let source = position - offset
      if source >= 0, shape[source] == size {
        axes.append(map.axes[source])
      } else {
        guard size <= OperatorCall.axisLimit else {
          throw NodeRefusal("an axis of \(size) is made from one element: too long")
        }
        axes.append(Axis(source: nil, indices: [Int](repeating: 0, count: size)))
      }
    }
    map.axes = axes
    return map
  }
}
