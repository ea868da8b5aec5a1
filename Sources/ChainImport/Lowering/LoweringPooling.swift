import NetworkGraph
import ReLUChain

extension Lowering {
  /// AveragePool: exact sums, then a scaling.
  func averagePool() throws(NodeRefusal) -> Lowered {
    var (lowered, geometry, size) = try windowSums()
    let channels = lowered.shape[1]
    let includesPadding = try call.flag("count_include_pad")
    let rows = counts(geometry.y, windows: size[1], includesPadding: includesPadding)
    let columns = counts(geometry.x, windows: size[2], includesPadding: includesPadding)
    let planes = counts(geometry.z, windows: size[0], includesPadding: includesPadding)
    guard !rows.contains(0), !columns.contains(0), !planes.contains(0) else {
      throw NodeRefusal.windowInPadding
    }
    lowered.steps.append(
      try quotient(shape: Array(lowered.shape[1...])) {
        let faces = rows.flatMap { row in columns.map { row * $0 } }
        return (0..<channels).flatMap { _ in planes.flatMap { plane in faces.map { plane * $0 } } }
      })
    return lowered
  }

  /// The sums over all windows, as a convolution with ones in every channel, and how many windows there are:
  /// `[depth, height, width]`.
  func windowSums() throws(NodeRefusal) -> (
    lowered: Lowered, geometry: WindowGeometry, size: [Int]
  ) {
    let shape = try imageShape()
    guard let kernel = try call.ints("kernel_shape") else {
      throw NodeRefusal.noKernelShape
    }
    let geometry = try windowGeometry(over: shape, kernel: kernel)
    let roundsUp = try call.flag("ceil_mode")
    guard let height = geometry.y.count(roundsUp: roundsUp),
      let width = geometry.x.count(roundsUp: roundsUp),
      let depth = geometry.z.count(roundsUp: roundsUp)
    else { throw noWindow(geometry) }
    let channels = shape[1]
    let result = geometry.shape(channels, [depth, height, width])
    guard try elementCount(of: result) <= limits.units else {
      throw NodeRefusal.tooManyUnits(result)
    }
    // Planes one behind the other are channels: each window reads some of them.
    let area = geometry.y.kernel * geometry.x.kernel
    try budget.require(try elementCount(of: [depth, geometry.z.kernel]))
    try budget.take(try elementCount(of: [depth, channels, geometry.z.size, area]))
    let ones = (0..<depth).flatMap { window in
      let planes = Set(geometry.z.taps(of: window))
      return (0..<geometry.z.size).flatMap {
        [Double](repeating: planes.contains($0) ? 1 : 0, count: area)
      }
    }
    try budget.take(channels)
    let sums = Convolution(
      input: (channels * geometry.z.size, geometry.y.size, geometry.x.size),
      output: (channels * depth, height, width),
      kernel: (geometry.y.kernel, geometry.x.kernel),
      stride: (geometry.y.stride, geometry.x.stride),
      pad: (geometry.y.padBefore, geometry.x.padBefore),
      dilation: (geometry.y.dilation, geometry.x.dilation), groups: channels,
      weights: (0..<channels).flatMap { _ in ones },
      bias: [Double](repeating: 0, count: channels * depth))
    return (windowed(sums, to: result), geometry, [depth, height, width])
  }

  /// How many elements each window of one axis averages over.
  ///
  /// Padding counts where the file says so, what hangs over the padding's end never does.
  private func counts(_ axis: WindowAxis, windows: Int, includesPadding: Bool) -> [Int] {
    let lowest = includesPadding ? -axis.padBefore : 0
    let end = includesPadding ? axis.size + axis.padAfter : axis.size
    return (0..<windows).map { window in
      let first = window * axis.stride - axis.padBefore
      // Taps stand at first + tap * dilation: those from `lowest` on, less those from `end` on.
      func taps(before place: Int) -> Int {
        let distance = max(0, place - first)
        return min(axis.kernel, (distance + axis.dilation - 1) / axis.dilation)
      }
      return taps(before: end) - taps(before: lowest)
    }
  }

