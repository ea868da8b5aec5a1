import Glibc
import ProofRecords

/// Re-derives everything that one example's verdict rests on, by plain loops, from a chain as a proof states
/// it. It searches nothing: whatever a proof proposes is evaluated, and claims are accepted where they
/// are not above what comes out.
struct Auditor<N: AuditNumber> {
  let network: AuditNetwork<N>
  let question: AuditQuestion
  let center: AuditCenter<N>
  let index: Int
  /// Whether every unit gets a row, and the tighter of both kinds of bounds; else, as a run does it, rows
  /// stand for intervals that leave a unit open.
  var isThorough = false

  /// Whether intervals are a stage's exact range over a box, of which no row knows more: one operator at most
  /// has mixed units, or copied them. A norm binds units together there, of which intervals know nothing.
  func leads(_ stage: Int) -> Bool {
    let mixtures = network.stages[...stage].joined().count { $0.mixes || $0.fanOut > 1 }
    return stage == 0 || mixtures <= 1
  }

  func fault(_ place: String, _ words: String) -> AuditFault {
    AuditFault(example: index, place: place, words: words)
  }
  func overflow(_ layer: Int) -> AuditFault {
    fault("layer \(layer + 1)", "values may overflow, so that nothing is known")
  }
  func noUnit(_ layer: Int, _ unit: Int) -> AuditFault {
    fault(
      "layer \(layer + 1)", "unit \(unit) named; expected units of the layer in order, each once")
  }

  /// Bounds from below of one class's margins; nil where nothing is known.
  struct Margins {
    let own: Int
    var real, deployed: [N?]
    /// The rivals that a search proved to lose.
    var searched: Set<Int> = []

    init(_ own: Int, _ count: Int) {
      self.own = own
      real = [N?](repeating: nil, count: count)
      deployed = real
    }

    var rivals: [Int] { real.indices.filter { $0 != own } }

    mutating func take(_ row: RowBounds<N>, _ rival: Int) {
      // An infinity or NaN is no bound.
      guard row.lower.isSafe, row.deployedLower.isSafe else { return }
      real[rival] = max(real[rival] ?? row.lower, row.lower)
      deployed[rival] = max(deployed[rival] ?? row.deployedLower, row.deployedLower)
    }

    /// The first that is not known to lose.
    var open: Int? {
      rivals.first { !searched.contains($0) && !(deployed[$0].map { $0 > .zero } ?? false) }
    }

    /// The least of those of all rivals; nil where one is not known.
    func least(_ margins: [N?]) -> N? {
      let known = rivals.compactMap { margins[$0] }
      return known.count == rivals.count ? known.min() : nil
    }

    /// The sign of the smallest, of rivals that no search proved to lose.
    var sign: Int? {
      let left = rivals.filter { !searched.contains($0) }.map { deployed[$0] }
      let least = left.compactMap(\.self).min()
      guard let least, !left.contains(nil) else { return nil }
      return least > .zero ? 1 : least < .zero ? -1 : 0
    }
  }

