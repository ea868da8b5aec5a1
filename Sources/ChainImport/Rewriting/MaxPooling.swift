import NetworkGraph
import ReLUChain

// Max pooling as a cascade of pairwise maxima: `max(a, b) = a + relu(b - a)`, where `a` is carried
// along as `relu(a)`, which is `a` behind a ReLU, or as `relu(a) - relu(-a)`.
extension Lowering {
  /// MaxPool, 1-D or 2-D.
  func maxPool() throws(NodeRefusal) -> Lowered {
    let shape = try imageShape()
    guard let kernel = try call.ints("kernel_shape") else {
      throw NodeRefusal.noKernelShape
    }
    guard node.outputs.count < 2 || node.outputs[1].isEmpty else {
      throw NodeRefusal("its second output '\(node.outputs[1])' (positions); expected one output")
    }
    let geometry = try windowGeometry(over: shape, kernel: kernel)
    let roundsUp = try call.flag("ceil_mode")
    guard let height = geometry.y.count(roundsUp: roundsUp),
      let width = geometry.x.count(roundsUp: roundsUp)
    else { throw noWindow(geometry) }
    let result = geometry.shape(shape[1], height, width)
    let rows = (0..<height).map { geometry.y.taps(of: $0) }
    let columns = (0..<width).map { geometry.x.taps(of: $0) }
    guard !rows.contains([]), !columns.contains([]) else {
      throw NodeRefusal.windowInPadding
    }
    let size = geometry.y.size * geometry.x.size
    var windows: [[Int]] = []
    try budget.require(try elementCount(of: result + [kernel.reduce(1, *)]))
    for channel in 0..<shape[1] {
      for row in rows {
        for column in columns {
          windows.append(
            row.flatMap { y in
              column.map { channel * size + y * geometry.x.size + $0 }
            })
        }
      }
    }
    return try maxima(over: windows, shape: result)
  }

  /// GlobalMaxPool: the maximum over all spatial axes.
  func globalMaxPool() throws(NodeRefusal) -> Lowered {
    guard data.shape.count >= 3, data.shape[0] == 1, data.batchAxis ?? 0 == 0 else {
      throw NodeRefusal(
        "the data is \(shapeText(data.shape)) \(data.origin); expected a leading 1 and spatial axes"
      )
    }
    let size = try elementCount(of: Array(data.shape[2...]))
    let windows = (0..<data.shape[1]).map { Array($0 * size..<($0 + 1) * size) }
    return try maxima(
      over: windows, shape: data.shape.enumerated().map { $0.offset < 2 ? $0.element : 1 })
  }

  /// ReduceMax and ReduceMin over constant axes: `min x = -max(-x)`.
  func extremesOverAxes() throws(NodeRefusal) -> Lowered {
    let rank = data.shape.count
    let given = try call.integers(input: 1, attribute: "axes") ?? []
    if given.isEmpty, try call.flag("noop_with_empty_axes") { return unchanged() }
    let axes = try normalizedAxes(given.isEmpty ? Array(0..<rank) : given, rank: rank)
    if let axis = data.batchAxis, axes.contains(axis) { throw mixing("takes an extreme") }
    let kept = data.shape.indices.filter { !axes.contains($0) }
    let count = try elementCount(of: axes.map { data.shape[$0] })
    let identity = AxisMap(identity: data.shape)
    var map = identity
    map.axes = (kept + axes.sorted()).map { identity.axes[$0] }
    let sources = try map.sources()
    guard count > 0 else { throw NodeRefusal("runs over axes without elements") }
    let windows = stride(from: 0, to: sources.count, by: count).map {
      Array(sources[$0..<$0 + count])
    }
    let keeps = try call.flag("keepdims", default: true)
    let shape =
      keeps
      ? data.shape.indices.map { axes.contains($0) ? 1 : data.shape[$0] }
      : kept.map { data.shape[$0] }
    let batchAxis = keeps ? data.batchAxis : data.batchAxis.flatMap { kept.firstIndex(of: $0) }
    var result: Lowered
    if node.operatorType == "ReduceMax" {
      result = try maxima(over: windows, shape: shape)
    } else {
      var behind = data
      behind.isNonNegative = false
      let turned = Lowering(
        call: call, data: behind, dataIndex: dataIndex, batchSize: batchSize, budget: budget,
        limits: limits)
      result = try turned.maxima(over: windows, shape: shape)
      result.steps.insert(try negative(sources.count, data.unitShape), at: 0)
      result.steps.append(try negative(windows.count, [1, windows.count]))
    }
    result.batchAxis = batchAxis
    return result
  }

