import Attack
import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReLUChain
import TestSupport
import Testing

/// Features that an attack cannot move, and the points that it saves.
@Suite struct FrozenFeatureTests {
  /// z_1 - z_0 = x_1 - 0.5 + 8 x_0 - 0.8: class 1 wins from about 0.5 on, if x_0 stays at 0.1.
  static let chain = denseChain([(rows: [[0, 0], [8, 1]], bias: [0, -1.3])])

  static func run(
    _ units: [Double], _ arithmetic: Arithmetic, center: [Double] = [0.1, 0],
    domain: Domain? = nil
  ) throws -> Certificate {
    let source = ExampleSource(
      featureCount: 2, isExact: true, label: { _ in 0 },
      copyFeatures: { _, target in (target[0], target[1]) = (center[0], center[1]) })
    let options = CertificationOptions(
      epsilons: [Numeral(exactly: 1)],
      shape: .weighted(units), arithmetic: arithmetic, domain: domain, attack: AttackOptions(),
      keepsCounterexamples: true)
    return try certify(chain: chain, source: source, indices: [0], options: options)[0][0]
  }

  @Test(
    "a radius too small for any number freezes its feature, is counted, and voids nothing",
    arguments: Arithmetic.allCases)
  func tinyRadius(arithmetic: Arithmetic) throws {
    let certificate = try Self.run([7e-19, 1], arithmetic)
    #expect(certificate.verdict == .falsified)
    let attack = try #require(certificate.attack)
    #expect(attack.frozen == 1)
    let found = try #require(attack.counterexample)
    let format: DeployedFormat =
      switch arithmetic {
      case .real, .float64: .binary64
      case .float32: .binary32
      case .float16: .binary16
      case .bfloat16: .bfloat16
      }
    #expect(found.point[0] == format.rounded(0.1))
    #expect(found.distance <= 1)
    #expect(8 * found.point[0] + found.point[1] > 1.3)
  }

  @Test("a feature without room rests at the data's own number, and is not counted")
  func noRoom() throws {
    for arithmetic in [Arithmetic.real, .float64] {
      let certificate = try Self.run([0, 1], arithmetic)
      let attack = try #require(certificate.attack)
      #expect(certificate.verdict == .falsified && attack.frozen == 0)
      #expect(attack.counterexample?.point[0] == 0.1)
    }
  }

  @Test("where no feature can move, the record says so")
  func nothingMoves() throws {
    let certificate = try Self.run([1e-19, 1e-19], .float32, center: [0.1, 0.50000001])
    let attack = try #require(certificate.attack)
    #expect(attack.frozen == 2 && attack.counterexample == nil)
    #expect(certificate.verdict == .unknown)
  }

  @Test("an example just outside its domain is attacked from where it is")
  func outsideDomain() throws {
    let certificate = try Self.run(
      [0, 1], .real, center: [-1e-8, 0.9], domain: Domain(lower: 0, upper: 2, inner: (0, 2)))
    let found = try #require(certificate.attack?.counterexample)
    #expect(found.point[0] == -1e-8 && found.point[1] <= 1.9)
  }
}
