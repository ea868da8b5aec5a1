import Attack
import CertificateRecords
import DualBounds

/// One worker's attacks: searches counterexamples, and believes only what the bounds confirm.
package final class ExampleAttack {
  private let workspace: BoundWorkspace
  let attacker: Attacker
  private let kind: AttackOptions.Kind
  private let options: CertificationOptions

  /// nil where no attack was asked for.
  package init?(
    _ workspace: BoundWorkspace, _ network: GradientNetwork?, _ options: CertificationOptions
  ) {
    guard let attack = options.attack, let network else { return nil }
    self.workspace = workspace
    attacker = Attacker(network, options: attack)
    kind = attack.kind
    self.options = options
  }

  /// Attacks where there is something to find.
  ///
  /// - Throws: a counterexample that contradicts what is certified.
  package func attack(_ example: inout OpenExample) throws(CertificationFailure) {
    for place in options.epsilons.indices where isOpen(example.verdict(place)) {
      example.attacks[place] = attack(example, place)
    }
    try example.check()
  }

  /// FGSM is tried on what is certified, too: it must fail there.
  private func isOpen(_ verdict: Verdict) -> Bool {
    switch verdict {
    case .unknown: true
    case .certified: kind == .fgsm
    case .falsified, .misclassified: false
    }
  }

  private func attack(_ example: OpenExample, _ place: Int) -> AttackRecord {
    let (ball, epsilon) = (example.ball, options.epsilons[place])
    let region = ExampleRegion(ball, epsilon)
    guard let searched = region.searched else {
      // Nowhere to go: the record says so by its count of features.
      return AttackRecord(
        steps: 0, fgsmSucceeds: false, counterexample: nil, frozen: ball.center.count)
    }
    let bounds = example.bounds[place]
    let own = bounds.margins.specificationClass
    let rivals = example.isCertified(place) ? [] : bounds.margins.open
    var found: Counterexample?
    let outcome = attacker.search(
      searched, defended: own, rivals: rivals,
      suggestions: suggestions(rivals, ball.ball(epsilon), bounds),
      stream: UInt64(example.index)
    ) { point, rival in
      self.confirm(point, rival, against: own, in: region, &found)
    }
    return AttackRecord(
      steps: outcome.steps, fgsmSucceeds: outcome.fgsmSucceeds, counterexample: found,
      frozen: region.frozenCount)
  }

  /// A short ascent from a point that a search thinks little of.
  func probe(
    _ point: [Double], _ rival: Int, against own: Int, in region: ExampleRegion
  ) -> (found: Counterexample?, margin: Double)? {
    guard kind == .pgd, let searched = region.searched else { return nil }
    var found: Counterexample?
    let best = attacker.ascend(searched, defended: own, rival: rival, from: point.map { Float($0) })
    {
      point, rival in
      self.confirm(point, rival, against: own, in: region, &found)
    }
    return (found, -Double(best))
  }

  /// The coefficients of the rows that fail, with parallel slopes, where PGD may start from them.
  func suggestions(
    _ rivals: [Int], _ ball: Ball, _ bounds: BallBounds
  ) -> [Int: [Double]] {
    guard kind == .pgd, !rivals.isEmpty else { return [:] }
    let own = bounds.margins.specificationClass
    let isParallel = bounds.reached == .parallel
    let parallel = isParallel ? bounds.relaxation : workspace.relaxation(over: ball)
    let margins =
      isParallel ? bounds.margins : workspace.margins(of: parallel, specificationClass: own)
    var suggestions: [Int: [Double]] = [:]
    for rival in rivals where margins.margins[rival].isFinite {
      suggestions[rival] = workspace.inputCoefficients(parallel, of: own, against: rival)
    }
    return suggestions
  }

  /// The proven margin of a point, which is kept where it is a counterexample.
  private func confirm(
    _ point: [Float], _ rival: Int, against own: Int, in region: ExampleRegion,
    _ found: inout Counterexample?
  ) -> Double {
    let counterexample = checked(point, rival, against: own, in: region)
    if let counterexample, counterexample.margin > 0 { found = counterexample }
    return counterexample?.margin ?? -.infinity
  }

  /// The point as a counterexample with its proven margin, which may not be above 0; nil where it is
  /// no point of the ball.
  ///
  /// The bounds over the ball of radius zero hold for the run's arithmetic: for a deployed network
  /// in every order of summation.
  func checked(
    _ point: [Float], _ rival: Int, against own: Int, in region: ExampleRegion
  ) -> Counterexample? {
    let values = region.deployed(point)
    guard let distance = region.distance(to: values) else { return nil }
    let margin = workspace.margins(
      over: region.single(values), specificationClass: rival
    ).margins[own]
    return Counterexample(
      winner: rival, distance: distance, margin: margin,
      point: options.keepsPoints ? values : [])
  }
}
