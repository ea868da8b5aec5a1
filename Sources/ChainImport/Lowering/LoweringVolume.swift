import NetworkGraph
import ReLUChain

// Convolution and pooling over three spatial axes: planes one behind the other are so many channels more.
extension Lowering {
  /// Whether the data have three spatial axes.
  var isVolume: Bool { data.shape.count == 5 }

  /// The weights of a 3-D kernel, `[outputs, inputs, depth, height, width]`, as those of one over planes:
  /// `[outputs * depth, inputs * planes, height, width]`.
  func spread(
    _ values: [Double], _ outputs: Int, _ inputs: Int, _ geometry: WindowGeometry, depth: Int
  ) throws(NodeRefusal) -> [Double] {
    let z = geometry.z
    let area = geometry.y.kernel * geometry.x.kernel
    let total = try elementCount(of: [outputs * depth, inputs * z.size, area])
    try budget.require(try elementCount(of: [outputs, depth, inputs, z.kernel]))
    try budget.take(total)
    var weights = [Double](repeating: 0, count: total)
    for output in 0..<outputs {
      for window in 0..<depth {
        for input in 0..<inputs {
          for tap in 0..<z.kernel {
            guard let plane = z.place(of: tap, in: window) else { continue }
            let to = (((output * depth + window) * inputs + input) * z.size + plane) * area
            let from = ((output * inputs + input) * z.kernel + tap) * area
            weights.replaceSubrange(to..<to + area, with: values[from..<from + area])
          }
        }
      }
    }
    return weights
  }

  /// MaxPool with a 3-D window.
  func volumeMaximum(_ kernel: [Int]) throws(NodeRefusal) -> Lowered {
    let shape = try imageShape(rank: 5)
    let geometry = try windowGeometry(over: shape, kernel: kernel)
    let roundsUp = try call.flag("ceil_mode")
    let axes = [geometry.z, geometry.y, geometry.x]
    var counts: [Int] = []
    for axis in axes {
      guard let count = axis.count(roundsUp: roundsUp) else { throw noWindow(geometry) }
      counts.append(count)
    }
    try budget.require(try elementCount(of: [shape[1]] + counts + kernel))
    let taps = zip(axes, counts).map { axis, count in (0..<count).map { axis.taps(of: $0) } }
    guard !taps.contains(where: { $0.contains([]) }) else { throw NodeRefusal.windowInPadding }
    let result = Array(shape[..<2]) + taps.map(\.count)
    var windows: [[Int]] = []
    for channel in 0..<shape[1] {
      for planes in taps[0] {
        for rows in taps[1] {
          for columns in taps[2] {
            windows.append(
              planes.flatMap { plane in
                rows.flatMap { row in
                  columns.map {
                    ((channel * axes[0].size + plane) * axes[1].size + row) * axes[2].size + $0
                  }
                }
              })
          }
        }
      }
    }
    return try maxima(over: windows, shape: result)
  }
}

extension Lowering {
  /// CumSum: a matrix of ones and zeros along one axis.
  func cumulativeSum() throws(NodeRefusal) -> Lowered {
    let rank = data.shape.count
    guard dataIndex == 0, let given = try call.constant(1, "axis").integers, given.count == 1 else {
      throw NodeRefusal("its axis is not one constant number; expected one")
    }
    let axis = try normalizedAxis(given[0], rank: rank)
    if axis == data.batchAxis { throw mixing("sums") }
    let (isExclusive, isReversed) = (try call.flag("exclusive"), try call.flag("reverse"))
    let count = data.shape[axis]
    try budget.take(try elementCount(of: [count, count]))
    var ones = [Double](repeating: 0, count: count * count)
    for place in 0..<count {
      for other in 0..<count {
        let distance = isReversed ? other - place : place - other
        if distance > 0 || distance == 0 && !isExclusive { ones[other * count + place] = 1 }
      }
    }
    let matrix = Constant(
      name: node.name, shape: [count, count], elementType: data.elementType,
      elements: .double(ones))
    var result = Array(0..<rank)
    result[axis] = rank
    return try contraction(Array(0..<rank), matrix, [axis, rank], to: result)
  }
}
