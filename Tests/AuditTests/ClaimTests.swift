import Audit
import NumberSupport
import ProofRecords
import Testing

/// What an audit makes of claims at the ends of the numbers, rounded and rational.
@Suite(.serialized) struct ClaimTests {
  /// Two logits that no input changes.
  private static func audit(
    _ logits: [Double], deployed: DeployedType? = nil, isRational: Bool
  ) -> Audit {
    let map = OperatorStatement.Map.dense(weights: [0, 0], bias: logits)
    let statement = OperatorStatement(map: map, inputCount: 1, outputCount: 2)
    var question = AuditQuestion(epsilon: (0.5, 0.5))
    question.isExact = true
    question.deployed = deployed
    let chain = ChainStatement(inputCount: 1, stages: [[statement]], isRead: true)
    return Audit(chain, question, isRational: isRational)
  }

  private static func claim(_ margin: Double) -> AuditClaim {
    AuditClaim(
      index: 0, label: 0, prediction: 0, verdict: .unknown, specificationClass: 0,
      margins: [0, margin])
  }

  @Test(
    "a robust loss is taken down to the last digits of the bound, and no further",
    arguments: [false, true])
  func losses(isRational: Bool) throws {
    // log(1 + exp(-30)) = 9.35762296884e-14; a bound of the margin just below 30 makes it a little more.
    for (logits, least, most) in [
      ([30.0, 0], 9.3576229687e-14, 9.357622970e-14), ([-1e6, 0], 999_999.999, 1_000_000.001),
    ] {
      let audit = Self.audit(logits, isRational: isRational)
      var claim = Self.claim(logits[0] - 1)
      claim.loss = most
      _ = try audit.audit(claim, at: AuditedExample(stored: [0]), proofs: nil, radius: false)
      for wrong in [least, 0, -.infinity, .nan] {
        claim.loss = wrong
        #expect(throws: AuditFault.self, "\(wrong)") {
          try audit.audit(claim, at: AuditedExample(stored: [0]), proofs: nil, radius: false)
        }
      }
    }
  }

  @Test(
    "rows pay for numbers that are not known exactly, and no more", arguments: [false, true])
  func uncertainNumbers(isRational: Bool) throws {
    // Logits 1 and 0 within [-1/2, 1/2], each of which may lie off by a quarter, or one of them.
    let cases: [(WritableKeyPath<OperatorStatement, Double>, size: Double, margin: Double)] = [
      (\.perUnit, 0.25, 0.5), (\.perInput, 0.5, 0.5), (\.relative, 0.25, 0.75),
    ]
    for (number, size, margin) in cases {
      let map = OperatorStatement.Map.dense(weights: [0, 0], bias: [1, 0])
      var statement = OperatorStatement(map: map, inputCount: 1, outputCount: 2)
      statement[keyPath: number] = size
      var question = AuditQuestion(epsilon: (0.5, 0.5))
      question.isExact = true
      let chain = ChainStatement(inputCount: 1, stages: [[statement]], isRead: true)
      let audit = Audit(chain, question, isRational: isRational)
      for (claimed, isTrue) in [(margin - 0x1p-40, true), (margin + 0x1p-40, false)] {
        let found = try? audit.audit(
          Self.claim(claimed), at: AuditedExample(stored: [0]), proofs: nil, radius: false)
        #expect((found != nil) == isTrue, "\(size): \(claimed)")
      }
    }
  }

  @Test("what a deployed type may not hold proves nothing", arguments: [false, true])
  func overflow(isRational: Bool) throws {
    let half = DeployedType("float16", sumsWide: true)
    let audit = Self.audit([1e30, 0], deployed: half, isRational: isRational)
    #expect(throws: AuditFault.self) {
      try audit.audit(
        Self.claim(1), at: AuditedExample(stored: [0]), proofs: nil, radius: false)
    }
  }

  @Test(
    "a counterexample of a network of bytes has none but whole numbers, up to the very end",
    arguments: [false, true])
  func wholeNumbers(isRational: Bool) throws {
    // Class 1 where x is above 100.25.
    let map = OperatorStatement.Map.dense(weights: [0, 1], bias: [100.25, 0])
    let statement = OperatorStatement(map: map, inputCount: 1, outputCount: 2)
    let chain = ChainStatement(inputCount: 1, stages: [[statement]], isRead: true)
    var claim = AuditClaim(
      index: 0, label: 0, prediction: 0, verdict: .falsified, specificationClass: 0,
      margins: [-.infinity, -.infinity])
    claim.counterexample = (1, 0.125, 1)
    for (value, whole, isTaken) in [
      (100.5, nil, true), (100.5, 0...255, false), (101, 0...255, true), (102, 0...255, false),
      (101, 0...100, false), (.nan, 0...255, false),
    ] as [(Double, ClosedRange<Double>?, Bool)] {
      var question = AuditQuestion(epsilon: (1, 1))
      (question.isExact, question.wholeNumbers) = (true, whole)
      var proof = ExampleProof(index: 0, place: 0, specificationClass: 0)
      proof.point = PointProof(winner: 1, values: [value])
      let audit = Audit(chain, question, isRational: isRational)
      let found = try? audit.audit(
        claim, at: AuditedExample(stored: [100]), proofs: [proof], radius: false)
      #expect((found?.isDerived ?? false) == isTaken, "\(value)")
    }
  }

  @Test("a proof of an infinite radius proves none", arguments: [false, true])
  func radii(isRational: Bool) throws {
    var claim = Self.claim(-.infinity)
    claim.radius = 0.25
    let example = AuditedExample(stored: [0])
    let audit = Self.audit([1, 0], isRational: isRational)
    _ = try audit.audit(claim, at: example, proofs: nil, radius: true)
    let own = ExampleProof(index: 0, place: 0, specificationClass: 0)
    for radius in [Double.infinity, .nan, 0.125] {
      let proof = ExampleProof(index: 0, place: 0, radius: radius, specificationClass: 0)
      #expect(throws: AuditFault.self, "\(radius)") {
        try audit.audit(claim, at: example, proofs: [own, proof], radius: true)
      }
    }
  }

  @Test("what multiplies a sum again rounds for itself", arguments: [false, true])
  func factorsBehind(isRational: Bool) throws {
    // An offset and eight factors, of which most products are rounded down nearly as far as any can be.
    let format = DeployedFormat.binary16
    var random = SeededGenerator(state: 1)
    var worst = (numbers: [Double](), exact: 0.0, deployed: 0.0)
    for _ in 0..<50_000 {
      let numbers = (0..<9).map { _ in 1 + Double(Int.random(in: 1...30, using: &random)) * 0x1p-10
      }
      let exact = numbers.reduce(1, *)
      let deployed = numbers.reduce(1) { format.product($0, $1) }
      if worst.numbers.isEmpty || exact - deployed > worst.exact - worst.deployed {
        worst = (numbers, exact, deployed)
      }
    }
    let step = worst.exact * 0x1p-11
    let lost = (worst.exact - worst.deployed) / step
    try #require(lost > 3.75)
    let numbers = worst.numbers
    let sum = OperatorStatement(
      map: .dense(weights: [0, 0], bias: [numbers[0], 0]), inputCount: 1, outputCount: 2)
    var scaling = OperatorStatement(
      map: .scaling(
        scale: [numbers.dropFirst().reduce(1, *), 1], shift: [0, 0], magnitude: [0, 0]),
      inputCount: 2, outputCount: 2)
    scaling.roundings = 8
    scaling.sources = numbers.dropFirst().map { [$0] }
    var question = AuditQuestion(epsilon: (0.5, 0.5))
    question.isExact = true
    question.deployed = DeployedType("float16", sumsWide: false)
    let chain = ChainStatement(inputCount: 1, stages: [[sum, scaling]], isRead: true)
    let audit = Audit(chain, question, isRational: isRational)
    let example = AuditedExample(stored: [0])
    // A sum of one product and two offsets would err by three roundings at most; this network errs by more.
    #expect(throws: AuditFault.self) {
      try audit.audit(
        Self.claim(worst.exact - 3.5 * step), at: example, proofs: nil, radius: false)
    }
    _ = try audit.audit(
      Self.claim(worst.exact - 60 * step), at: example, proofs: nil, radius: false)
  }
}
