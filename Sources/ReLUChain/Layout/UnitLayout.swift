/// The order in which kernels keep a layer's units: position by position, channels inside.
///
/// The file's order is `[channels, height, width]`, row-major; the kernels' is
/// `[height, width, channels]`, so that all channels of a position are one vector.
package struct UnitLayout: Equatable, Sendable {
  package var channels: Int
  package var height: Int
  package var width: Int

  /// A layer of images, or of one position for each channel.
  package init(channels: Int, height: Int, width: Int) {
    (self.channels, self.height, self.width) = (channels, height, width)
  }

  /// A layer without positions: one position, every unit a channel; both orders agree.
  @inlinable
  package static func flat(_ count: Int) -> UnitLayout {
    UnitLayout(channels: count, height: 1, width: 1)
  }

  /// The number of units.
  @inlinable
  package var count: Int { channels * height * width }
  /// The number of positions.
  @inlinable
  package var positions: Int { height * width }

  /// The unit's number in the file's order.
  @inlinable
  package func logical(_ unit: Int) -> Int {
    unit % channels * positions + unit / channels
  }

  /// The kernels' number of a unit of the file.
  @inlinable
  package func physical(_ logical: Int) -> Int {
    logical % positions * channels + logical / positions
  }
}
