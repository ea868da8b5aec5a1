import ProofRecords

/// Re-derives everything that verdicts rest on, by plain loops, from a chain as a proof states it. It
/// searches nothing: whatever a proof proposes is evaluated, and claims are accepted where they are not
/// above what comes out.
final class Auditor<N: AuditNumber> {
  let network: AuditNetwork<N>
  let question: AuditQuestion
  /// Whether every unit gets a row, and the tighter of both kinds of bounds; else, as a run does it, rows
  /// stand for intervals that leave a unit open.
  let isThorough: Bool
  private var example = 0

  init(_ network: AuditNetwork<N>, _ question: AuditQuestion, isThorough: Bool) {
    (self.network, self.question, self.isThorough) = (network, question, isThorough)
  }

  /// Up to this stage units of a norm's ball are bound together.
  var firstMixing: Int {
    network.stages.firstIndex { $0.contains(where: \.mixes) } ?? network.hidden
  }

  func fault(_ place: String, _ words: String) -> AuditFault {
    AuditFault(example: example, place: place, words: words)
  }
  func overflow(_ layer: Int) -> AuditFault {
    fault("layer \(layer + 1)", "values may overflow, so that nothing is known")
  }
  func noUnit(_ layer: Int, _ unit: Int) -> AuditFault {
    fault(
      "layer \(layer + 1)", "unit \(unit) named; expected units of the layer in order, each once")
  }

  /// Holds what a report says of an example to what can be derived.
  ///
  /// - Parameters:
  ///   - center: the example's features as they are stored, scaled.
  ///   - proofs: what a file says of it; nil for no file, where Algorithm 1 is done once more.
  func audit(
    _ claim: AuditClaim, at center: [Double], proofs: [ExampleProof]?, radius: Bool
  ) throws(AuditFault) -> AuditFindings {
    example = claim.index
    try checkClasses(claim)
    let own = claim.specificationClass
    var rows = (
      best: [RowBounds<N>?](repeating: nil, count: network.classCount), searched: Set<Int>()
    )
    if let proofs {
      guard
        let proof = proofs.first(where: { $0.radius == nil && $0.specificationClass == own })
      else { throw fault("", "no proof for class \(own) in the file") }
      rows = try self.rows(of: own, question.epsilon.upper, center, proof)
    } else if claim.margins.enumerated().contains(where: { $0 != own && $1 > -.infinity }) {
      rows = try self.rows(of: own, question.epsilon.upper, center, nil)
    }
    let (best, searched) = rows
    try checkMargins(claim, best)
    var isProved = best.indices.allSatisfy { rival in
      rival == own || searched.contains(rival)
        || (best[rival].map { $0.deployedLower > .zero } ?? false)
    }
    var findings = AuditFindings()
    if radius || claim.verdict == .certified && !isProved, let radius = claim.radius {
      let larger = proofs?.first { $0.radius != nil }
      try certify(claim, radius, center, larger)
      findings.derivesRadius = true
      isProved = isProved || radius >= question.epsilon.upper && claim.prediction == own
    }
    switch claim.verdict {
    case .unknown: findings.isDerived = false
    case .certified:
      guard isProved else {
        throw fault("", "certified claimed, and not every class derived to lose")
      }
    case .misclassified: try checkLabelLoses(claim, center)
    case .falsified:
      if let proofs {
        try checkPoint(claim, center, proofs.compactMap(\.point).first)
      } else {
        findings.isDerived = false
      }
    }
    if claim.isCleared { try checkCleared(claim, center, proofs, isProved) }
    return findings
  }

  private func checkClasses(_ claim: AuditClaim) throws(AuditFault) {
    let classes = 0..<network.classCount
    guard classes.contains(claim.specificationClass), classes.contains(claim.prediction),
      claim.label.map(classes.contains) ?? true, claim.margins.count == classes.count
    else { throw fault("", "names a class that the network does not have") }
    guard claim.specificationClass == claim.label ?? claim.prediction else {
      throw fault("", "margins of class \(claim.specificationClass); expected the label's")
    }
    if claim.verdict == .certified, claim.prediction != claim.specificationClass {
      throw fault("", "certified, and predicted to be class \(claim.prediction)")
    }
  }

