import NetworkGraph
import ReLUChain

extension Lowering {
  /// ScatterND and ScatterElements with stored indices: constants in place of some of the data, or the data in
  /// place of some constants.
  func scattered() throws(NodeRefusal) -> Lowered {
    guard dataIndex == 0 || dataIndex == 2, node.inputs.count == 3 else {
      throw NodeRefusal("its indices depend on the network's input; expected constants")
    }
    if data.batchAxis != nil { throw mixing("scatters") }
    let other = try call.constant(2 - dataIndex, "operand")
    try call.checkHeld(other, as: "operand")
    guard call.readsExactly(other) else {
      throw NodeRefusal("joins the data with computed constants; expected stored ones")
    }
    let (shape, updates) =
      dataIndex == 0 ? (data.shape, other.shape) : (other.shape, data.shape)
    guard try elementCount(of: shape) <= limits.units else { throw NodeRefusal.tooManyUnits(shape) }
    guard let scattering = try call.scattering(over: shape, updates: updates, budget: budget) else {
      throw NodeRefusal(RefusedOperators.reasonOnData(for: node.operatorType))
    }
    let values = try stored(other, as: "operand")
    var (source, constant): ([Int], [Double]) = ([], [])
    for from in scattering.sources {
      let isData = (from >= 0) == (dataIndex == 0)
      let place = from < 0 ? -1 - from : from
      source.append(isData ? place : -1)
      constant.append(isData ? 0 : values[place])
    }
    var result = unchanged(steps: [
      try selection(
        source, constant: constant, from: data.unitShape,
        to: ReLUChain.withoutBatch(shape, batchAxis: nil))
    ])
    result.shape = shape
    result.isNonNegative = data.isNonNegative && constant.allSatisfy { $0 >= 0 }
    return result
  }
}
