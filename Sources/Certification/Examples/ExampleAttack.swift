import Attack
import CertificateRecords
import DualBounds

/// One worker's attacks: searches counterexamples, and believes only what the bounds confirm.
package final class ExampleAttack {
  private let workspace: BoundWorkspace
  private let attacker: Attacker
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
  package func attack(
    _ example: ExampleBall, _ certificates: inout [Certificate]
  ) throws(CertificationFailure) {
    for (place, epsilon) in options.epsilons.enumerated() where isOpen(certificates[place]) {
      certificates[place].attack = attack(example, epsilon, certificates[place])
    }
    try reconcile(&certificates)
  }

  /// Holds every counterexample of an example against all its certificates: what it contradicts was
  /// no proof, what it does not is falsified, or ends the bracket of the radius.
  func reconcile(_ certificates: inout [Certificate]) throws(CertificationFailure) {
    let certified = certifiedRadius(certificates)
    var nearest: Double?
    for (place, certificate) in certificates.enumerated() {
      guard let found = certificate.attack?.counterexample else { continue }
      if let certified, found.distance <= certified {
        throw .contradiction(
          Contradiction(
            index: certificate.index, certifiedClass: certificate.prediction,
            certifiedRadius: certified, winner: found.winner, distance: found.distance))
      }
      certificates[place].verdict = .falsified
      nearest = min(nearest ?? found.distance, found.distance)
    }
    guard let nearest else { return }
    for place in certificates.indices where certificates[place].radius != nil {
      certificates[place].radiusUpper = min(certificates[place].radiusUpper ?? nearest, nearest)
    }
  }

  /// FGSM is tried on what is certified, too: it must fail there.
  private func isOpen(_ certificate: Certificate) -> Bool {
    switch certificate.verdict {
    case .unknown: true
    case .certified: kind == .fgsm
    case .falsified, .misclassified: false
    }
  }

  /// The largest radius at which the prediction has a certificate; nil where there is none.
  private func certifiedRadius(_ certificates: [Certificate]) -> Double? {
    var largest = certificates.first?.radius
    for (epsilon, certificate) in zip(options.epsilons, certificates)
    where certificate.verdict == .certified {
      largest = max(largest ?? 0, epsilon.upper)
    }
    return largest
  }

  private func attack(
    _ example: ExampleBall, _ epsilon: TypedMagnitude, _ certificate: Certificate
  ) -> AttackRecord? {
    let region = ExampleRegion(example, epsilon)
    guard let searched = region.searched else {
      // Nowhere to go: the record says so by its count of features.
      return AttackRecord(
        steps: 0, fgsmSucceeds: false, counterexample: nil, frozen: example.center.count)
    }
    let own = certificate.specificationClass
    let isCertified = certificate.verdict == .certified
    let rivals = isCertified ? [] : openClasses(certificate)
    var found: Counterexample?
    let outcome = attacker.search(
      searched, defended: own, rivals: rivals,
      suggestions: suggestions(rivals, example.ball(epsilon), own),
      stream: UInt64(certificate.index)
    ) { point, rival in
      let counterexample = self.checked(point, rival, against: own, in: region)
      if let counterexample, counterexample.margin > 0 { found = counterexample }
      return counterexample?.margin ?? -.infinity
    }
    return AttackRecord(
      steps: outcome.steps, fgsmSucceeds: outcome.fgsmSucceeds, counterexample: found,
      frozen: region.frozenCount)
  }

  /// The classes that are not proven to lose, those that may win by most first.
  private func openClasses(_ certificate: Certificate) -> [Int] {
    let margins = certificate.margins
    let open = margins.indices.filter {
      $0 != certificate.specificationClass && !(margins[$0] > 0)
    }
    func key(_ place: Int) -> Double { margins[place].isNaN ? -.infinity : margins[place] }
    return open.sorted { (key($0), $0) < (key($1), $1) }
  }

  /// The coefficients of the rows that fail, where PGD may start from them.
  private func suggestions(_ rivals: [Int], _ ball: Ball, _ own: Int) -> [Int: [Double]] {
    guard kind == .pgd else { return [:] }
    let margins = workspace.margins(over: ball, specificationClass: own).margins
    var suggestions: [Int: [Double]] = [:]
    for rival in rivals where margins[rival].isFinite {
      suggestions[rival] = workspace.inputCoefficients(of: own, against: rival)
    }
    return suggestions
  }

  /// The point as a counterexample with its proven margin, which may not be above 0; nil where it is
  /// no point of the ball.
  ///
  /// The bounds over the ball of radius zero hold for the run's arithmetic: for a deployed network
  /// in every order of summation.
  private func checked(
    _ point: [Float], _ rival: Int, against own: Int, in region: ExampleRegion
  ) -> Counterexample? {
    let values = region.deployed(point)
    guard let distance = region.distance(to: values) else { return nil }
    let margin = workspace.margins(
      over: region.single(values), specificationClass: rival
    ).margins[own]
    return Counterexample(
      winner: rival, distance: distance, margin: margin,
      point: options.keepsCounterexamples ? values : [])
  }
}