  private func take(
    _ margin: MarginProof, _ own: Int, _ made: [AuditLayers<N>], _ best: inout [RowBounds<N>?]
  ) throws(AuditFault) {
    let place = "margin against class \(margin.rival)"
    guard best.indices.contains(margin.rival), margin.rival != own,
      made.indices.contains(margin.relaxation)
    else { throw fault(place, "names a class or a relaxation that is not there") }
    let layers = made[margin.relaxation]
    guard layers.hypothesis == nil else {
      throw fault(place, "stands on bounds of a part of the ball")
    }
    var choices = RowChoices<N>()
    if let lines = margin.lines { choices.slopes = try slopes(lines, layers) }
    let found = bound(own, margin.rival, choices, layers)
    guard let before = best[margin.rival] else { return best[margin.rival] = found }
    best[margin.rival]?.lower = max(before.lower, found.lower)
    // Each is a bound; the larger deployed one decides what rounding takes off.
    let deployed = max(before.deployedLower, found.deployedLower)
    let lower = max(before.lower, found.lower)
    best[margin.rival]?.deployed = max((lower - deployed).up, .zero)
  }

  private func checkMargins(
    _ claim: AuditClaim, _ best: [RowBounds<N>?]
  ) throws(AuditFault) {
    var (least, leastReal, isWhole) = (N?.none, N?.none, true)
    for rival in best.indices where rival != claim.specificationClass {
      let found = best[rival].map(\.deployedLower)
      if claim.margins[rival] > -.infinity {
        guard let found, N(claim.margins[rival]) <= found else {
          throw fault(
            "margin against class \(rival)",
            "\(claim.margins[rival]) claimed, \(found.map { "\($0.shown)" } ?? "nothing") derived")
        }
      }
      guard let found, let real = best[rival]?.lower, found.isSafe, real.isSafe else {
        isWhole = false
        continue
      }
      least = min(least ?? found, found)
      leastReal = min(leastReal ?? real, real)
    }
    // Of another class than this one the margins are derived where it is cleared.
    let isOwn = claim.prediction == claim.specificationClass
    for (place, claimed, found) in [
      ("smallest margin", claim.margin, least),
      ("detection_margin", isOwn ? claim.detectionMargin ?? -.infinity : -.infinity, least),
      ("smallest margin_real", claim.marginReal, leastReal),
    ] where claimed > -.infinity && network.classCount > 1 {
      guard isWhole, let found, N(claimed) <= found else {
        throw fault(
          place, "\(claimed) claimed, \(found.map { "\($0.shown)" } ?? "nothing") derived")
      }
    }
    if let loss = claim.loss, loss < Self.leastLoss(best) {
      throw fault("robust_loss", "\(loss) claimed, at least \(Self.leastLoss(best)) derived")
    }
  }

  /// Not above `log(1 + sum exp(-m))` of the derived margins: the least loss that may be claimed.
  private static func leastLoss(_ best: [RowBounds<N>?]) -> Double {
    // The class itself has no row; without a number for every other one nothing is known.
    guard best.count(where: { !($0?.deployedLower.isSafe ?? false) }) <= 1 else { return .infinity }
    let sum = best.compactMap { $0.map { exponential(-$0.deployedLower.shown) } }.reduce(0, +)
    return max(0, logarithmOfOnePlus(sum) * (1 - 0x1p-40) - 0x1p-40)
  }

  /// The radius that is claimed: every class derived to lose on its ball.
  private func certify(
    _ claim: AuditClaim, _ radius: Double, _ center: [Double], _ proof: ExampleProof?
  ) throws(AuditFault) {
    guard (proof?.radius ?? radius) >= radius,
      proof.map({ $0.specificationClass == claim.prediction }) ?? true
    else {
      throw fault("radius", "\(radius) claimed, and a proof of another radius or class")
    }
    let (best, searched) = try rows(of: claim.prediction, proof?.radius ?? radius, center, proof)
    for rival in best.indices where rival != claim.prediction && !searched.contains(rival) {
      guard let found = best[rival]?.deployedLower, found > .zero else {
        let shown = best[rival].map { "\($0.deployedLower.shown)" } ?? "nothing"
        throw fault(
          "radius", "\(radius) claimed, \(shown) derived as the margin against class \(rival)")
      }
    }
  }

