/// Resize and Upsample by the nearest element, which only repeat or leave out elements.
extension OperatorCall {
  func resized(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let mode = try string("mode", default: "nearest")
    guard mode == "nearest" else {
      throw NodeRefusal("resampling by interpolation (mode '\(mode)'); expected nearest")
    }
    let isPlain = node.operatorType == "Upsample" || opsetVersion < 11
    let rule = ResamplingRule(
      position: isPlain
        ? "asymmetric" : try string("coordinate_transformation_mode", default: "half_pixel"),
      rounding: isPlain ? "" : try string("nearest_mode", default: "round_prefer_floor"))
    let axes =
      try (ints("axes") ?? Array(shape.indices)).map { (axis) throws(NodeRefusal) in
        try normalizedAxis(axis, rank: shape.count)
      }
    let policy = try string("keep_aspect_ratio_policy", default: "stretch")
    guard policy == "stretch" else {
      throw NodeRefusal("keep_aspect_ratio_policy is '\(policy)'; expected stretch")
    }
    var map = AxisMap(identity: shape)
    for (axis, size) in zip(axes, try sizes(shape, axes, isPlain: isPlain)) {
      guard size.count >= 1, size.count <= max(Self.axisLimit, shape[axis]) else {
        throw NodeRefusal("makes \(size.count) elements of \(shape[axis]) along axis \(axis)")
      }
      map.axes[axis].indices = try rule.indices(shape[axis], to: size.count, scale: size.scale)
    }
    return Rearrangement(map: map)
  }

  /// How many elements each axis gets, and the scale that positions are computed with.
  private func sizes(
    _ shape: [Int], _ axes: [Int], isPlain: Bool
  ) throws(NodeRefusal) -> [(count: Int, scale: Double)] {
    if !isPlain, hasInput(3), let sizes = try integers(input: 3, attribute: "sizes") {
      guard sizes.count == axes.count else {
        throw NodeRefusal("\(sizes.count) sizes; expected \(axes.count)")
      }
      return zip(axes, sizes).map { ($1, Double($1) / Double(max(1, shape[$0]))) }
    }
    var scales: [Double] = []
    if case .floats(let values) = node.attributes["scales"] {
      scales = values
    } else {
      scales = try constant(isPlain ? 1 : 2, "scales").doubles
    }
    guard scales.count == axes.count, scales.allSatisfy({ $0 > 0 && $0 < 0x1p22 }) else {
      throw NodeRefusal("\(scales.count) scales; expected \(axes.count) positive numbers")
    }
    return try zip(axes, scales).map { (axis, scale) throws(NodeRefusal) in
      let count = (Double(shape[axis]) * scale).rounded(.down)
      // Runtimes multiply in binary32, where 10 x 0.7 is 7.
      guard count == Double((Float(shape[axis]) * Float(scale)).rounded(.down)) else {
        throw NodeRefusal(
          "how many elements \(shape[axis]) become depends on rounding with a scale of \(scale);"
            + " expected sizes")
      }
      return (Int(count), scale)
    }
  }
}

/// Which element of an axis is the nearest.
private struct ResamplingRule {
  /// `coordinate_transformation_mode`.
  var position: String
  /// `nearest_mode`; empty in the early versions that have none.
  var rounding: String

  /// The element that each of the `made` new ones takes.
  func indices(_ count: Int, to made: Int, scale: Double) throws(NodeRefusal) -> [Int] {
    if count == made, scale == 1 { return Array(0..<count) }
    // With whole scales, or parts of one, every position is exact in binary64.
    let isExact = scale == scale.rounded() || 1 / scale == (1 / scale).rounded()
    let taken = try (0..<made).map { (index) throws(NodeRefusal) in
      let x = try place(of: Double(index), count, made, scale)
      // Runtimes compute in binary32, in which 1 / 41 is not as exact.
      let single = Double(try place(of: Float(index), count, made, Float(scale)))
      let slack = isExact ? 0 : 1e-4 * (1 + x.magnitude)
      func element(at x: Double, shrinks: Bool) throws(NodeRefusal) -> Int {
        min(max(Int(try rounded(x, shrinks: shrinks)), 0), count - 1)
      }
      let nearest = try element(at: x - slack, shrinks: false)
      for other in [x - slack, x + slack, single] {
        guard try element(at: other, shrinks: scale < 1) == nearest else {
          throw depends(on: scale)
        }
      }
      return nearest
    }
    // As many elements as before are another matter: some runtimes copy them.
    guard count != made || taken == Array(0..<count) else { throw depends(on: scale) }
    return taken
  }

  private func depends(on scale: Double) -> NodeRefusal {
    NodeRefusal(
      "which element is the nearest depends on rounding with a scale of \(scale); expected a whole"
        + " scale")
  }

  private func place<Number: BinaryFloatingPoint>(
    of index: Number, _ count: Int, _ made: Int, _ scale: Number
  ) throws(NodeRefusal) -> Number {
    switch position {
    case "asymmetric": return index / scale
    case "tf_half_pixel_for_nn": return (index + 0.5) / scale
    case "half_pixel": return (index + 0.5) / scale - 0.5
    case "pytorch_half_pixel": return made > 1 ? (index + 0.5) / scale - 0.5 : 0
    case "align_corners": return made > 1 ? index * Number(count - 1) / Number(made - 1) : 0
    default:
      throw NodeRefusal(
        "coordinate_transformation_mode is '\(position)'; expected asymmetric, half_pixel,"
          + " pytorch_half_pixel, tf_half_pixel_for_nn or align_corners")
    }
  }

  /// - Parameter shrinks: Whether elements are left out, for which some runtimes round up where the
  ///   file cannot say.
  private func rounded(_ x: Double, shrinks: Bool) throws(NodeRefusal) -> Double {
    switch rounding {
    case "": return x.rounded(shrinks ? .up : .down)
    case "floor": return x.rounded(.down)
    case "ceil": return x.rounded(.up)
    case "round_prefer_floor": return (x - 0.5).rounded(.up)
    case "round_prefer_ceil": return (x + 0.5).rounded(.down)
    default:
      throw NodeRefusal(
        "nearest_mode is '\(rounding)'; expected floor, ceil, round_prefer_floor or"
          + " round_prefer_ceil")
    }
  }
}
