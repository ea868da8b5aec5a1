import NetworkGraph
import ReLUChain

extension Lowering {
  /// Trilu and GatherElements: single elements of each example.
  func movedElements() throws(NodeRefusal) -> Lowered {
    guard dataIndex == 0 else { return try rearranged() }
    guard let moves = try call.elementMoves(of: data.shape, budget: budget) else {
      throw NodeRefusal(RefusedOperators.reasonOnData(for: node.operatorType))
    }
    // Of a fixed batch the elements are those of its first example only where they are the same in all.
    let rank = data.shape.count
    if let axis = data.batchAxis, node.operatorType != "Trilu" || axis >= rank - 2 {
      throw mixing("moves data")
    }
    var lowered = unchanged(steps: [
      try selection(
        moves.sources, from: data.unitShape,
        to: ReLUChain.withoutBatch(moves.shape, batchAxis: data.batchAxis))
    ])
    lowered.shape = moves.shape
    lowered.isNonNegative = data.isNonNegative
    return lowered
  }

  /// GatherND: an element, or a block of elements, for each tuple of stored indices.
  func gatheredTuples() throws(NodeRefusal) -> Lowered {
    guard dataIndex == 0 else { return try rearranged() }
    let table = try call.constant(1, "index list")
    let batchDimensions = try call.int("batch_dims", default: 0)
    let shape = data.trueShape(batchSize: batchSize)
    guard let indices = table.integers, let width = table.shape.last, batchDimensions >= 0,
      batchDimensions < table.shape.count, width >= 1, batchDimensions + width <= shape.count,
      table.shape.prefix(batchDimensions) == shape.prefix(batchDimensions)
    else {
      throw NodeRefusal(
        "its indices '\(table.name)' are \(table.elementType.rawValue) \(shapeText(table.shape)) with"
          + " batch_dims \(batchDimensions); expected tuples of integers for \(shapeText(shape))")
    }
    let depth = batchDimensions + width
    if let axis = data.batchAxis, axis < depth { throw mixing("gathers") }
    let tail = Array(data.shape[depth...])
    let result = table.shape.dropLast() + tail
    let block = try elementCount(of: tail)
    guard try elementCount(of: result) <= limits.units else {
      throw NodeRefusal.tooManyUnits(Array(result))
    }
    try budget.require(2 * (try elementCount(of: result)))
    // How many tuples stand behind each other for one place of the leading axes.
    let repeats = try elementCount(of: Array(table.shape.dropLast()[batchDimensions...]))
    var source: [Int] = []
    for tuple in 0..<indices.count / width {
      var place = repeats == 0 ? 0 : tuple / repeats
      for (axis, size) in shape[batchDimensions..<depth].enumerated() {
        let index = indices[tuple * width + axis]
        guard index >= -size, index < size else {
          throw NodeRefusal("index \(index) is outside an axis of \(size)")
        }
        place = place * size + (index < 0 ? index + size : index)
      }
      source += place * block..<(place + 1) * block
    }
    let batchAxis = data.batchAxis.map { $0 - depth + table.shape.count - 1 }
    var lowered = unchanged(steps: [
      try selection(
        source, from: data.unitShape,
        to: ReLUChain.withoutBatch(Array(result), batchAxis: batchAxis))
    ])
    (lowered.shape, lowered.batchAxis) = (Array(result), batchAxis)
    lowered.isNonNegative = data.isNonNegative
    return lowered
  }
}
