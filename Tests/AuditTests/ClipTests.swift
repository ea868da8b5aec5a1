import Audit
import ProofRecords
import Testing

/// What an audit knows of clips: `high - relu(high - low - z)`, for numbers `z` that are not negative.
@Suite struct ClipTests {
  private static func scaling(_ scale: Double, _ shift: Double) -> OperatorStatement {
    var statement = OperatorStatement(
      map: .scaling(scale: [scale], shift: [shift], magnitude: [shift.magnitude]), inputCount: 1,
      outputCount: 1)
    statement.isVirtual = true
    return statement
  }

  private static func selection(_ source: Int, _ constant: Double) -> OperatorStatement {
    OperatorStatement(
      map: .selection(source: [source], constant: [constant]), inputCount: 1, outputCount: 1)
  }

  /// A claimed margin of 1/2 over |x| <= 10, where the logits are 1 - relu(-y) and 0, and y clips the
  /// numbers that a stage makes of relu(x) from above: true where y is not negative.
  private static func isAccepted(
    _ front: [OperatorStatement], low: Double = 0, isRational: Bool
  ) throws -> Bool {
    let compared = OperatorStatement(
      map: .dense(weights: [-1], bias: [0]), inputCount: 1, outputCount: 1)
    let last = OperatorStatement(
      map: .dense(weights: [-1, 0], bias: [1, 0]), inputCount: 1, outputCount: 2)
    let chain = ChainStatement(
      inputCount: 1,
      stages: [
        [scaling(1, 0)], front + [scaling(-1, 1 - low)], [scaling(-1, 1), compared], [last],
      ], isRead: true)
    var question = AuditQuestion(epsilon: (10, 10))
    (question.isExact, question.rowsForAll) = (true, true)
    let claim = AuditClaim(
      index: 0, label: 0, prediction: 0, verdict: .unknown, specificationClass: 0,
      margins: [0, 0.5])
    do {
      _ = try Audit(chain, question, isRational: isRational)
        .audit(claim, at: AuditedExample(stored: [0]), proofs: nil, radius: false)
      return true
    } catch { return false }
  }

  @Test("a clip is not negative, whatever copies what it clips", arguments: [false, true])
  func carried(isRational: Bool) throws {
    let copy = Self.selection(0, 0)
    #expect(try Self.isAccepted([], isRational: isRational))
    #expect(try Self.isAccepted([copy], isRational: isRational))
    #expect(try Self.isAccepted([copy, copy], isRational: isRational))
  }

  @Test(
    "a clip of what may be negative, or from below 0, may be negative", arguments: [false, true])
  func negative(isRational: Bool) throws {
    let copy = Self.selection(0, 0)
    #expect(try !Self.isAccepted([Self.scaling(-1, 0)], isRational: isRational))
    #expect(try !Self.isAccepted([copy, Self.scaling(1, -2)], isRational: isRational))
    #expect(try !Self.isAccepted([copy], low: -1, isRational: isRational))
    #expect(try !Self.isAccepted([Self.selection(-1, -1)], isRational: isRational))
  }
}
