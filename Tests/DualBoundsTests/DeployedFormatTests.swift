import TestSupport
import Testing

@Suite struct DeployedFormatTests {
  @Test("binary16 and bfloat16 round to the nearest number of the format, ties to even")
  func knownRoundings() {
    let half = DeployedFormat.binary16
    #expect(half.rounded(65504) == 65504 && half.rounded(65519.9) == 65504)
    #expect(half.rounded(65520) == .infinity && half.rounded(-70000) == -.infinity)
    #expect(half.rounded(2049) == 2048 && half.rounded(2051) == 2052)
    #expect(half.rounded(0x1p-25) == 0 && half.rounded(0x1.1p-25) == 0x1p-24)
    #expect(half.rounded(0.1) == 0x1.998p-4)
    let brain = DeployedFormat.bfloat16
    #expect(brain.rounded(257) == 256 && brain.rounded(259) == 260)
    #expect(brain.rounded(0.1) == 0x1.9ap-4 && brain.rounded(0x1p-134) == 0)
    #expect(brain.rounded(0x1.fep127) == 0x1.fep127 && brain.rounded(0x1.ffp127) == .infinity)
  }

  @Test("the ends of a box are the outermost numbers of the format inside it", arguments: seeds(60))
  func endsOfBoxes(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let center = Double.random(in: -2...2, using: &random)
    let box = ExactBox(center: [center], radius: [abs(center)])
    for format in DeployedFormat.allCases {
      let ends = try #require(DeployedBox(box, format))
      for (end, outward) in [(ends.lower[0], -1.0), (ends.upper[0], 1.0)] {
        #expect(format.rounded(end) == end && box.contains([Rational(end)]))
        // A step outward of a little more than half the spacing rounds to the next number.
        var step = 0x1p-1074
        while format.rounded(end + outward * step) == end { step *= 1.5 }
        let next = format.rounded(end + outward * step)
        #expect(!box.contains([Rational(next)]), "\(format): \(end), then \(next)")
      }
    }
  }
}
