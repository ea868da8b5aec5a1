import Attack
import ReLUChain
import TestSupport
import Testing

@Suite struct SearchTests {
  /// A region around small numbers; where a class wins there is up to the network.
  static func region(
    _ random: inout SeededGenerator, count: Int, norm: Norm = .linf
  ) -> AttackRegion? {
    let center = (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
    let width = (0..<count).map { _ in
      random.chance(0.1) ? 0 : Float.random(in: 0...0.5, using: &random)
    }
    return AttackRegion(
      center: center, lower: zip(center, width).map { $0 - $1 },
      upper: zip(center, width).map { $0 + $1 }, norm: norm,
      length: norm == .linf ? 0 : Float.random(in: 0...1, using: &random))
  }

  /// The distance from the centre in the region's norm.
  static func length(_ point: [Float], _ region: AttackRegion) -> Double {
    let changes = zip(point, region.center).map { abs(Double($0) - Double($1)) }
    switch region.norm {
    case .linf: return changes.max() ?? 0
    case .l2: return changes.reduce(0) { $0 + $1 * $1 }.squareRoot()
    case .l1: return changes.reduce(0, +)
    }
  }

  @Test(
    "every point that is offered lies in the region, for a class that wins there in binary32",
    arguments: Norm.allCases, seeds(100))
  func offeredPoints(norm: Norm, seed: UInt64) throws {
    var chains = RandomChains(seed: seed, style: .singles)
    let chain = chains.chain()
    let region = try #require(
      Self.region(&chains.random, count: chain.inputCount, norm: norm))
    let network = GradientNetwork(chain)
    let options = AttackOptions(steps: 7, restarts: 2, seed: seed)
    let rivals = Array(1..<chain.classCount)
    var offered = 0
    let outcome = Attacker(network, options: options).search(
      region, defended: 0, rivals: rivals, suggestions: [1: region.center.map { Double($0) }],
      stream: 3
    ) { point, rival in
      offered += 1
      #expect(zip(point, region.lower).allSatisfy { $0 >= $1 })
      #expect(zip(point, region.upper).allSatisfy { $0 <= $1 })
      // A rounding of binary32 for each of a few features.
      if norm != .linf { #expect(Self.length(point, region) <= Double(region.length) + 2e-6) }
      let logits = GradientWorkspace(network).logits(at: point)
      #expect(logits[rival] > logits[0])
      return -1e-3
    }
    #expect(!outcome.succeeds && !outcome.fgsmSucceeds)
    // FGSM; from the centre for every rival, from the suggestion for one; random starts for three.
    #expect(outcome.steps == 1 + 7 * (rivals.count + 1 + 2 * min(3, rivals.count)))
    // Each refusal raises what the next offer has to reach.
    #expect(offered <= outcome.steps + 2)
  }

  @Test("a search depends on its seed and its stream, and on nothing else")
  func repeatable() throws {
    var chains = RandomChains(seed: 5, style: .singles)
    chains.depths = 3...3
    let chain = chains.chain()
    let network = GradientNetwork(chain)
    let region = try #require(Self.region(&chains.random, count: chain.inputCount))
    func offered(_ attacker: Attacker, stream: UInt64) -> [[Float]] {
      var points: [[Float]] = []
      for defended in 0..<chain.classCount {
        _ = attacker.search(
          region, defended: defended, rivals: (0..<chain.classCount).filter { $0 != defended },
          suggestions: [:], stream: stream
        ) { point, _ in
          points.append(point)
          return -1e-6
        }
      }
      return points
    }
    let options = AttackOptions(steps: 5, restarts: 4, seed: 9)
    let attacker = Attacker(network, options: options)
    let first = offered(attacker, stream: 1)
    #expect(!first.isEmpty)
    #expect(offered(attacker, stream: 1) == first)
    #expect(offered(Attacker(network, options: options), stream: 1) == first)
  }

  @Test("FGSM takes one gradient, and reaches the only corner where a linear rival wins")
  func corner() throws {
    let (count, weights) = (20, (0..<20).map { $0 % 2 == 0 ? 1.0 : -1 })
    let chain = denseChain([(rows: [weights.map { _ in 0 }, weights], bias: [0, -9.5])])
    let region = try #require(
      AttackRegion(
        center: [Float](repeating: 0, count: count), lower: .init(repeating: -0.5, count: count),
        upper: .init(repeating: 0.5, count: count)))
    for kind in AttackOptions.Kind.allCases {
      var found: [Float] = []
      let outcome = Attacker(GradientNetwork(chain), options: AttackOptions(kind: kind)).search(
        region, defended: 0, rivals: [1], suggestions: [:], stream: 0
      ) { point, rival in
        found = point
        return rival == 1 ? 0.5 : -1
      }
      #expect(outcome.succeeds && outcome.fgsmSucceeds && outcome.steps == 1)
      #expect(found == weights.map { Float($0) / 2 })
    }
  }

