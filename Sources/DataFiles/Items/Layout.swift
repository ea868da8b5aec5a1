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
  /// into the order that the network's input shape shows, [C, H, W] or [H, W, C]; a flat input, and
  /// one that could be either, counts as [C, H, W].
  ///
  /// - Parameter itemShape: The shape of the data's items.
  /// - Parameter networkShape: The shape of the network's input, without the batch.
  /// - Parameter file: The data file, for messages.
  /// - Returns: For every feature of the network, the feature of the item; nil where they agree.
  public static func permutation(
    from itemShape: [Int], layout: Layout?, to networkShape: [Int], file: String
  ) throws(InputError) -> [Int]? {
    let fit = ShapeFit(itemShape: itemShape, networkShape: networkShape, file: file)
    guard fit.isSameCount else { throw fit.refusal() }
    guard let layout else {
      if fit.isSameOrder { return nil }
      throw fit.refusal(
        remedy: "say how the items are laid out: --layout nchw, nhwc or ncwh")
    }
    let target: (sizes: [Axis: Int], order: [Axis])
    if let image = threeAxes(itemShape) {
      let sizes = Dictionary(uniqueKeysWithValues: zip(layout.axes, image))
      guard let order = networkOrder(networkShape, sizes: sizes) else { throw fit.refusal() }
      target = (sizes, order)
    } else if let network = threeAxes(networkShape) {
      // The network alone knows the sizes of flat items.
      let order = Layout.nchw.axes
      target = (Dictionary(uniqueKeysWithValues: zip(order, network)), order)
    } else {
      throw fit.refusal(remedy: "--layout needs items, or a network, with two or three dimensions")
    }
    let order = gather(from: layout.axes, to: target.order, sizes: target.sizes)
    return order == Array(order.indices) ? nil : order
  }

  /// The shape as that of an image with three axes; a single channel may be left out.
  private static func threeAxes(_ shape: [Int]) -> [Int]? {
    var axes = shape[...]
    while axes.count > 3, axes.first == 1 { axes.removeFirst() }
    if axes.count == 2 { axes = [1] + axes }
    let isFlat = axes.count(where: { $0 > 1 }) < 2
    return axes.count == 3 && !isFlat ? Array(axes) : nil
  }

  /// The order in which the network reads an image of these sizes; nil where it reads another one.
  private static func networkOrder(_ shape: [Int], sizes: [Axis: Int]) -> [Axis]? {
    guard let network = threeAxes(shape) else { return Layout.nchw.axes }
    let orders = [Layout.nchw.axes, Layout.nhwc.axes]
    return orders.first { order in order.map { sizes[$0] ?? 0 } == network }
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
