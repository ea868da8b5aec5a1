extension OperatorCall {
  /// DepthToSpace: blocks of channels become blocks of pixels.
  func depthToSpace(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let size = try blockSize(shape)
    let mode = try string("mode", default: "DCR")
    let (area, overflow) = size.multipliedReportingOverflow(by: size)
    guard !overflow, shape[1] % area == 0, mode == "DCR" || mode == "CRD" else {
      throw NodeRefusal(
        "blocksize \(size) in mode '\(mode)'; expected DCR or CRD and a size whose square divides"
          + " \(shape[1]) channels")
    }
    let depth = shape[1] / area
    // The channels are (block row, block column, depth), or (depth, block row, block column).
    let channels = mode == "DCR" ? [size, size, depth] : [depth, size, size]
    let order = mode == "DCR" ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]
    return moved(
      [shape[0]] + channels + shape[2...], order,
      to: [
        shape[0], depth, try elementCount(of: [shape[2], size]),
        try elementCount(of: [shape[3], size]),
      ])
  }

  /// SpaceToDepth: blocks of pixels become blocks of channels.
  func spaceToDepth(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let size = try blockSize(shape)
    guard shape[2] % size == 0, shape[3] % size == 0 else {
      throw NodeRefusal("blocksize \(size); expected a divisor of \(shape[2]) and \(shape[3])")
    }
    let (rows, columns) = (shape[2] / size, shape[3] / size)
    return moved(
      [shape[0], shape[1], rows, size, columns, size], [0, 3, 5, 1, 2, 4],
      to: [shape[0], try elementCount(of: [shape[1], size, size]), rows, columns])
  }

  private func blockSize(_ shape: [Int]) throws(NodeRefusal) -> Int {
    let size = try int("blocksize", default: 0)
    guard shape.count == 4, size >= 1, size <= Self.axisLimit else {
      throw NodeRefusal("blocksize \(size) on \(shapeText(shape)); expected 1 or more and rank 4")
    }
    return size
  }

  private func moved(_ parts: [Int], _ order: [Int], to shape: [Int]) -> Rearrangement {
    let identity = AxisMap(identity: parts)
    var map = identity
    map.axes = order.map { identity.axes[$0] }
    return Rearrangement(map: map, shape: shape)
  }
}
