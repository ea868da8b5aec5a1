/// How the units of one layer lie in memory: position by position, channels inside, as the kernels
/// want them; the file's order is channel by channel.
struct UnitOrder: Equatable, Sendable {
  var channels: Int
  var height: Int
  var width: Int
  /// From one position to the next: `channels`, or more where whole vectors are written.
  var stride: Int

  /// A layer without positions; both orders agree.
  static func flat(_ count: Int) -> UnitOrder {
    UnitOrder(channels: count, height: 1, width: 1, stride: count)
  }

  /// The number of units.
  var count: Int { channels * positions }
  /// The number of positions.
  var positions: Int { height * width }
  /// The number of entries in memory.
  var extent: Int { positions * stride }
  /// Whether both orders agree.
  var isFileOrder: Bool { stride == channels && (channels == 1 || positions == 1) }

  /// Where a unit of the file lies.
  func place(_ unit: Int) -> Int { unit % positions * stride + unit / positions }
}
