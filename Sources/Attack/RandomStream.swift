/// Pseudo-random numbers that depend on a seed and a stream number alone (SplitMix64: Steele, Lea and
/// Flood 2014).
package struct RandomStream: RandomNumberGenerator {
  private var state: UInt64

  /// Starts one of the streams of a seed; an example has its own, whoever works on it.
  package init(seed: UInt64, stream: UInt64) {
    state = seed
    state = next() ^ stream
    state = next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A number of [0, 1), one of 2^24.
  mutating func fraction() -> Float { Float(next() >> 40) * 0x1p-24 }
}
