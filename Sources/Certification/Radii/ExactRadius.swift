import Attack
import CertificateRecords
import DualBounds
import Numbers

/// What `--radii exact` knows of one example.
struct ExactEnds {
  var record = ExactRadius()
  /// The counterexample of the upper end.
  var nearest: Counterexample?
  /// How the lower end was proved, where a search did.
  var proof: SearchRecord?
  /// What that rests on, where it is kept; nil where the radius is another stage's.
  var evidence: (size: Numeral, bounds: BallBounds, searches: [RivalProof])?
}

// `--radii exact`: proofs from below and counterexamples from above, until they meet.
extension ExampleCertifier {
  /// Closes the bracket of an example's radius as far as the budget reaches.
  ///
  /// Both ends are what the rest of a run takes for proofs, too: the lower one a ball that bounds or a
  /// search proved, the upper one the distance of a point that was checked.
  func closeRadius(_ example: inout OpenExample) {
    guard let radii = options.radii, radii.selection == .exact, let attack else { return }
    let center = look(&example)
    guard let outcome = example.radius, let radius = outcome.radius,
      center.prediction == example.prediction, center.smallestMargin > 0
    else {
      example.close(ExactEnds(record: ExactRadius(reason: .tie)))
      return
    }
    var search = RadiusClosing(
      bracket: ExactBracket(
        proved: radius, margin: outcome.margin, tolerance: radii.tolerance.nearest,
        cap: .decimal(notAbove: radii.cap.nearest)), nodes: options.splits)
    for epsilon in example.epsilonsOfPrediction {
      search.bracket.prove(.decimal(notAbove: epsilon))
    }
    if let found = example.nearestOfPrediction { search.take(found) }
    if !search.bracket.isClosed { begin(&search, example, at: outcome.lost, attack) }
    metered {
      while !search.isOver, let size = search.bracket.next() {
        advance(&search, example, size, attack)
      }
      return !search.bracket.isClosed
    }
    let (ends, bracket) = search.ended()
    example.close(ends, bracket)
  }

  /// The first counterexample, from where the bounds have ended.
  private func begin(
    _ search: inout RadiusClosing, _ example: OpenExample, at lost: Double?,
    _ attack: ExampleAttack
  ) {
    let size = Numeral(exactly: max(lost ?? 0, 1.02 * search.bracket.proved.upper))
    let bounds = workspace.bounds(
      over: example.ball.ball(size), specificationClass: example.prediction, slopes: first)
    attack.approach(&search, example, bounds, size, rivals: bounds.margins.open)
  }

  /// One more size: a proof, a counterexample, or neither.
  private func advance(
    _ search: inout RadiusClosing, _ example: OpenExample, _ size: Numeral,
    _ attack: ExampleAttack
  ) {
    let ball = example.ball.ball(size)
    var bounds = workspace.bounds(
      over: ball, specificationClass: example.prediction, slopes: first)
    if options.slopes == .auto {
      workspace.tighten(&bounds, to: .optimized, untilCertified: true)
    }
    search.ends.record.tried += 1
    guard !(bounds.margins.smallest > 0) else {
      search.prove(size, bounds.margins.smallest, by: nil)
      if options.keepsProofs { search.ends.evidence = (size, bounds, []) }
      return
    }
    var searches: [RivalProof] = []
    let (record, found, nearMiss) = search.spend { nodes, work in
      let outcome = decide(example, bounds, size, nodes: nodes, work: &work)
      searches = outcome.proofs
      return (outcome.record, outcome.found, outcome.nearMiss)
    }
    if record.isProved {
      search.prove(size, -.infinity, by: record)
      if options.keepsProofs { search.ends.evidence = (size, bounds, searches) }
      return
    }
    if let found {
      search.take(found)
      attack.approach(&search, example, bounds, size, rivals: [found.winner])
    } else {
      search.leave(size, record)
      if let nearMiss { attack.approach(&search, example, size, nearMiss) }
      attack.approach(&search, example, bounds, size, rivals: bounds.margins.open, isLast: true)
    }
  }
}

/// A bracket that is being closed.
struct RadiusClosing {
  var bracket: ExactBracket
  var ends = ExactEnds()
  /// The smallest ball in which a point seems to be a counterexample, and no proof says so.
  var hidden = Double.infinity
  /// Sizes that were left open.
  private var left = 0
  /// What is left of the budget: parts of balls, and the work on them.
  private var nodes: Int
  private var work: Int

  /// The numbers that a part stands for: one of a network with more unstable units costs more.
  private static let workPerNode = 1 << 15
  /// The sizes of balls that are to be proved: a bracket that no search leaves open takes two or three.
  private static let (mostTried, mostLeft) = (16, 4)

  init(bracket: ExactBracket, nodes: Int) {
    (self.bracket, self.nodes) = (bracket, nodes)
    let (product, isTooLarge) = nodes.multipliedReportingOverflow(by: Self.workPerNode)
    work = isTooLarge ? .max : product
  }

  /// Whether no more sizes are to be tried.
  var isOver: Bool { ends.record.tried >= Self.mostTried || left >= Self.mostLeft }

  /// A search with half of what is left of the budget.
  mutating func spend<Found, Missed>(
    _ search: (_ nodes: Int, _ work: inout Int?) -> (
      record: SearchRecord, found: Found, nearMiss: Missed
    )
  ) -> (record: SearchRecord, found: Found, nearMiss: Missed) {
    let allowed = work / 2
    var rest: Int? = allowed
    let outcome = search(max(1, nodes / 2), &rest)
    work -= allowed - (rest ?? 0)
    nodes = max(1, nodes - outcome.record.nodes)
    ends.record.nodes += outcome.record.nodes
    return outcome
  }

  mutating func leave(_ size: Numeral, _ record: SearchRecord) {
    left += 1
    bracket.leave(size, record.bound ?? -.infinity, record.reason ?? .budget)
  }

  mutating func prove(_ size: Numeral, _ margin: Double, by record: SearchRecord?) {
    bracket.prove(size, margin)
    ends.proof = record
  }

  mutating func take(_ found: Counterexample) {
    guard found.distance < ends.nearest?.distance ?? .infinity else { return }
    ends.nearest = found
    bracket.find(found.distance)
  }

  /// What it came to, and why it is open where it is.
  func ended() -> (ends: ExactEnds, bracket: ExactBracket) {
    var ends = ends
    ends.record.winner = ends.nearest?.winner
    ends.record.winnerMargin = ends.nearest?.margin
    if !bracket.isClosed {
      // A point that only rounding keeps from being a counterexample would have closed it.
      let isHidden = bracket.isNarrow(hidden)
      ends.record.reason = isHidden ? .rounding : bracket.open?.reason ?? .budget
    }
    return (ends, bracket)
  }
}
