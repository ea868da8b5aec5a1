import NetworkGraph

/// Where the windows of a convolution or a pooling lie along one spatial axis.
struct WindowAxis {
  var size: Int
  var kernel: Int
  var stride: Int
  var dilation: Int
  var padBefore: Int
  var padAfter: Int

  /// The extent of a window, gaps of a dilation included.
  var extent: Int { (kernel - 1) * dilation + 1 }

  /// The number of windows; nil where not one fits.
  ///
  /// - Parameter roundsUp: Whether a last window may hang over the padding's end (`ceil_mode`); one
  ///   that would start in the padding behind the input is left out all the same.
  func count(roundsUp: Bool = false) -> Int? {
    let room = size + padBefore + padAfter - extent
    guard room >= 0 else { return nil }
    var count = (room + (roundsUp ? stride - 1 : 0)) / stride + 1
    if roundsUp, (count - 1) * stride >= size + padBefore { count -= 1 }
    return count
  }
}

extension WindowAxis {
  /// An axis that the file does not have.
  static let none = WindowAxis(
    size: 1, kernel: 1, stride: 1, dilation: 1, padBefore: 0, padAfter: 0)

  /// The element that a window's tap reads; nil in the padding.
  func place(of tap: Int, in window: Int) -> Int? {
    let place = window * stride - padBefore + tap * dilation
    return (0..<size).contains(place) ? place : nil
  }

  /// The elements that a window reads, without those in the padding.
  func taps(of window: Int) -> [Int] {
    (0..<kernel).compactMap { place(of: $0, in: window) }
  }
}

/// The windows of a convolution or pooling over images; 1-D is a height of 1, 2-D a depth of 1.
struct WindowGeometry {
  /// The largest kernel, stride, dilation or pad: 2^24.
  static let limit = 1 << 24

  var z = WindowAxis.none
  var y: WindowAxis
  var x: WindowAxis
  var groups: Int
  /// How many spatial axes the file speaks of.
  var rank: Int

  /// The dimensions as the file counts them.
  ///
  /// - Parameter counts: Depth, height and width.
  func shape(_ channels: Int, _ counts: [Int]) -> [Int] { [1, channels] + counts.suffix(rank) }
}

extension Lowering {
  /// The data as images `[1, channels, height, width]` or signals `[1, channels, width]`.
  func imageShape(rank: Int? = nil) throws(NodeRefusal) -> [Int] {
    let rank = rank ?? data.shape.count
    guard (3...5).contains(rank), data.shape.count == rank else {
      let expected = (3...5).contains(rank) ? "rank \(rank)" : "rank 3 to 5 (1-D to 3-D)"
      throw NodeRefusal(
        "the data is \(shapeText(data.shape)) \(data.origin); expected \(expected)")
    }
    guard data.batchAxis == nil || data.batchAxis == 0 else { throw mixing("slides") }
    guard data.shape[0] == 1 else {
      throw NodeRefusal(
        "the data is \(shapeText(data.shape)) \(data.origin); expected a leading 1, one image at a"
          + " time")
    }
    return data.shape
  }

  /// The windows that the node's attributes describe over images of this shape.
  func windowGeometry(
    over shape: [Int], kernel: [Int], forTransposition: Bool = false
  ) throws(NodeRefusal) -> WindowGeometry {
    let rank = shape.count - 2
    if let named = try call.ints("kernel_shape"), named != kernel {
      throw NodeRefusal(
        "kernel_shape is \(shapeText(named)); expected \(shapeText(kernel)), as its weight has it")
    }
    let ones = [Int](repeating: 1, count: rank)
    let strides = try call.ints("strides") ?? ones
    let dilations = try call.ints("dilations") ?? ones
    var pads = try call.ints("pads") ?? [Int](repeating: 0, count: 2 * rank)
    let automatic = try call.string("auto_pad", default: "NOTSET")
    if automatic != "NOTSET" && !automatic.isEmpty { pads = [Int](repeating: 0, count: 2 * rank) }
    guard kernel.count == rank, strides.count == rank, dilations.count == rank,
      pads.count == 2 * rank
    else {
      throw NodeRefusal(
        "kernel \(shapeText(kernel)), strides \(shapeText(strides)), dilations"
          + " \(shapeText(dilations)), pads \(shapeText(pads)); expected \(rank) spatial axes")
    }
    try check("kernel_shape", kernel, from: 1)
    try check("strides", strides, from: 1)
    try check("dilations", dilations, from: 1)
    try check("pads", pads, from: 0)
    var axes = (0..<rank).map { axis in
      WindowAxis(
        size: shape[axis + 2], kernel: kernel[axis], stride: strides[axis],
        dilation: dilations[axis], padBefore: pads[axis], padAfter: pads[axis + rank])
    }
    if !forTransposition {
      for axis in axes.indices { try pad(&axes[axis], automatic) }
    }
    axes = [WindowAxis](repeating: .none, count: max(0, 3 - rank)) + axes
    let groups = try call.int("group", default: 1)
    return WindowGeometry(z: axes[0], y: axes[1], x: axes[2], groups: groups, rank: rank)
  }

  private func check(_ name: String, _ values: [Int], from least: Int) throws(NodeRefusal) {
    guard values.allSatisfy({ $0 >= least && $0 <= WindowGeometry.limit }) else {
      throw NodeRefusal(
        "\(name) are \(shapeText(values)); expected numbers from \(least) to"
          + " \(WindowGeometry.limit)")
    }
  }

  /// Fills in the padding that `auto_pad` asks for.
  private func pad(_ axis: inout WindowAxis, _ automatic: String) throws(NodeRefusal) {
    switch automatic {
    case "NOTSET", "", "VALID": return
    case "SAME_UPPER", "SAME_LOWER":
      let count = (axis.size + axis.stride - 1) / axis.stride
      let missing = (count - 1) * axis.stride + axis.extent - axis.size
      // Runtimes disagree: some cut data off, some ignore the dilation, some refuse. One element that no
      // window of a convolution needs lies behind the last one for all of them.
      let isPooling = node.operatorType.hasSuffix("Pool")
      if missing < (isPooling ? 0 : -1) || isPooling && axis.dilation > 1 {
        throw NodeRefusal(
          "auto_pad '\(automatic)' with strides beyond the window or dilations; expected pads")
      }
      let total = max(0, missing)
      let less = total / 2
      axis.padBefore = automatic == "SAME_UPPER" ? less : total - less
      axis.padAfter = total - axis.padBefore
    default:
      throw NodeRefusal.unknownPadding(automatic)
    }
  }

  /// The refusal of windows that are larger than what they slide over.
  func noWindow(_ geometry: WindowGeometry) -> NodeRefusal {
    let depth = data.shape.count == 5 ? "\(geometry.z.extent)x" : ""
    return NodeRefusal(
      "a window of \(depth)\(geometry.y.extent)x\(geometry.x.extent) does not fit the padded data"
        + " \(shapeText(data.shape)) \(data.origin)")
  }
}
