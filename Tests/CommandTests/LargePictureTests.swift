import Foundation
import NumberSupport
import ReportTestSupport
import Testing

@Suite struct LargePictureTests {
  /// The mean of each channel decides, of pictures of noise that no format makes smaller.
  private static let network = """
    {"format": "certify-weights", "version": 1, "input": {"shape": [3, 224, 224]}, "layers": [
      {"type": "avgpool2d", "kernel": 224}, {"type": "flatten"},
      {"type": "dense", "weights": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "bias": [0, 0, 0]},
      {"type": "relu"},
      {"type": "dense", "weights": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "bias": [0, 0, 0]}]}
    """
  private static let side = 224

  /// Pictures with one brighter channel, from clearly to hardly so.
  private static func files(_ count: Int, _ scratch: Scratch) throws {
    var random = SeededGenerator(state: 224)
    var bytes: [UInt8] = [0, 0, 8, 4]
    for size in [count, 3, side, side] {
      withUnsafeBytes(of: UInt32(size).bigEndian) { bytes += $0 }
    }
    for index in 0..<count {
      for channel in 0..<3 {
        let offset: UInt8 = channel == 0 ? (index % 2 == 0 ? 60 : 4) : 0
        bytes += (0..<side * side).map { _ in UInt8.random(in: 0...128, using: &random) + offset }
      }
    }
    try Data(bytes).write(to: scratch.file("x-images.idx"))
    var labels: [UInt8] = [0, 0, 8, 1]
    withUnsafeBytes(of: UInt32(count).bigEndian) { labels += $0 }
    try Data(labels + [UInt8](repeating: 0, count: count)).write(to: scratch.file("x-labels.idx"))
    try Data(network.utf8).write(to: scratch.file("net.json"))
  }

  @Test("where pictures are large the page stays small, and every kind of example has some")
  func shares() throws {
    let scratch = try Scratch()
    try Self.files(24, scratch)
    let run = try Command.run(
      scratch.path("net.json"), "--data", scratch.path("x-images.idx"), "--eps", "0.05", "--radii",
      "off", "--counterexamples", scratch.path("c.npy"), "-o", scratch.path("r.json"), "--quiet")
    #expect(run.status == 0, "\(run)")
    let (text, page) = try ReportPageTests.page(
      scratch.path("r.json"), "--data", scratch.path("x-images.idx"), "--counterexamples",
      scratch.path("c.npy"))
    page.checkIsAlone()
    #expect(text.utf8.count < 3_000_000)
    #expect(page.words.contains("No picture: the page would be too large; --examples shows fewer."))
    let captions = page.all("figcaption").map(\.text).filter {
      $0.contains(/^(original|counterexample|difference)/)
    }
    // What is larger than its place on the page says so, and has its pixels merged, not left out.
    #expect(page.words.contains("Made smaller, from 224 × 224."), "\(captions)")
    #expect(page.all("img").allSatisfy { $0.attributes["class"] == "scaled" })
    #expect(page.words.contains("The difference is up to about 0.0"))
    // More originals than counterexamples: some of the certified have theirs.
    let originals = captions.count { $0.hasPrefix("original") }
    let counterexamples = captions.count { $0.hasPrefix("counterexample") }
    #expect(originals > counterexamples && counterexamples > 0, "\(captions)")
  }
}
