import Glibc

/// A random number generator whose whole state is one printed number (SplitMix64).
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Starts the sequence that belongs to `state`.
  public init(state: UInt64) {
    self.state = state
  }

  /// Draws 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Decides with the given probability.
  public mutating func chance(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &self) < probability
  }

  /// Draws one of `choices`; `fallback` where there is none.
  public mutating func pick<Choice>(_ choices: [Choice], or fallback: Choice) -> Choice {
    choices.randomElement(using: &self) ?? fallback
  }
}

/// The seeds of a random test: `usual` of them, or as many times more as the environment variable
/// `CERTIFY_CAMPAIGN` says.
public func seeds(_ usual: UInt64) -> Range<UInt64> {
  let factor = getenv("CERTIFY_CAMPAIGN").flatMap { UInt64(String(cString: $0)) } ?? 1
  return 0..<usual * max(1, min(factor, 1_000_000))
}
