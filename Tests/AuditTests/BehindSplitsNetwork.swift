import Audit
import ProofRecords

/// A network that is small enough for pencil and paper, and what is true of it: over
/// |x|, |y| <= 1 its units are a = x, b = x + y / 4 and c = b - t, and its logits 1/2 + relu(a) - relu(b) +
/// relu(c) / 8, 0 and -10. The first two are at least 1/4 apart: relu(b) - relu(a) is at most relu(y / 4).
extension BehindSplitsTests {
  static let (a, b, c) = (0, 1, 2)

  static func chain(_ t: Double) -> ChainStatement {
    let first = OperatorStatement.Map.dense(
      weights: [1, 0, 1, 0.25, 1, 0.25], bias: [0, 0, -t])
    let second = OperatorStatement.Map.dense(
      weights: [1, -1, 0.125, 0, 0, 0, 0, 0, 0], bias: [0.5, 0, -10])
    return ChainStatement(
      inputCount: 2,
      stages: [
        [OperatorStatement(map: first, inputCount: 2, outputCount: 3)],
        [OperatorStatement(map: second, inputCount: 3, outputCount: 3)],
      ], isRead: true)
  }

  /// - Parameter margin: what is claimed of the second logit; nil for the verdict alone.
  static func audit(
    _ proof: ExampleProof, isRational: Bool, t: Double = 0.5, margin: Double? = nil
  ) throws {
    var question = AuditQuestion(epsilon: (1, 1))
    question.isExact = true
    var claim = AuditClaim(
      index: 0, label: 0, prediction: 0, verdict: margin == nil ? .certified : .unknown,
      specificationClass: 0, margins: [0, margin ?? -.infinity, -.infinity])
    claim.index = proof.index
    _ = try Audit(chain(t), question, isRational: isRational)
      .audit(claim, at: AuditedExample(stored: [0, 0]), proofs: [proof], radius: false)
  }

  static func refusal(
    _ proof: ExampleProof, isRational: Bool, t: Double = 0.5
  ) -> String {
    do {
      try audit(proof, isRational: isRational, t: t)
      return "valid"
    } catch { return "\(error)" }
  }

  static func side(_ unit: Int, _ isActive: Bool) -> SplitSide {
    SplitSide(layer: 0, unit: unit, isActive: isActive)
  }

  static func split(
    _ unit: Int, _ isActive: Bool, _ multiplier: Double
  ) -> GuideRow.Split {
    .init(layer: 0, unit: unit, isActive: isActive, multiplier: multiplier)
  }

  static func leaf(_ splits: GuideRow.Split...) -> GuideRow {
    GuideRow(weight: 1, target: nil, splits: splits, lines: RowLines(layers: []))
  }

  /// One end of a unit by a row behind a split.
  static func end(_ unit: Int, isUpper: Bool, _ split: GuideRow.Split) -> GuideRow {
    GuideRow(
      weight: 0, target: .init(layer: 0, unit: unit, isUpper: isUpper), splits: [split],
      lines: RowLines(layers: []))
  }

  /// a, b and c within these; none are stable.
  static func bounds(
    b: ClosedRange<Double> = -1.25...1.25, t: Double = 0.5
  ) -> UnstableUnits {
    UnstableUnits(
      units: [0, 1, 2], lower: [-1, b.lowerBound, -1.25 - t], upper: [1, b.upperBound, 1.25 - t])
  }

  /// A true proof. Without splits b is in [-5/4, 5/4] and the margin is -1/4 on either side of a.
  ///
  /// - a >= 0: b - a >= -1/4, so that relu(b) <= 5/6 b + 5/24, and with a sixth of a taken off the margin is
  ///   1/2 - 5/24 - 5/24 = 1/12.
  /// - a <= 0: -b + a >= -1/4, so that relu(b) <= b / 6 + 5/24, and the margin is 1/2 - 5/24 - 1/24 = 1/4;
  ///   for c >= 0 nothing is left: c <= 1/4 - t.
  static func proof(t: Double = 0.5) -> ExampleProof {
    var proof = ExampleProof(index: 0, place: 0, specificationClass: 0)
    let (right, left) = (side(a, true), side(a, false))
    proof.relaxations = [
      RelaxationProof(origin: .algorithm1, layers: [bounds(t: t)]),
      RelaxationProof(
        origin: .narrowed(
          parent: 0, rival: 1, splits: [right],
          rows: [end(b, isUpper: false, split(a, true, 1))]),
        layers: [bounds(b: -0.25...1.25, t: t)]),
      RelaxationProof(
        origin: .narrowed(
          parent: 0, rival: 1, splits: [left], rows: [end(b, isUpper: true, split(a, false, 1))]),
        layers: [bounds(b: -1.25...0.25, t: t)]),
      RelaxationProof(
        origin: .narrowed(
          parent: 2, rival: 1, splits: [left, side(c, true)],
          rows: [end(c, isUpper: true, split(a, false, 1))]),
        layers: []),
    ]
    proof.margins = (1...2).map { MarginProof(rival: $0, relaxation: 0, lines: nil) }
    proof.searched = [
      SearchProof(rival: 1, relaxation: 1, leaves: [leaf(split(a, true, 1.0 / 6))]),
      SearchProof(
        rival: 1, relaxation: 2, leaves: [leaf(split(a, false, 1.0 / 6), split(c, false, 0))]),
      SearchProof(rival: 1, relaxation: 3, leaves: []),
    ]
    return proof
  }

  /// The same with another origin of a relaxation.
  static func proof(
    _ place: Int, parent: Int? = nil, rival: Int? = nil, splits: [SplitSide]? = nil,
    rows: [GuideRow]? = nil, layers: [UnstableUnits?]? = nil
  ) -> ExampleProof {
    var made = proof()
    guard case .narrowed(let p, let r, let s, let g) = made.relaxations[place].origin else {
      return made
    }
    made.relaxations[place].origin = .narrowed(
      parent: parent ?? p, rival: rival ?? r, splits: splits ?? s, rows: rows ?? g)
    if let layers { made.relaxations[place].layers = layers }
    return made
  }
}
