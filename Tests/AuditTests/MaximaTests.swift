import Audit
import NumberSupport
import ProofRecords
import Testing

/// What an audit makes of maxima, and of sums that only look like them. All numbers are dyadic.
@Suite struct MaximaTests {
  /// Four numbers that are not negative, each of an input of its own: the ends of each.
  private struct Leaves {
    var low, high: [Double]

    init(_ random: inout SeededGenerator) {
      let ends = (0..<4).map { _ in
        (0..<2).map { _ in Double(Int.random(in: -64...256, using: &random)) / 64 }.sorted()
      }
      (low, high) = (ends.map { $0[0] }, ends.map { $0[1] })
    }

    /// The greatest that the largest can be, and the least.
    var most: Double { max(0, high.max() ?? 0) }
    var least: Double { max(0, low.max() ?? 0) }
  }

  private static func sums(_ weights: [[Double]]) throws -> OperatorStatement {
    let (inputs, outputs) = (weights[0].count, weights.count)
    let shape = try #require(
      ConvolutionShape([inputs, 1, 1, outputs, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1]))
    var statement = OperatorStatement(
      map: .convolution(
        shape, weights: weights.flatMap(\.self), bias: [Double](repeating: 0, count: outputs)),
      inputCount: inputs, outputCount: outputs)
    statement.isVirtual = true
    return statement
  }

  /// A claimed margin of 1/2, where the logits are `1 - 1024 relu(sign (sum - threshold))` and 0: true where the
  /// ReLU is never active, and false where it reaches 2^-10.
  private static func isAccepted(
    _ leaves: Leaves, _ steps: [[[Double]]], sign: Double, threshold: Double, isRational: Bool
  ) throws -> Bool {
    let first = OperatorStatement(
      map: .scaling(
        scale: zip(leaves.low, leaves.high).map { ($1 - $0) / 2 },
        shift: zip(leaves.low, leaves.high).map { ($1 + $0) / 2 },
        magnitude: zip(leaves.low, leaves.high).map { ($1 + $0).magnitude / 2 }),
      inputCount: 4, outputCount: 4)
    let compared = OperatorStatement(
      map: .dense(weights: [sign], bias: [-sign * threshold]), inputCount: 1, outputCount: 1)
    let last = OperatorStatement(
      map: .dense(weights: [-1024, 0], bias: [1, 0]), inputCount: 1, outputCount: 2)
    let middle = try steps.map { [try sums($0)] }
    let stages = [[first]] + middle.dropLast() + [middle[middle.count - 1] + [compared], [last]]
    let chain = ChainStatement(inputCount: 4, stages: stages, isRead: true)
    var question = AuditQuestion(epsilon: (1, 1))
    question.isExact = true
    let claim = AuditClaim(
      index: 0, label: 0, prediction: 0, verdict: .unknown, specificationClass: 0,
      margins: [0, 0.5])
    let example = AuditedExample(stored: [0, 0, 0, 0])
    do {
      _ = try Audit(chain, question, isRational: isRational)
        .audit(claim, at: example, proofs: nil, radius: false)
      return true
    } catch { return false }
  }

  private static let pairs: [[Double]] = [
    [1, 0, 0, 0], [-1, 1, 0, 0], [0, 0, 1, 0], [0, 0, -1, 1],
  ]
  private static let maximum = [pairs, [[1, 1, 0, 0], [-1, -1, 1, 1]], [[1, 1]]]

  @Test(
    "a maximum is in the range of its largest input, and in no smaller one", arguments: seeds(60))
  func ranges(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let leaves = Leaves(&random)
    for isRational in [false, true] {
      let hair = isRational ? 0 : 0x1p-20
      func accepts(_ sign: Double, _ threshold: Double) throws -> Bool {
        try Self.isAccepted(
          leaves, Self.maximum, sign: sign, threshold: threshold, isRational: isRational)
      }
      #expect(try accepts(1, leaves.most + hair), "\(seed)")
      #expect(try !accepts(1, leaves.most - 0x1p-10), "\(seed)")
      #expect(try accepts(-1, leaves.least - hair), "\(seed)")
      #expect(try !accepts(-1, leaves.least + 0x1p-10), "\(seed)")
    }
  }

  @Test("a difference beside a number that it was not taken of makes no maximum")
  func lookalikes() throws {
    // a in [0, 1], b in [2, 3], c = 2, d = 0: c + relu(b - a) is 5 at most.
    var random = SeededGenerator(state: 1)
    var leaves = Leaves(&random)
    (leaves.low, leaves.high) = ([0, 2, 2, 0], [1, 3, 2, 0])
    for isRational in [false, true] {
      for (step, most) in [([0.0, 1, 1, 0], 5.0), ([1, 1, 0, 0], 3), ([1, 1, 1, 0], 5)] {
        for (threshold, isTrue) in [(most + 0x1p-20, true), (most - 0x1p-10, false)] {
          let found = try Self.isAccepted(
            leaves, [Self.pairs, [step]], sign: 1, threshold: threshold, isRational: isRational)
          #expect(found == isTrue, "\(step), \(threshold)")
        }
      }
    }
  }
}
