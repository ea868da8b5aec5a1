/// DepthToSpace and SpaceToDepth: squares of pixels become channels, or the reverse.
extension OperatorCall {
  func depthToSpace(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let block = try blockSize(shape)
    let (area, overflow) = block.multipliedReportingOverflow(by: block)
    guard !overflow, shape[1] % area == 0 else {
      throw NodeRefusal("blocksize is \(block); expected its square to divide \(shape[1]) channels")
    }
    let channels = shape[1] / area
    // The block's two axes stand before the channels (DCR) or behind them (CRD).
    let (split, order): ([Int], [Int])
    switch try string("mode", default: "DCR") {
    case "DCR": (split, order) = ([block, block, channels], [0, 3, 4, 1, 5, 2])
    case "CRD": (split, order) = ([channels, block, block], [0, 1, 4, 2, 5, 3])
    case let mode: throw NodeRefusal("mode is '\(mode)'; expected DCR or CRD")
    }
    return try moved(
      [shape[0]] + split + [shape[2], shape[3]], order,
      to: [shape[0], channels, try product(shape[2], block), try product(shape[3], block)])
  }

  func spaceToDepth(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let block = try blockSize(shape)
    let (height, width) = (shape[2] / block, shape[3] / block)
    guard height * block == shape[2], width * block == shape[3] else {
      throw NodeRefusal(
        "blocksize is \(block); expected a divisor of the height and width of \(shapeText(shape))")
    }
    return try moved(
      [shape[0], shape[1], height, block, width, block], [0, 3, 5, 1, 2, 4],
      to: [shape[0], try product(shape[1], try product(block, block)), height, width])
  }

  private func blockSize(_ shape: [Int]) throws(NodeRefusal) -> Int {
    let block = try int("blocksize", default: 0)
    guard block >= 1, shape.count == 4 else {
      throw NodeRefusal(
        "blocksize is \(block) for \(shapeText(shape)); expected 1 or more, and images of rank 4")
    }
    return block
  }

  private func product(_ a: Int, _ b: Int) throws(NodeRefusal) -> Int {
    try elementCount(of: [a, b])
  }

  private func moved(
    _ split: [Int], _ order: [Int], to shape: [Int]
  ) throws(NodeRefusal) -> Rearrangement {
    let identity = AxisMap(identity: split)
    var map = identity
    map.axes = order.map { identity.axes[$0] }
    return Rearrangement(map: map, shape: shape)
  }
}
