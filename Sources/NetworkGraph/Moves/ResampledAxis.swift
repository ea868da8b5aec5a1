/// One axis of Resize or Upsample.
struct ResampledAxis: Equatable {
  /// Which axis it is.
  var axis: Int
  /// How many elements it has, and how many are made of them.
  var count, made: Int
  /// What positions are computed with: where sizes are given, their quotient.
  var scale: Double

  /// Whether its elements stay what they are.
  var isCopied: Bool { count == made && scale == 1 }
}

/// `coordinate_transformation_mode`: where on an axis a new element lies among the old ones.
enum SamplePosition: String, CaseIterable {
  case asymmetric
  case alignedCorners = "align_corners"
  case halfPixel = "half_pixel"
  case symmetricHalfPixel = "half_pixel_symmetric"
  case halfPixelOfPyTorch = "pytorch_half_pixel"
  case halfPixelForNearest = "tf_half_pixel_for_nn"

  /// The position of a new element, in the arithmetic of its number.
  func place<Number: BinaryFloatingPoint>(of index: Number, _ axis: ResampledAxis) -> Number {
    let (count, made) = (Number(axis.count), Number(axis.made))
    let scale = Number(axis.scale)
    switch self {
    case .asymmetric: return index / scale
    case .halfPixelForNearest: return (index + 0.5) / scale
    case .halfPixel: return (index + 0.5) / scale - 0.5
    case .halfPixelOfPyTorch: return made > 1 ? (index + 0.5) / scale - 0.5 : 0
    case .symmetricHalfPixel:
      // What a whole number of elements leaves over is divided among both ends.
      let offset = count / 2 * (1 - made / (scale * count))
      return offset + (index + 0.5) / scale - 0.5
    case .alignedCorners: return made > 1 ? index * (count - 1) / (made - 1) : 0
    }
  }
}

extension OperatorCall {
  /// Whether it is one of the early versions, which know no rules for positions.
  var isPlainResampling: Bool { node.operatorType == "Upsample" || opsetVersion < 11 }

  /// Where new elements lie.
  func samplePosition() throws(NodeRefusal) -> SamplePosition {
    if isPlainResampling { return .asymmetric }
    let name = try string("coordinate_transformation_mode", default: "half_pixel")
    guard let position = SamplePosition(rawValue: name) else {
      let known = SamplePosition.allCases.map(\.rawValue)
      throw NodeRefusal(
        "coordinate_transformation_mode is '\(name)'; expected \(known.dropLast().joined(separator: ", "))"
          + " or \(known.last ?? "")")
    }
    return position
  }

  /// The axes that are resampled, of which some may stay what they are.
  func resampledAxes(_ shape: [Int]) throws(NodeRefusal) -> [ResampledAxis] {
    let axes =
      try (ints("axes") ?? Array(shape.indices)).map { (axis) throws(NodeRefusal) in
        try normalizedAxis(axis, rank: shape.count)
      }
    guard Set(axes).count == axes.count else {
      throw NodeRefusal("axes are \(shapeText(axes)); expected each once")
    }
    let result = try sizes(shape, axes)
    for axis in result {
      guard axis.made >= 1, axis.made <= max(Self.axisLimit, axis.count) else {
        throw NodeRefusal("makes \(axis.made) elements of \(axis.count) along axis \(axis.axis)")
      }
    }
    return result
  }

  /// How many elements each axis gets, and the scale that positions are computed with.
  private func sizes(_ shape: [Int], _ axes: [Int]) throws(NodeRefusal) -> [ResampledAxis] {
    let policy = try string("keep_aspect_ratio_policy", default: "stretch")
    guard ["stretch", "not_larger", "not_smaller"].contains(policy) else {
      throw NodeRefusal(
        "keep_aspect_ratio_policy is '\(policy)'; expected stretch, not_larger or not_smaller")
    }
    if !isPlainResampling, hasInput(3),
      let sizes = try integers(input: 3, attribute: "sizes")
    {
      guard sizes.count == axes.count, sizes.allSatisfy({ $0 > 0 }) else {
        throw NodeRefusal("\(sizes.count) sizes; expected \(axes.count), each above 0")
      }
      let given = zip(axes, sizes).map { axis, size in
        ResampledAxis(
          axis: axis, count: shape[axis], made: size,
          scale: Double(size) / Double(max(1, shape[axis])))
      }
      return policy == "stretch" ? given : try given.map(scaledAlike(given, policy))
    }
    var scales: [Double] = []
    if case .floats(let values) = node.attributes["scales"] {
      scales = values
    } else {
      scales = try constant(isPlainResampling ? 1 : 2, "scales").doubles
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
      return ResampledAxis(axis: axis, count: shape[axis], made: Int(count), scale: scale)
    }
  }

  /// One scale for all axes, the least or the greatest that the sizes ask for.
  private func scaledAlike(
    _ axes: [ResampledAxis], _ policy: String
  ) -> (ResampledAxis) throws(NodeRefusal) -> ResampledAxis {
    let scales = axes.map(\.scale)
    let scale = (policy == "not_larger" ? scales.min() : scales.max()) ?? 1
    return { (axis) throws(NodeRefusal) in
      let count = Double(axis.count) * scale
      // A half is rounded up, where the quotient is a number of binary32; else its own rounding decides.
      let isExact =
        FloatFormat.binary32.represents(scale) && FloatFormat.binary32.represents(count)
        && axes.contains { Double($0.made) == Double($0.count) * scale }
      guard count < 0x1p22, isExact || (count - count.rounded(.down) - 0.5).magnitude > 1e-4 else {
        throw NodeRefusal(
          "keep_aspect_ratio_policy makes \(count) elements of \(axis.count), which depends on"
            + " rounding; expected stretch, or sizes of the same quotient")
      }
      var result = axis
      (result.made, result.scale) = (Int(count.rounded()), scale)
      return result
    }
  }
}
