import Attack
import ReLUChain
import TestSupport
import Testing

/// Every point that an attack makes, held exactly to the region that it was asked for.
@Suite struct AttackRegionTests {
  /// Whether a point lies in the box, and in the l2 or l1 ball as far as rounding each of its features to
  /// binary32 allows.
  static func holds(_ region: AttackRegion, _ point: [Float]) -> Bool {
    let ends = zip(region.lower, region.upper)
    guard zip(point, ends).allSatisfy({ $0 >= $1.0 && $0 <= $1.1 }) else { return false }
    let changes = zip(point, region.center).map { (Rational($0) - Rational($1)).magnitude }
    let rounding = point.reduce(Rational.zero) { $0 + Rational(Double($1.ulp) / 2) }
    let reach = Rational(region.length) * Rational(1 + 0x1p-40) + rounding
    switch region.norm {
    case .linf: return true
    case .l1: return changes.reduce(.zero, +) <= reach
    case .l2: return changes.reduce(.zero) { $0 + $1 * $1 } <= reach * reach
    }
  }

  @Test("a centre outside of the box is moved to its nearest point", arguments: Norm.allCases)
  func center(norm: Norm) throws {
    let region = try #require(
      AttackRegion(
        center: [-1, 0.5, 2], lower: [0, 0, 0], upper: [1, 1, 1], norm: norm, length: 0.25))
    #expect(region.center == [0, 0.5, 1])
    // Nothing to gain: the point stays where it is.
    #expect(Self.holds(region, region.lowest(of: [0, 0, 0])))
  }

  @Test(
    "steps that one feature is too coarse for do not lead out of the ball",
    arguments: [Norm.l2, .l1])
  func coarseFeature(norm: Norm) throws {
    // Binary32 has 2^-14 between its numbers at 1000: a step back of a fiftieth of the radius is less than
    // half of that, while the other feature goes on.
    let length = 20 * Float(0x1p-14)
    let region = try #require(
      AttackRegion(
        center: [1000, 0], lower: [999, -1], upper: [1001, 1], norm: norm, length: length))
    var point = region.lowest(of: [-1, 0])
    #expect(point == [1000 + length, 0])
    for step in 0..<200 {
      region.step(&point, along: [0, 1], size: 0.02 * region.radius)
      #expect(Self.holds(region, point), "step \(step): \(point)")
    }
    #expect(point[1] > length / 4)
  }

  @Test(
    "an end that a difference of binary64 numbers loses is not passed", arguments: [Norm.l2, .l1])
  func lostEnd(norm: Norm) throws {
    // 1e10 - (1e10 - 1e-10) is 0 in binary64, and below the box.
    let region = try #require(
      AttackRegion(
        center: [1e10, 0], lower: [1e-10, -1], upper: [1e10, 1], norm: norm, length: 2e10))
    #expect(Self.holds(region, region.lowest(of: [1, 0])))
    var point = region.center
    region.step(&point, along: [-1, 0], size: region.radius)
    #expect(Self.holds(region, point) && point[0] < 1)
  }

  @Test(
    "points of any kind lie in the region, whatever the sizes of its features",
    arguments: Norm.allCases, seeds(20))
  func sizes(norm: Norm, seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    func size() -> Float {
      let exponent = Int.random(in: -20...20, using: &random)
      return Float(
        sign: .plus, exponent: exponent, significand: Float.random(in: 1..<2, using: &random))
    }
    let center = (0..<8).map { _ in size() * (random.chance(0.5) ? 1 : -1) }
    let region = try #require(
      AttackRegion(
        center: center, lower: center.map { $0 - size() }, upper: center.map { $0 + size() },
        norm: norm, length: size()))
    var stream = RandomStream(seed: seed, stream: 0)
    for _ in 0..<10 {
      var point = region.random(using: &stream)
      #expect(Self.holds(region, point), "\(region) has not \(point)")
      let coefficients = center.map { _ in Double.random(in: -1...1, using: &random) }
      #expect(Self.holds(region, region.lowest(of: coefficients)))
      guard norm != .linf else { continue }
      for _ in 0..<10 {
        let gradient = center.map { _ in Float.random(in: -1...1, using: &random) }
        let size = region.radius * Float.random(in: 0.01...2, using: &random)
        region.step(&point, along: gradient, size: size)
        #expect(Self.holds(region, point), "\(region) has not \(point)")
      }
    }
  }
}
