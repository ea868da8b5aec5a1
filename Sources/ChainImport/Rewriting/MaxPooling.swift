import NetworkGraph
import ReLUChain

// Max pooling as a cascade of pairwise maxima: `max(a, b) = a + relu(b - a)`, where `a` is carried
// along as `relu(a)`, which is `a` behind a ReLU, or as `relu(a) - relu(-a)`.
extension Lowering {
  /// MaxPool, 1-D to 3-D.
  func maxPool() throws(NodeRefusal) -> Lowered {
    let shape = try imageShape()
    guard let kernel = try call.ints("kernel_shape") else {
      throw NodeRefusal.noKernelShape
    }
    guard node.outputs.count < 2 || node.outputs[1].isEmpty else {
      throw NodeRefusal("its second output '\(node.outputs[1])' (positions); expected one output")
    }
    if isVolume { return try volumeMaximum(kernel) }
    let geometry = try windowGeometry(over: shape, kernel: kernel)
    let roundsUp = try call.flag("ceil_mode")
    guard let height = geometry.y.count(roundsUp: roundsUp),
      let width = geometry.x.count(roundsUp: roundsUp)
    else { throw noWindow(geometry) }
    let result = geometry.shape(shape[1], [1, height, width])
    try budget.require(try elementCount(of: result + kernel))
    let rows = (0..<height).map { geometry.y.taps(of: $0) }
    let columns = (0..<width).map { geometry.x.taps(of: $0) }
    guard !rows.contains([]), !columns.contains([]) else {
      throw NodeRefusal.windowInPadding
    }
    let size = geometry.y.size * geometry.x.size
    var windows: [[Int]] = []
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
    let grid = PoolingGrid(geometry: geometry, channels: shape[1], height: height, width: width)
    return try maxima(over: windows, grid, shape: result)
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

  /// The extremes of `[parts, units]` over the parts.
  func extremes(of parts: Int, _ units: Int, isLargest: Bool) throws(NodeRefusal) -> [Step] {
    var stacked = data
    (stacked.shape, stacked.isNonNegative) = ([1, parts * units], false)
    // What stands in front of a ReLU is not looked for.
    let lowering = Lowering(
      call: call, data: stacked, dataIndex: dataIndex, batchSize: batchSize, budget: budget,
      limits: limits)
    let windows = (0..<units).map { unit in (0..<parts).map { $0 * units + unit } }
    let steps = try lowering.maxima(over: windows, shape: [1, units]).steps
    if isLargest { return steps }
    return [try negative(parts * units, [parts * units])] + steps
      + [try negative(units, [units])]
  }

  private func negative(_ count: Int, _ shape: [Int]) throws(NodeRefusal) -> Step {
    try virtualScaling(
      -1, shift: [Double](repeating: 0, count: count), sources: [], shape: shape)
  }

  /// The maximum of each window of units.
  ///
  /// In front of a ReLU the ReLU is taken first: they commute, and what is carried is then never
  /// negative.
  ///
  /// - Parameter grid: Where the windows lie side by side on images.
  func maxima(
    over windows: [[Int]], _ grid: PoolingGrid? = nil, shape: [Int]
  ) throws(NodeRefusal) -> Lowered {
    let most = windows.map(\.count).max() ?? 1
    guard try elementCount(of: [most, windows.count]) <= limits.units else {
      throw NodeRefusal(
        "its windows have \(most) x \(windows.count) elements in all; expected at most"
          + " \(limits.units)")
    }
    let commutes = isReadByReLU && !data.isNonNegative
    let isCarried = data.isNonNegative || commutes
    var steps: [Step] = commutes ? [.relu(name: node.name)] : []
    // Padding is 0 to a convolution, which changes no maximum of what is never negative; any other
    // needs windows that lie inside, each with all of its taps.
    let grid = grid.flatMap { grid in
      isCarried || windows.allSatisfy { $0.count == grid.taps } ? grid : nil
    }
    if let grid, let cascade = MaximumCascade(of: grid.taps, isNonNegative: isCarried),
      grid.holds(cascade)
    {
      let first = try grid.step(cascade.matrices[0], self)
      steps += try levels(of: cascade, behind: first, on: grid.positions, channels: grid.channels)
    } else {
      // A window that the padding cuts off repeats its first element.
      let source = (0..<most).flatMap { tap in windows.map { $0.count > tap ? $0[tap] : $0[0] } }
      steps.append(try selection(source, from: data.unitShape, to: [most, windows.count]))
      if let cascade = MaximumCascade(of: most, isNonNegative: isCarried) {
        let positions = [1, windows.count]
        let first = try virtualMixing(cascade.matrices[0], on: positions)
        steps += try levels(of: cascade, behind: first, on: positions)
      }
    }
    var result = Lowered(
      shape: shape, batchAxis: data.batchAxis, elementType: data.elementType,
      steps: steps, softmax: nil, isNonNegative: isCarried, isRewritten: commutes)
    result.note =
      "'\(node.name)' (\(node.operatorType)) written as pairwise maxima of windows of \(most), max(a, b)"
      + " = a + relu(b - a), exactly" + (commutes ? "; the Relu behind it is taken first" : "")
    return result
  }

  /// The steps of a cascade whose first linear step is made.
  private func levels(
    of cascade: MaximumCascade, behind first: Step, on positions: [Int], channels: Int = 1
  ) throws(NodeRefusal) -> [Step] {
    let values = positions.reduce(1, *)
    var steps = [first]
    for (level, carried) in cascade.carried.enumerated() {
      let units = cascade.matrices[level].count
      let all = (0..<channels).flatMap { channel in carried.map { channel * units + $0 } }
      steps[steps.count - 1] = steps[steps.count - 1].withNonNegative(
        all.map { $0 * values..<($0 + 1) * values })
      steps.append(.relu(name: node.name))
      steps.append(
        try virtualMixing(cascade.matrices[level + 1], on: positions, channels: channels))
    }
    return steps
  }
}

/// Windows side by side on images, every channel for itself.
struct PoolingGrid {
  var geometry: WindowGeometry
  var channels: Int
  var height: Int
  var width: Int

