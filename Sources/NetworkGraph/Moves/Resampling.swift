/// Resize and Upsample by the nearest element, which only repeat or leave out elements.
extension OperatorCall {
  func resized(_ shape: [Int]) throws(NodeRefusal) -> Rearrangement {
    let mode = try string("mode", default: "nearest")
    guard mode == "nearest" else {
      throw NodeRefusal("resampling by interpolation (mode '\(mode)'); expected nearest")
    }
    let rule = NearestRule(
      position: try samplePosition(),
      rounding: isPlainResampling ? "" : try string("nearest_mode", default: "round_prefer_floor"))
    var map = AxisMap(identity: shape)
    for axis in try resampledAxes(shape) {
      map.axes[axis.axis].indices = try rule.indices(axis)
    }
    return Rearrangement(map: map)
  }
}

/// Which element of an axis is the nearest.
private struct NearestRule {
  var position: SamplePosition
  /// `nearest_mode`; empty in the early versions that have none.
  var rounding: String

  /// The element that each of the new ones takes.
  func indices(_ axis: ResampledAxis) throws(NodeRefusal) -> [Int] {
    let (count, made, scale) = (axis.count, axis.made, axis.scale)
    if axis.isCopied { return Array(0..<count) }
    // With whole scales, or parts of one, every position is exact in binary64.
    let isExact = scale == scale.rounded() || 1 / scale == (1 / scale).rounded()
    let taken = try (0..<made).map { (index) throws(NodeRefusal) in
      let x = position.place(of: Double(index), axis)
      // Runtimes compute in binary32, in which 1 / 41 is not as exact.
      let single = Double(position.place(of: Float(index), axis))
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