  @Test("a proven margin of 0 is no success", arguments: AttackOptions.Kind.allCases)
  func proofOfATie(kind: AttackOptions.Kind) throws {
    let chain = denseChain([(rows: [[0], [0]], bias: [0, 1])])
    let region = try #require(AttackRegion(center: [0], lower: [-1], upper: [1]))
    var asked = 0
    let outcome = Attacker(GradientNetwork(chain), options: AttackOptions(kind: kind)).search(
      region, defended: 0, rivals: [1], suggestions: [:], stream: 0
    ) { _, _ in
      asked += 1
      return 0
    }
    #expect(asked > 0 && !outcome.succeeds && !outcome.fgsmSucceeds)
  }

  @Test("a class beyond a ridge, where FGSM fails, is reached by PGD")
  func ridge() throws {
    // z_1 - z_0 = relu(x - 1) + relu(-x - 0.5) - 0.8 at the centre 0.9: downhill at first.
    let chain = denseChain(
      [[1], [-1]], [-1, -0.5], [[0, 0], [1, 1]], [0, -0.8])
    let region = try #require(AttackRegion(center: [0.9], lower: [-2.1], upper: [1.1]))
    func succeeds(_ kind: AttackOptions.Kind) -> Bool {
      Attacker(GradientNetwork(chain), options: AttackOptions(kind: kind)).search(
        region, defended: 0, rivals: [1], suggestions: [:], stream: 0
      ) { point, _ in
        Double(max(point[0] - 1, 0) + max(-point[0] - 0.5, 0) - 0.8)
      }.succeeds
    }
    #expect(!succeeds(.fgsm))
    #expect(succeeds(.pgd))
  }

  @Test(
    "the lowest point of a linear function is that of the sorted list, and of Lagrange's condition",
    arguments: [Norm.l2, .l1], seeds(60))
  func lowestPoints(norm: Norm, seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let region = try #require(Self.region(&random, count: 12, norm: norm))
    let slope = (0..<12).map { _ in Double.random(in: -1...1, using: &random) }
    let point = region.lowest(of: slope)
    func value(_ point: [Float]) -> Double {
      zip(slope, point).reduce(0) { $0 + $1.0 * Double($1.1) }
    }
    #expect(Self.length(point, region) <= Double(region.length) + 2e-6)
    // No drawn point of the region is lower, nor is one near the best that moves two features.
    for _ in 0..<400 {
      var other = point
      let change = Float.random(in: 0...0.05, using: &random)
      let (gains, loses) = (
        Int.random(in: 0..<12, using: &random), Int.random(in: 0..<12, using: &random)
      )
      other[gains] -= slope[gains] > 0 ? change : -change
      other[loses] +=
        (region.center[loses] - other[loses]) * Float.random(in: 0...1, using: &random)
      other = other.indices.map { min(max(other[$0], region.lower[$0]), region.upper[$0]) }
      guard Self.length(other, region) <= Double(region.length) else { continue }
      #expect(value(point) <= value(other) + 2e-6)
    }
    let start = region.center
    #expect(value(point) <= value(start))
    for draw in 0..<20 {
      var stream = RandomStream(seed: seed, stream: UInt64(draw))
      let drawn = region.random(using: &stream)
      #expect(Self.length(drawn, region) <= Double(region.length) + 2e-6)
      #expect(value(point) <= value(drawn) + 2e-6)
    }
  }

  @Test("an empty region and one without end are none")
  func noRegion() {
    #expect(AttackRegion(center: [0], lower: [0], upper: [0], norm: .l2, length: -1) == nil)
    #expect(AttackRegion(center: [0], lower: [0], upper: [0], norm: .l1, length: .nan) == nil)
    #expect(AttackRegion(center: [0], lower: [1], upper: [0]) == nil)
    #expect(AttackRegion(center: [0], lower: [-.infinity], upper: [0]) == nil)
    #expect(AttackRegion(center: [0], lower: [.nan], upper: [0]) == nil)
  }
}

@Suite struct RandomStreamTests {
  @Test("every seed and every stream has numbers of its own")
  func ownNumbers() {
    var seen: Set<[UInt64]> = []
    for seed in UInt64(0)..<40 {
      for stream in UInt64(0)..<40 {
        var random = RandomStream(seed: seed, stream: stream)
        seen.insert((0..<3).map { _ in random.next() })
      }
    }
    #expect(seen.count == 1600)
  }

  @Test("random starts depend on the seed and on the example's stream")
  func starts() throws {
    // z_1 - z_0 is a hill from 0 to 0.8, and flat elsewhere: only a random start finds it.
    let chain = denseChain(
      [[1], [1], [1]], [0, -0.4, -0.8], [[0, 0, 0], [4, -8, 4]], [0, -0.5])
    let region = try #require(AttackRegion(center: [-0.5], lower: [-1], upper: [1]))
    func found(seed: UInt64, stream: UInt64) -> [Float]? {
      var found: [Float]?
      _ = Attacker(
        GradientNetwork(chain), options: AttackOptions(steps: 2, restarts: 3, seed: seed)
      ).search(region, defended: 0, rivals: [1], suggestions: [:], stream: stream) { point, _ in
        found = point
        return 1
      }
      return found
    }
    #expect(found(seed: 1, stream: 1) == found(seed: 1, stream: 1))
    #expect(Set((0..<40).map { found(seed: $0, stream: 1) }).count > 10)
    #expect(Set((0..<40).map { found(seed: 1, stream: $0) }).count > 10)
  }
}
