/// A subset of the examples, drawn at random without replacement; the same one everywhere.
///
/// Floyd's algorithm (Bentley and Floyd 1987) over SplitMix64 (Steele, Lea and Flood 2014): for each
/// `top` from `n - count` to `n - 1` a position `p` is drawn from `0...top`; where `p` is taken
/// already, `top` is taken instead. A number below `b` is the generator's next output `r` modulo
/// `b`, where outputs below `2^64 mod b` are passed over. Every subset is equally likely.
public struct ExampleSample: Sendable, Equatable {
  /// The number of examples drawn.
  public var count: Int
  /// The generator's first state.
  public var seed: UInt64

  /// Describes a sample.
  public init(count: Int, seed: UInt64) {
    (self.count, self.seed) = (count, seed)
  }

  /// The positions drawn, ascending; all of them where there are no more than `count`.
  ///
  /// - Complexity: O(count log count), whatever the population.
  public func positions(of population: Range<Int>) -> [Int] {
    guard count < population.count else { return Array(population) }
    var generator = SplitMix64(state: seed)
    var chosen = Set<Int>()
    chosen.reserveCapacity(count)
    for top in (population.count - count)..<population.count {
      let drawn = Int(generator.next(below: UInt64(top) + 1))
      if !chosen.insert(drawn).inserted { chosen.insert(top) }
    }
    return chosen.map { population.lowerBound + $0 }.sorted()
  }
}

/// The generator of a sample.
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number of `0..<bound`, each equally likely.
  mutating func next(below bound: UInt64) -> UInt64 {
    let passedOver = (0 &- bound) % bound
    while true {
      let output = next()
      if output >= passedOver { return output % bound }
    }
  }
}