  /// Another class has the larger logit at the example itself, or the same and a lower number.
  private func checkLabelLoses(_ claim: AuditClaim, _ center: [Double]) throws(AuditFault) {
    guard let label = claim.label else { throw fault("", "misclassified, without a label") }
    let layers = try algorithm1(question.ball(center, 0, as: N.self))
    for winner in 0..<network.classCount where winner != label {
      let margin = bound(winner, label, .parallel, layers).deployedLower
      if margin > .zero || margin == .zero && winner < label { return }
    }
    throw fault("", "misclassified claimed, and no class derived to win at the example")
  }

  private func checkPoint(
    _ claim: AuditClaim, _ center: [Double], _ point: PointProof?
  ) throws(AuditFault) {
    guard let point else { throw fault("counterexample", "no point in the file") }
    if let objection = question.objection(to: point.values, around: center) {
      throw fault("counterexample", objection)
    }
    let distance = question.distance(of: point.values, from: center)
    guard distance <= claim.counterexample?.distance ?? .infinity else {
      throw fault(
        "counterexample",
        "a distance of \(claim.counterexample?.distance ?? 0) claimed, \(distance) derived")
    }
    let own = claim.specificationClass
    guard point.winner == claim.counterexample?.winner ?? point.winner, point.winner != own,
      (0..<network.classCount).contains(point.winner)
    else { throw fault("counterexample", "the point is one of class \(point.winner)") }
    let layers = try algorithm1(question.single(point.values, around: center, as: N.self))
    let margin = bound(point.winner, own, .parallel, layers).deployedLower
    let claimed = max(claim.counterexample?.margin ?? 0, 0)
    guard margin > .zero, margin >= N(claimed) else {
      throw fault("counterexample", "a margin of \(claimed) claimed, \(margin.shown) derived")
    }
  }

  /// Corollary 2: the predicted class is proved over the ball.
  private func checkCleared(
    _ claim: AuditClaim, _ center: [Double], _ proofs: [ExampleProof]?, _ isProved: Bool
  ) throws(AuditFault) {
    let own = claim.prediction
    guard own != claim.specificationClass || !isProved else { return }
    var isInside = false
    if let radius = claim.radius, radius >= question.epsilon.upper {
      try certify(claim, radius, center, proofs?.first { $0.radius != nil })
      isInside = true
    }
    let proof = proofs?.first { $0.radius == nil && $0.specificationClass == own }
    let (best, _) = try rows(of: own, question.epsilon.upper, center, proof)
    let least = claim.detectionMargin ?? -.infinity
    for rival in best.indices where rival != own {
      guard let found = best[rival]?.deployedLower, isInside || found > .zero,
        least == -.infinity || N(least) <= found
      else {
        throw fault("detection", "cleared claimed, and class \(rival) not derived to lose")
      }
    }
  }

  /// The rows of a class over a ball: those that a proof proposes, or Algorithm 1's.
  private func rows(
    of own: Int, _ radius: Double, _ center: [Double], _ proof: ExampleProof?
  ) throws(AuditFault) -> (best: [RowBounds<N>?], searched: Set<Int>) {
    let ball = question.ball(center, radius, as: N.self)
    var best = [RowBounds<N>?](repeating: nil, count: network.classCount)
    var searched: Set<Int> = []
    if let proof {
      let made = try relaxations(proof, ball)
      for margin in proof.margins { try take(margin, own, made, &best) }
      for search in proof.searched {
        try check(search, own, made)
        searched.insert(search.rival)
      }
    } else {
      let layers = try algorithm1(ball)
      for rival in best.indices where rival != own {
        best[rival] = bound(own, rival, .parallel, layers)
      }
    }
    return (best, searched)
  }
}