  private func negative(_ count: Int, _ shape: [Int]) throws(NodeRefusal) -> Step {
    try virtualScaling(
      -1, shift: [Double](repeating: 0, count: count), sources: [], shape: shape)
  }

  /// The maximum of each window of units.
  ///
  /// In front of a ReLU the ReLU is taken first: they commute, and what is carried is then never
  /// negative.
  private func maxima(over windows: [[Int]], shape: [Int]) throws(NodeRefusal) -> Lowered {
    let most = windows.map(\.count).max() ?? 1
    let positions = windows.count
    guard try elementCount(of: [most, positions]) <= limits.units else {
      throw NodeRefusal(
        "its windows have \(most) x \(positions) elements in all; expected at most \(limits.units)")
    }
    let commutes = isReadByReLU && !data.isNonNegative
    var steps: [Step] = commutes ? [.relu(name: node.name)] : []
    // A window that the padding cuts off repeats its first element.
    let source = (0..<most).flatMap { tap in windows.map { $0.count > tap ? $0[tap] : $0[0] } }
    steps.append(try selection(source, from: data.unitShape, to: [most, positions]))
    let isCarried = data.isNonNegative || commutes
    var count = most
    while count > 1 {
      let level = MaximumLevel(count: count, isNonNegative: isCarried)
      steps.append(
        try virtualMixing(level.differences, columns: count, positions: positions)
          .withNonNegative(
            level.carried.map { $0 * positions..<($0 + 1) * positions }))
      steps.append(.relu(name: node.name))
      steps.append(
        try virtualMixing(level.sums, columns: level.differences.count, positions: positions))
      count = level.sums.count
    }
    var result = Lowered(
      shape: shape, batchAxis: data.batchAxis, elementType: data.elementType,
      steps: steps, softmax: nil, isNonNegative: isCarried, isRewritten: commutes)
    result.note =
      "'\(node.name)' (\(node.operatorType)) written as pairwise maxima of windows of \(most), max(a, b)"
      + " = a + relu(b - a), exactly" + (commutes ? "; the Relu behind it is taken first" : "")
    return result
  }
}

/// One level of a cascade: from values to the maxima of neighbouring pairs.
private struct MaximumLevel {
  /// `[units][values]`: what ReLUs are applied to.
  var differences: [[Double]] = []
  /// `[maxima][units]`: the maxima of what they make.
  var sums: [[Double]] = []
  /// The units that carry a value that is never negative.
  var carried: [Int] = []

  init(count: Int, isNonNegative: Bool) {
    var parts: [[(unit: Int, weight: Double)]] = []
    func row(_ entries: [(Int, Double)]) -> [Double] {
      var row = [Double](repeating: 0, count: count)
      for (value, weight) in entries { row[value] = weight }
      return row
    }
    for first in stride(from: 0, to: count, by: 2) {
      if isNonNegative { carried.append(differences.count) }
      var part = [(differences.count, 1.0)]
      differences.append(row([(first, 1)]))
      if !isNonNegative {
        part.append((differences.count, -1))
        differences.append(row([(first, -1)]))
      }
      if first + 1 < count {
        part.append((differences.count, 1))
        differences.append(row([(first + 1, 1), (first, -1)]))
      }
      parts.append(part)
    }
    let units = differences.count
    sums = parts.map { part in
      var sum = [Double](repeating: 0, count: units)
      for (unit, weight) in part { sum[unit] = weight }
      return sum
    }
  }
}

extension WindowAxis {
  /// The elements that a window reads, without those in the padding.
  fileprivate func taps(of window: Int) -> [Int] {
    let first = window * stride - padBefore
    return (0..<kernel).map { first + $0 * dilation }.filter { $0 >= 0 && $0 < size }
  }
}
