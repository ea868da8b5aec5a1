import FileAccess

/// How the values of one image follow each other in the data file: channels C, rows H, columns W.
public enum Layout: String, Sendable, CaseIterable {
  /// Channel by channel, row by row: PyTorch's order, and that of MNIST's and CIFAR's own files.
  case nchw
  /// Pixel by pixel, row by row, the channels of a pixel together: the order of pictures and of
  /// TensorFlow.
  case nhwc
  /// Channel by channel, column by column: MATLAB's order.
  case ncwh

  private enum Axis { case channel, row, column }

  private var axes: [Axis] {
    switch self {
    case .nchw: [.channel, .row, .column]
    case .nhwc: [.row, .column, .channel]
    case .ncwh: [.channel, .column, .row]
    }
  }

  /// The order in which a network reads the features of the data.
  ///
  /// Without a layout the features are read as they come, which is accepted only where both shapes
  /// mean the same order (28x28 fits [1, 28, 28], [784] and [784, 1]). With one, images are brought
  /// into the order that the network's input shape shows, [C, H, W] or [H, W, C]; a flat input counts
  /// as [C, H, W]. What could be either is refused.
  ///
  /// - Parameters:
  ///   - itemShape: The shape of the data's items.
  ///   - networkShape: The shape of the network's input, without the batch.
  ///   - channels: The number of channels, where it is known.
  ///   - file: The data file, for messages.
  /// - Returns: For every feature of the network, the feature of the item; nil where they agree.
  public static func permutation(
    from itemShape: [Int], layout: Layout?, to networkShape: [Int], channels: Int? = nil,
    file: String
  ) throws(InputError) -> [Int]? {
    let fit = ShapeFit(itemShape: itemShape, networkShape: networkShape, file: file)
    guard fit.isSameCount else { throw fit.refusal() }
    guard let layout else {
      if fit.isSameOrder { return nil }
      throw fit.refusal(
        remedy: "say how the items are laid out: --layout nchw, nhwc or ncwh")
    }
    let targets: [Target]
    if let image = threeAxes(itemShape, channel: layout.axes.firstIndex(of: .channel) ?? 0) {
      let sizes = Dictionary(uniqueKeysWithValues: zip(layout.axes, image))
      targets = self.targets(networkShape, sizes: sizes)
      guard !targets.isEmpty else { throw fit.refusal() }
      // Of a flat network nothing says that a picture without channels is meant.
      if layout != .nchw, threeAxes(networkShape, channel: 0) == nil, isOfPixels(itemShape) {
        throw undecided(itemShape, layout, networkShape, file: file)
      }
    } else if let network = threeAxes(networkShape, channel: 0) {
      if isOfPixels(networkShape) { throw undecided(itemShape, layout, networkShape, file: file) }
      // The network alone knows the sizes of flat items.
      let orders = networkShape.count == 2 ? [chw] : orders(network, channels: channels)
      targets = orders.map {
        Target(sizes: Dictionary(uniqueKeysWithValues: zip($0, network)), order: $0)
      }
    } else {
      throw fit.refusal(remedy: "--layout needs items, or a network, with two or three dimensions")
    }
    let found = targets.map { gather(from: layout.axes, to: $0.order, sizes: $0.sizes) }
    guard let order = found.first, found.allSatisfy({ $0 == order }) else {
      throw undecided(itemShape, layout, networkShape, file: file)
    }
    return order == Array(order.indices) ? nil : order
  }

  /// The shapes that a network's input may have that reads these images, channels first or last; none where they
  /// are no images.
  ///
  /// - Parameter itemShape: The shape of the data's items.
  public func networkShapes(of itemShape: [Int]) -> [[Int]] {
    guard itemShape.count == 3 else { return [] }
    let sizes = Dictionary(uniqueKeysWithValues: zip(axes, itemShape))
    let shapes = [Self.chw, Self.hwc].map { order in order.map { sizes[$0] ?? 0 } }
    return shapes[0] == shapes[1] ? [shapes[0]] : shapes
  }

  private static func undecided(
    _ itemShape: [Int], _ layout: Layout, _ networkShape: [Int], file: String
  ) -> InputError {
    InputError(
      file: SourceFile.name(of: file),
      found:
        "items of shape \(itemShape) with --layout \(layout.rawValue), for an input of \(networkShape)"
        + " that may have its channels first or last",
      expected: "shapes that say which axis has the channels",
      remedy:
        "give the items the three axes that they have (numpy.reshape, say), or give them as the"
        + " network reads them and leave --layout out")
  }

  /// Whether two axes look like those of pixels and their channels, and not like those of a picture.
  private static func isOfPixels(_ shape: [Int]) -> Bool {
    let axes = shape.filter { $0 > 1 }.sorted()
    return axes.count == 2 && axes[0] <= 4 && axes[1] >= 16
  }

  /// An order in which a network may read images.
  private struct Target {
    var sizes: [Axis: Int]
    var order: [Axis]
  }

  private static let (chw, hwc) = (Layout.nchw.axes, Layout.nhwc.axes)

  /// The shape as that of an image with three axes; a single channel may be left out.
  ///
  /// - Parameter channel: The place of the channels' axis.
  private static func threeAxes(_ shape: [Int], channel: Int) -> [Int]? {
    var axes = shape[...]
    while axes.count > 3, axes.first == 1 { axes.removeFirst() }
    var three = Array(axes)
    if three.count == 2 { three.insert(1, at: channel) }
    let isFlat = three.count(where: { $0 > 1 }) < 2
    return three.count == 3 && !isFlat ? three : nil
  }

  /// The orders in which the network may read an image of these sizes; none where it reads another one.
  private static func targets(_ shape: [Int], sizes: [Axis: Int]) -> [Target] {
    guard let network = threeAxes(shape, channel: 0) else {
      return [Target(sizes: sizes, order: chw)]
    }
    return [chw, hwc].filter { order in order.map { sizes[$0] ?? 0 } == network }
      .map { Target(sizes: sizes, order: $0) }
  }

  /// The orders that a network's own shape leaves: one where it tells, else both.
  private static func orders(_ shape: [Int], channels: Int?) -> [[Axis]] {
    let (first, last) = (shape[0], shape[2])
    let isKnown = channels == first || channels == last
    let isFirst = isKnown ? channels == first : looksLikeChannels(first, beside: shape[1], last)
    let isLast = isKnown ? channels == last : looksLikeChannels(last, beside: first, shape[1])
    return isFirst == isLast ? [chw, hwc] : [isFirst ? chw : hwc]
  }

  /// Whether an axis looks like that of the channels: four at most, of a picture that is square or wider
  /// than any number of colours.
  private static func looksLikeChannels(_ size: Int, beside rows: Int, _ columns: Int) -> Bool {
    size <= 4 && (rows == columns || min(rows, columns) >= 8)
  }

  private static func gather(
    from source: [Axis], to target: [Axis], sizes: [Axis: Int]
  ) -> [Int] {
    var strides: [Axis: Int] = [:]
    var stride = 1
    for axis in source.reversed() {
      strides[axis] = stride
      stride *= sizes[axis] ?? 1
    }
    return target.reduce([0]) { offsets, axis in
      offsets.flatMap { base in
        (0..<(sizes[axis] ?? 1)).map { base + $0 * (strides[axis] ?? 0) }
      }
    }
  }
}
