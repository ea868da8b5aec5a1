import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReLUChain
import ReferenceSupport
import Testing

/// Algorithm 1 to the letter (`--rows all`), against the paper's own package, over balls of many sizes:
/// in large ones intervals show units stable that rows do not.
@Suite struct RowsTests {
  /// `fixtures/reference/algorithm1.json`.
  private struct Truth: Decodable {
    var labels: [Int]
    var networks: [String: [Answer]]
  }

  private struct Answer: Decodable {
    var epsilon: Double
    var margins: [[Double]]
    var unstable: [[Int]]
  }

  /// A network of hidden units whose weights have one sign each: there intervals and rows differ.
  private static let oneSided = "one-sided"
  static let names = DigitsReference.names + [oneSided]

  private static func answers(_ name: String) throws -> [Answer] {
    let path = "\(Place.fixtures)/reference/algorithm1.json"
    return try #require(try decoded(Truth.self, from: path).networks[name])
  }

  private static func certificates(
    _ name: String, _ answer: Answer, _ slopes: SlopeChoice, everyRow: Bool
  ) throws -> [Certificate] {
    let file = name == oneSided ? "reference/\(name).weights.json" : "digits/\(name).onnx"
    let chain = try ReferenceSupport.chain(at: "\(Place.fixtures)/\(file)")
    let examples = try Examples(
      "\(Place.fixtures)/digits/digits-test-images-idx3-ubyte", for: chain)
    var options = CertificationOptions(
      epsilons: [try Numeral("\(answer.epsilon)")], slopes: slopes, threads: 2)
    options.rows = everyRow ? .all : .open
    return try certify(
      chain: chain, source: examples.source(),
      indices: Array(answer.margins.indices), options: options)[0]
  }

  @Test(
    "margins and unstable units are the package's, from eps 0.3 to 1e-5",
    arguments: names)
  func algorithm(name: String) throws {
    let answers = try Self.answers(name)
    #expect(answers.map(\.epsilon) == [0.3, 0.15, 0.03, 0.003, 1e-5])
    for answer in answers {
      let found = try Self.certificates(name, answer, .fixed(.parallel), everyRow: true)
      #expect(found.count == 20)
      for (certificate, (margins, unstable)) in zip(found, zip(answer.margins, answer.unstable)) {
        let place = "eps \(answer.epsilon), example \(certificate.index)"
        let disagreement = Disagreement(certificate.margins, margins, within: .double)
        #expect(disagreement == nil, "\(place)")
        #expect(certificate.unstable == unstable, "\(place)")
      }
    }
  }

  @Test("where intervals decide first, some units count as stable that Algorithm 1 leaves open")
  func openRows() throws {
    var closed = 0
    for answer in try Self.answers(Self.oneSided) {
      let found = try Self.certificates(
        Self.oneSided, answer, .fixed(.parallel), everyRow: false)
      for (certificate, unstable) in zip(found, answer.unstable) {
        closed += certificate.unstable == unstable ? 0 : 1
      }
    }
    #expect(closed >= 10)
  }

  @Test(
    "no other slopes report less than Algorithm 1 where every row is asked for",
    arguments: names)
  func otherSlopes(name: String) throws {
    for answer in try Self.answers(name) where answer.epsilon < 0.3 {
      let parallel = try Self.certificates(name, answer, .fixed(.parallel), everyRow: true)
      for slopes in [SlopeChoice.auto, .fixed(.adaptive)] {
        let found = try Self.certificates(name, answer, slopes, everyRow: true)
        for (tighter, looser) in zip(found, parallel) {
          let isSame = zip(tighter.margins, looser.margins).allSatisfy { $0 >= $1 }
          #expect(isSame, "\(slopes), eps \(answer.epsilon), example \(tighter.index)")
        }
      }
    }
  }
}
