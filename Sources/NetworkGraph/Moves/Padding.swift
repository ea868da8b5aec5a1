extension OperatorCall {
  /// Pad: a constant around the input, its mirror image, its edge or itself; negative pads cut off.
  func pad(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let name = node.attributes["paddings"] == nil ? "pads" : "paddings"
    guard let pads = try integers(input: 1, attribute: name) else {
      throw NodeRefusal("its pads are missing")
    }
    let axes = try integers(input: 3, attribute: "axes") ?? Array(shape.indices)
    _ = try normalizedAxes(axes, rank: shape.count)
    guard pads.count == 2 * axes.count else {
      throw NodeRefusal("\(pads.count) pads; expected \(2 * axes.count)")
    }
    let mode = try string("mode", default: "constant")
    var filler = 0.0
    if let value = try optionalConstant(2, "pad value") {
      guard value.count == 1, value.isExact else {
        throw NodeRefusal("the pad value is \(shapeText(value.shape)); expected one number")
      }
      filler = value.doubles[0]
    } else {
      filler = try float("value", default: 0)
    }
    guard filler.isFinite else {
      throw NodeRefusal("the pad value is \(filler); expected a finite number")
    }
    var map = AxisMap(identity: shape)
    for (position, axis) in axes.enumerated() {
      let axis = try normalizedAxis(axis, rank: shape.count)
      map.axes[axis].indices = try paddedIndices(
        of: shape[axis], before: pads[position], after: pads[position + axes.count], mode: mode)
    }
    return Rearrangement(map: map, filler: filler)
  }

  /// The indices of one padded axis; -1 where the constant stands.
  private func paddedIndices(
    of size: Int, before: Int, after: Int, mode: String
  ) throws(NodeRefusal) -> [Int] {
    let limit = max(size, Self.axisLimit)
    guard abs(before.clamped) <= limit, abs(after.clamped) <= limit,
      size + before + after >= 0, size + before + after <= limit
    else {
      throw NodeRefusal("pads of \(before) and \(after) do not fit an axis of \(size)")
    }
    guard mode == "constant" || before >= 0 && after >= 0 else {
      throw NodeRefusal(
        "negative pads in mode '\(mode)', which runtimes tell differently; expected Slice")
    }
    let positions = -before..<max(size + after, -before)
    switch mode {
    case "constant":
      return positions.map { (0..<size).contains($0) ? $0 : -1 }
    case "edge" where size > 0:
      return positions.map { min(max($0, 0), size - 1) }
    case "reflect" where before < size && after < size:
      return positions.map { $0 < 0 ? -$0 : $0 < size ? $0 : 2 * (size - 1) - $0 }
    case "wrap" where size > 0:
      return positions.map { ($0 % size + size) % size }
    default:
      throw NodeRefusal("padding in mode '\(mode)'; expected constant, edge, reflect or wrap")
    }
  }
}

extension Int {
  /// The number kept away from the ends of its range, so that its magnitude exists.
  fileprivate var clamped: Int { Swift.max(self, -Int.max) }
}