  /// `x_i / count_i`: deployed as a division, or as a product of every summand with a reciprocal,
  /// each of which may underflow.
  func quotient(
    shape: [Int], by counts: () -> [Int]
  ) throws(NodeRefusal) -> Step {
    try budget.require(3 * (try elementCount(of: shape)))
    let counts = counts()
    let isExact = counts.allSatisfy { $0 & ($0 - 1) == 0 }
    let divisors = counts.map(Double.init)
    return try factor(
      divisors.map { 1 / $0 }, Uncertainty(roundings: isExact ? 0 : 1),
      deployed: 2 + (counts.max() ?? 0), shape, sources: divisors,
      holding: [HeldNumber("count", divisors)])
  }

  /// GlobalAveragePool: the mean over all spatial axes.
  func globalAveragePool() throws(NodeRefusal) -> Lowered {
    guard data.shape.count >= 3 else {
      throw NodeRefusal(
        "the data is \(shapeText(data.shape)) \(data.origin); expected spatial axes")
    }
    return try mean(over: Set(2..<data.shape.count), keepsAxes: true, divides: true)
  }

  /// ReduceMean and ReduceSum with constant axes, and ReduceProd of single elements.
  func reduction() throws(NodeRefusal) -> Lowered {
    let given = try call.integers(input: 1, attribute: "axes") ?? []
    if given.isEmpty, try call.flag("noop_with_empty_axes") { return unchanged() }
    let rank = data.shape.count
    let axes = try normalizedAxes(given.isEmpty ? Array(0..<rank) : given, rank: rank)
    if node.operatorType == "ReduceProd", axes.contains(where: { data.shape[$0] != 1 }) {
      throw NodeRefusal(RefusedOperators.reasonOnData(for: node.operatorType))
    }
    return try mean(
      over: axes, keepsAxes: try call.flag("keepdims", default: true),
      divides: node.operatorType == "ReduceMean")
  }

  /// Sums over axes as a convolution with a row of ones: the kept units are its rows.
  func mean(
    over axes: Set<Int>, keepsAxes: Bool, divides: Bool
  ) throws(NodeRefusal) -> Lowered {
    if let axis = data.batchAxis, axes.contains(axis) { throw mixing("sums") }
    let kept = data.shape.indices.filter { !axes.contains($0) }
    let summed = axes.sorted()
    var shape = data.shape
    for axis in summed { shape[axis] = 1 }
    let rows = try elementCount(of: kept.map { data.shape[$0] })
    let count = try elementCount(of: summed.map { data.shape[$0] })
    let identity = AxisMap(identity: data.shape)
    var map = identity
    map.axes = (kept + summed).map { identity.axes[$0] }
    var steps: [Step] = []
    if try !map.isIdentity() {
      steps.append(try selection(try map.sources(), from: data.unitShape, to: [rows, count]))
    }
    var batchAxis = data.batchAxis
    if !keepsAxes {
      shape = kept.map { data.shape[$0] }
      batchAxis = batchAxis.flatMap { axis in kept.firstIndex(of: axis) }
    }
    let unitShape = ReLUChain.withoutBatch(shape, batchAxis: batchAxis)
    try budget.take(count)
    let sums = Convolution(
      input: (1, rows, count), output: (1, rows, 1), kernel: (1, count), stride: (1, 1),
      pad: (0, 0), dilation: (1, 1), groups: 1, weights: [Double](repeating: 1, count: count),
      bias: [0])
    steps.append(step(.convolution(sums), from: [rows, count], to: unitShape))
    if divides {
      steps.append(
        try quotient(shape: unitShape) { [Int](repeating: count, count: rows) })
    }
    return Lowered(
      shape: shape, batchAxis: batchAxis, elementType: data.elementType, steps: steps)
  }
}
