import Foundation
import NumberSupport
import ReportTestSupport
import Testing

import Pages

@Suite struct PictureTests {
  @Test("a raster that is written as PNG is read again byte for byte", arguments: UInt64(0)..<20)
  func png(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let (width, height) = (
      Int.random(in: 1...40, using: &random), Int.random(in: 1...40, using: &random)
    )
    for isColoured in [false, true] {
      let pixels = (0..<width * height * (isColoured ? 3 : 1)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      let file = PNG(width: width, height: height, isColoured: isColoured, pixels: pixels).bytes
      let read = try #require(PNGRaster(file), "seed \(seed)")
      #expect((read.width, read.height, read.channels) == (width, height, isColoured ? 3 : 1))
      #expect(read.pixels == pixels)
    }
  }

  @Test("bytes in base 64 are Foundation's")
  func base64() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ 7) }
      #expect(Base64.text(bytes) == Data(bytes).base64EncodedString())
    }
  }

  @Test("images are shapes of two or three axes, channels first or last; vectors are none")
  func shapes() {
    #expect(ImageShape([784]) == nil && ImageShape([1, 784]) == nil && ImageShape([]) == nil)
    #expect(ImageShape([2, 3, 4, 5]) == nil)
    for (shape, height, width, channels, isLast) in [
      ([28, 27], 28, 27, 1, false), ([1, 28, 27], 28, 27, 1, false),
      ([3, 32, 31], 32, 31, 3, false), ([32, 31, 3], 32, 31, 3, true),
      ([1, 1, 8, 9], 8, 9, 1, false),
    ] {
      let image = ImageShape(shape)
      #expect((image?.height, image?.width, image?.channels) == (height, width, channels))
      #expect(image?.isChannelLast == isLast)
    }
  }

  @Test("a feature has its pixel and its channel in either order, cut to black and white")
  func pixels() throws {
    let first = try #require(ImageShape([3, 2, 2]))
    let planes: [Double] = [0, 1, 0, 0, 0, 0, 1, 0, 2, -1, 0, 0.5]
    let picture = first.picture(planes, range: 0...1)
    #expect(picture.isColoured)
    #expect(picture.pixels == [0, 0, 255, 255, 0, 0, 0, 255, 0, 0, 0, 128])
    let last = try #require(ImageShape([5, 2, 3]))
    let values = (0..<30).map(Double.init)
    #expect(last.picture(values, range: 0...255).pixels == (0..<30).map { UInt8($0) })
    let grey = try #require(ImageShape([2, 3]))
    #expect(
      grey.picture([0, 51, 102, 153, 204, 255], range: 0...255).pixels == [
        0, 51, 102, 153, 204, 255,
      ])
    // Two channels: their mean.
    let pair = try #require(ImageShape([2, 2, 2]))
    #expect(pair.picture([0, 1, 0, 1, 1, 1, 0, 0], range: 0...1).pixels == [128, 255, 0, 128])
  }

  @Test("a difference is white where nothing moves, red for more and blue for less")
  func difference() throws {
    let image = try #require(ImageShape([2, 2]))
    let picture = image.difference(from: [0, 0, 0, 0], to: [0, 1, -1, 0.5], extent: 1)
    #expect(picture.pixels == [255, 255, 255, 184, 67, 0, 0, 99, 163, 220, 161, 128])
  }
}