  /// Holds what a report says of an example to what can be derived.
  ///
  /// - Parameter proofs: what a file says of it; nil for no file, where Algorithm 1 is done once more.
  func audit(
    _ claim: AuditClaim, proofs: [ExampleProof]?, radius: Bool
  ) throws(AuditFault) -> AuditFindings {
    try checkClasses(claim)
    let own = claim.specificationClass
    var margins = Margins(own, network.classCount)
    if let proofs {
      let proof = proofs.first { $0.radius == nil && $0.specificationClass == own }
      guard let proof else { throw fault("", "no proof for class \(own) in the file") }
      margins = try self.margins(of: own, center.epsilon, proof)
    } else if margins.rivals.contains(where: { claim.margins[$0] > -.infinity }) {
      margins = try self.margins(of: own, center.epsilon, nil)
    }
    try check(claim, margins)
    var (isProved, findings) = (margins.open == nil, AuditFindings())
    if radius || claim.verdict == .certified && !isProved, let radius = claim.radius {
      try certify(claim, radius, proofs)
      findings.derivesRadius = true
      isProved = isProved || N(radius) >= center.epsilon && claim.prediction == own
    }
    switch claim.verdict {
    case .unknown:
      findings.isDerived = false
      findings.sign = isProved ? 1 : margins.sign
    case .certified:
      guard isProved else {
        throw fault("", "certified claimed, and not every class derived to lose")
      }
    case .misclassified: try checkLabelLoses(claim)
    case .falsified:
      findings.isDerived = proofs != nil
      if let proofs { try checkPoint(claim, proofs.compactMap(\.point).first) }
    }
    if claim.isCleared { try checkCleared(claim, proofs, isProved) }
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

  /// The margins of a class over a ball, by the rows that a proof proposes, or by Algorithm 1's.
  private func margins(
    of own: Int, _ radius: N, _ proof: ExampleProof?
  ) throws(AuditFault) -> Margins {
    let ball = question.ball(center, radius)
    var margins = Margins(own, network.classCount)
    guard let proof else {
      // Tighter bounds of units may make looser margins.
      for rows in isThorough ? UnitRows.allCases : [.open] {
        let layers = try algorithm1(ball, rows: rows)
        for rival in margins.rivals { margins.take(bound(own, rival, .parallel, layers), rival) }
      }
      return margins
    }
    let made = try relaxations(proof, ball)
    for margin in proof.margins {
      let place = "margin against class \(margin.rival)"
      guard margins.rivals.contains(margin.rival), made.indices.contains(margin.relaxation) else {
        throw fault(place, "names a class or a relaxation that is not there")
      }
      let layers = made[margin.relaxation]
      guard layers.hypothesis == nil else {
        throw fault(place, "stands on bounds of a part of the ball")
      }
      var choices = RowChoices<N>()
      if let lines = margin.lines { choices.slopes = try slopes(lines, layers) }
      margins.take(bound(own, margin.rival, choices, layers), margin.rival)
    }
    var parts: [Int: [[SplitSide]]] = [:]
    for search in proof.searched {
      parts[search.rival, default: []] += try self.parts(search, own, made)
    }
    for rival in margins.rivals {
      guard let parts = parts[rival] else { continue }
      try cover(parts, [], "search against class \(rival)")
      margins.searched.insert(rival)
    }
    return margins
  }

  private func hold(_ place: String, _ claimed: Double, _ found: N?) throws(AuditFault) {
    guard claimed > -.infinity else { return }
    guard let found, N(claimed) <= found else {
      let words = found.map { "\($0.shown)" } ?? "nothing"
      throw fault(place, "\(claimed) claimed, \(words) derived")
    }
  }

  private func check(_ claim: AuditClaim, _ margins: Margins) throws(AuditFault) {
    for rival in margins.rivals {
      try hold("margin against class \(rival)", claim.margins[rival], margins.deployed[rival])
    }
    guard network.classCount > 1 else { return }
    let least = margins.least(margins.deployed)
    try hold("smallest margin", claim.margin, least)
    try hold("smallest margin_real", claim.marginReal, margins.least(margins.real))
    // Of another class than this one it is derived where the example is cleared.
    if claim.prediction == claim.specificationClass {
      try hold("detection_margin", claim.detectionMargin ?? -.infinity, least)
    }
    guard let loss = claim.loss else { return }
    // Not above `log(1 + sum exp(-m))`, the largest power taken out: the least loss that may be claimed.
    let lows = margins.rivals.map { margins.deployed[$0]?.shown ?? -.infinity }
    let powers = ([0] + lows.map { -$0 }).sorted(by: >)
    let rest = powers.dropFirst().reduce(0) { $0 + exp($1 - powers[0]) }
    let derived =
      powers[0] < .infinity
      ? (powers[0] + log1p(rest)) * (1 - 0x1p-40) : .infinity
    guard loss >= derived else {
      throw fault("robust_loss", "\(loss) claimed, at least \(derived) derived")
    }
  }

  /// The radius that is claimed: every class derived to lose on its ball.
  private func certify(
    _ claim: AuditClaim, _ radius: Double, _ proofs: [ExampleProof]?
  ) throws(AuditFault) {
    let proof = proofs?.first { $0.radius != nil }
    let proved = proof?.radius ?? radius
    guard proved >= radius, proved.isFinite,
      (proof?.specificationClass ?? claim.prediction) == claim.prediction
    else { throw fault("radius", "\(radius) claimed, and a proof of another radius or class") }
    let margins = try margins(of: claim.prediction, N(proved), proof)
    guard let rival = margins.open else { return }
    let shown = margins.deployed[rival].map { "\($0.shown)" } ?? "nothing"
    throw fault(
      "radius", "\(radius) claimed, \(shown) derived as the margin against class \(rival)")
  }

  /// Another class has the larger logit at the example itself, or the same and a lower number.
  private func checkLabelLoses(_ claim: AuditClaim) throws(AuditFault) {
    guard let label = claim.label else { throw fault("", "misclassified, without a label") }
    let layers = try algorithm1(question.ball(center, .zero), rows: .open)
    for winner in 0..<network.classCount where winner != label {
      let margin = bound(winner, label, .parallel, layers).deployedLower
      if margin > .zero || margin == .zero && winner < label { return }
    }
    throw fault("", "misclassified claimed, and no class derived to win at the example")
  }

  private func checkPoint(_ claim: AuditClaim, _ point: PointProof?) throws(AuditFault) {
    let place = "counterexample"
    guard let point else { throw fault(place, "no point in the file") }
    if let objection = question.objection(to: point.values, around: center.stored) {
      throw fault(place, objection)
    }
    let claimed = claim.counterexample ?? (point.winner, 0, .infinity)
    let distance = question.distance(of: point.values, from: center.stored)
    guard distance <= claimed.distance else {
      throw fault(place, "a distance of \(claimed.distance) claimed, \(distance) derived")
    }
    let own = claim.specificationClass
    guard point.winner == claimed.winner, point.winner != own,
      (0..<network.classCount).contains(point.winner)
    else { throw fault(place, "the point is one of class \(point.winner)") }
    let ball: AuditBall<N> = question.single(point.values, around: center)
    var best: N?
    for rows in UnitRows.allCases {
      let layers = try algorithm1(ball, rows: rows)
      // A unit that only rounding leaves open has slopes of all kinds, and any is as good a proof.
      for slope in [nil, 0, 1] as [Double?] {
        var choices = RowChoices<N>()
        choices.slopes = slope.map { slope in
          layers.lower.map { [N](repeating: N(slope), count: $0.count) }
        }
        let margin = bound(point.winner, own, choices, layers).deployedLower
        if margin > .zero, margin >= N(claimed.margin) { return }
        best = max(best ?? margin, margin)
      }
    }
    throw fault(
      place, "a margin of \(claimed.margin) claimed, \(best?.shown ?? -.infinity) derived")
  }

  /// Corollary 2: the predicted class is proved over the ball.
  private func checkCleared(
    _ claim: AuditClaim, _ proofs: [ExampleProof]?, _ isProved: Bool
  ) throws(AuditFault) {
    let own = claim.prediction
    guard own != claim.specificationClass || !isProved else { return }
    var isInside = false
    if let radius = claim.radius, N(radius) >= center.epsilon {
      try certify(claim, radius, proofs)
      isInside = true
    }
    let proof = proofs?.first { $0.radius == nil && $0.specificationClass == own }
    let margins = try margins(of: own, center.epsilon, proof)
    for rival in margins.rivals {
      let found = margins.deployed[rival]
      guard let found, isInside || found > .zero,
        claim.detectionMargin.map({ N($0) <= found }) ?? true
      else { throw fault("detection", "cleared claimed, and class \(rival) not derived to lose") }
    }
  }
}
