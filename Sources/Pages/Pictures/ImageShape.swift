/// How the features of an example lie in an image.
package struct ImageShape: Sendable, Equatable {
  package var height, width, channels: Int
  /// Whether the channels of a pixel stand together.
  package var isChannelLast: Bool

  /// The image that a shape means: [height, width], [channels, height, width] or [height, width,
  /// channels]; nil where it means none, or one that a page has no room for.
  package init?(_ shape: [Int]) {
    var axes = shape[...]
    while axes.count > 3, axes.first == 1 { axes.removeFirst() }
    if axes.count == 2 { axes = [1] + axes }
    guard axes.count == 3, axes.allSatisfy({ $0 > 0 }) else { return nil }
    let (first, middle, last) = (
      axes[axes.startIndex], axes[axes.startIndex + 1], axes[axes.startIndex + 2]
    )
    isChannelLast = last <= 4 && first > 4
    (height, width, channels) =
      isChannelLast ? (first, middle, last) : (middle, last, first)
    guard height > 1, width > 1, max(height, width) <= Self.longest else { return nil }
  }

  /// The most pixels of a side.
  private static let longest = 1024

  package var featureCount: Int { height * width * channels }

  /// The feature of a pixel's channel.
  package func feature(_ pixel: Int, _ channel: Int) -> Int {
    isChannelLast ? pixel * channels + channel : channel * height * width + pixel
  }

  /// The example as a picture: red, green and blue where it has three channels (of four, the first
  /// three), else the mean of its channels in grey.
  ///
  /// - Parameter range: the values that are black and white; others are cut to it.
  package func picture(_ features: [Double], range: ClosedRange<Double>) -> PNG {
    let isColoured = channels == 3 || channels == 4
    let width = range.upperBound - range.lowerBound
    func byte(_ value: Double) -> UInt8 {
      let share = width > 0 ? (value - range.lowerBound) / width : 0
      return UInt8((min(1, max(0, share)) * 255).rounded())
    }
    let pixels: [UInt8] = (0..<height * self.width).flatMap { pixel -> [UInt8] in
      let values = (0..<channels).map { features[feature(pixel, $0)] }
      return isColoured
        ? values.prefix(3).map(byte) : [byte(values.reduce(0, +) / Double(channels))]
    }
    return PNG(width: self.width, height: height, isColoured: isColoured, pixels: pixels)
  }

  /// What has to be added to one example to get another: white for nothing, blue for less and red for
  /// more, of each pixel the channel that moves most.
  ///
  /// - Parameter extent: the difference that gets the full colour, > 0.
  package func difference(from features: [Double], to others: [Double], extent: Double) -> PNG {
    let pixels: [UInt8] = (0..<height * width).flatMap { pixel -> [UInt8] in
      let moves = (0..<channels).map { channel in
        others[feature(pixel, channel)] - features[feature(pixel, channel)]
      }
      let most = moves.max { $0.magnitude < $1.magnitude } ?? 0
      let strength = min(1, most.magnitude / extent)
      let full: [Double] = most > 0 ? [184, 67, 0] : [0, 99, 163]
      return full.map { UInt8((255 + ($0 - 255) * strength).rounded()) }
    }
    return PNG(width: width, height: height, isColoured: true, pixels: pixels)
  }
}
