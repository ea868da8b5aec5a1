import Attack
import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReLUChain
import TestSupport
import Testing

/// Bounds of exactly 0, which only say that a class does not lose: never a certificate, never a
/// counterexample, and a loss only for the higher of two labels.
@Suite struct MarginOfZeroTests {
  /// `z_1 - z_0 = 2^-44` at the only example, hidden in a charge for rounding that `size` brings to the
  /// very same number; `isReversed` exchanges the classes.
  private static func chain(size: Double, isReversed: Bool) -> ReLUChain {
    // Features of odd numbers are summed apart from the bias where an attack evaluates the network: it sees
    // that z_1 is larger.
    let rows = [[0, size, 0, -size], [0, 1, 0, -1]]
    let bias = [0, 0x1p-44]
    return denseChain([isReversed ? (rows.reversed(), bias.reversed()) : (rows, bias)])
  }

  /// The margin of the winner over the loser.
  private static func margin(_ chain: ReLUChain, isReversed: Bool) -> Double {
    let (winner, loser) = isReversed ? (0, 1) : (1, 0)
    let ones = [Double](repeating: 1, count: 4)
    return BoundWorkspace(BoundProblem(chain)).margins(
      over: Ball(center: ones, radius: ones.map { _ in 0 }), specificationClass: winner
    ).margins[loser]
  }

  /// The chain whose margin is 0, by bisection.
  private static func balanced(isReversed: Bool) throws -> ReLUChain {
    var (low, high) = (0.0, 64.0)
    for _ in 0..<200 {
      let middle = 0.5 * (low + high)
      let chain = chain(size: middle, isReversed: isReversed)
      let margin = margin(chain, isReversed: isReversed)
      if margin == 0 { return chain }
      if margin > 0 { low = middle } else { high = middle }
    }
    throw NoBalance()
  }

  private struct NoBalance: Error {}

  private static func certificate(
    _ chain: ReLUChain, label: Int, slopes: SlopeChoice = .fixed(.parallel)
  ) throws -> Certificate {
    let source = ExampleSource(
      featureCount: 4, isExact: true, label: { _ in label },
      copyFeatures: { _, target in for feature in 0..<4 { target[feature] = 1 } })
    let options = CertificationOptions(
      epsilons: [Numeral(exactly: 0)], slopes: slopes,
      attack: AttackOptions())
    return try certify(chain: chain, source: source, indices: [0], options: options)[0][0]
  }

  @Test("no certificate for the class that wins by it", arguments: [false, true])
  func certified(isReversed: Bool) throws {
    let chain = try Self.balanced(isReversed: isReversed)
    let found = try Self.certificate(chain, label: isReversed ? 0 : 1)
    #expect(found.margin == 0 && found.verdict == .unknown)
  }

  @Test("no counterexample, and no loss but for the higher label", arguments: [false, true])
  func lost(isReversed: Bool) throws {
    let chain = try Self.balanced(isReversed: isReversed)
    let found = try Self.certificate(chain, label: isReversed ? 1 : 0)
    #expect(found.margin < 0)
    #expect(found.verdict == (isReversed ? .misclassified : .unknown))
    if !isReversed {
      let attack = try #require(found.attack)
      #expect(attack.counterexample == nil && !attack.fgsmSucceeds)
    }
  }
}