  /// The most weights that a cascade's convolutions may have.
  private static let mostWeights = 1 << 20

  var taps: Int { geometry.y.kernel * geometry.x.kernel }
  var positions: [Int] { [height, width] }

  /// Whether there is room for the cascade's convolutions, which repeat their weights channel by channel.
  func holds(_ cascade: MaximumCascade) -> Bool {
    let entries = cascade.matrices.reduce(0) { $0 + $1.count * ($1.first?.count ?? 0) }
    return height * width > 1 && channels <= Self.mostWeights / entries
  }

  /// The first step of a cascade, straight from the image: output channels are channels, then units.
  func step(_ matrix: [[Double]], _ lowering: Lowering) throws(NodeRefusal) -> Step {
    try lowering.budget.take(matrix.count * channels * taps)
    let weights = (0..<channels).flatMap { _ in matrix.joined() }
    let (y, x, outputs) = (geometry.y, geometry.x, matrix.count * channels)
    let convolution = Convolution(
      input: (channels, y.size, x.size), output: (outputs, height, width),
      kernel: (y.kernel, x.kernel), stride: (y.stride, x.stride), pad: (y.padBefore, x.padBefore),
      dilation: (y.dilation, x.dilation), groups: channels, weights: weights,
      bias: [Double](repeating: 0, count: outputs))
    return lowering.virtual(
      .convolution(convolution), from: [channels, y.size, x.size], to: [outputs, height, width])
  }
}

/// A cascade of pairwise maxima: linear maps with a ReLU between each two.
struct MaximumCascade {
  /// The maps, `[outputs][inputs]` each: from the values to what the first ReLUs are applied to, and
  /// so on to the maximum.
  private(set) var matrices: [[[Double]]] = []
  /// For every level of ReLUs, the units that carry a value that is never negative.
  private(set) var carried: [[Int]] = []

  /// - Parameters:
  ///   - count: How many values; nil comes of fewer than two.
  ///   - isNonNegative: Whether they are never negative.
  init?(of count: Int, isNonNegative: Bool) {
    guard count > 1 else { return nil }
    // `[maxima][units]`: the values that the next level compares.
    var sums = (0..<count).map { value in (0..<count).map { $0 == value ? 1.0 : 0 } }
    while sums.count > 1 {
      let level = MaximumLevel(comparing: sums, isNonNegative: isNonNegative)
      matrices.append(level.differences)
      carried.append(level.carried)
      sums = level.sums
    }
    matrices.append(sums)
  }
}

/// One level of a cascade: from values to the maxima of neighbouring pairs.
private struct MaximumLevel {
  /// `[units][inputs]`: what ReLUs are applied to.
  var differences: [[Double]] = []
  /// `[maxima][units]`: the maxima of what they make.
  var sums: [[Double]] = []
  /// The units that carry a value that is never negative.
  var carried: [Int] = []

  /// - Parameter values: `[values][inputs]`: what is compared, as sums of the level's inputs.
  init(comparing values: [[Double]], isNonNegative: Bool) {
    var parts: [[(unit: Int, weight: Double)]] = []
    for first in stride(from: 0, to: values.count, by: 2) {
      if isNonNegative { carried.append(differences.count) }
      var part = [(differences.count, 1.0)]
      differences.append(values[first])
      if !isNonNegative {
        part.append((differences.count, -1))
        differences.append(values[first].map { 0 - $0 })
      }
      if first + 1 < values.count {
        part.append((differences.count, 1))
        differences.append(zip(values[first + 1], values[first]).map { $0 - $1 })
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
