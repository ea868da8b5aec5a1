import CertificateRecords
import DualBounds
import Numbers

/// What is known of one example so far: stages add to it, and certificates are made of it at the end.
package struct OpenExample {
  let index: Int
  let label: Int?
  let ball: ExampleBall
  let epsilons: [Numeral]
  /// For each epsilon.
  package var bounds: [BallBounds] = []
  var center: CenterFindings?
  var prediction = 0
  /// Whether it is proved that the label loses at the centre.
  var labelLoses = false
  package var radius: RadiusSearch.Outcome?
  /// For each epsilon; nil where no attack was made.
  package var attacks: [AttackRecord?]
  /// For each epsilon; nil where no search was made.
  var searches: [SearchRecord?]
  /// For each epsilon the rivals that a search proved to lose, and what that rests on; where it is kept.
  var searchProofs: [[RivalProof]]
  /// What `--radii exact` came to; nil where it was not asked for.
  private(set) var exact: ExactEnds?
  /// For each epsilon what Corollary 2 says of the predicted class; empty where nobody asked.
  var detections: [(isCleared: Bool, margin: Double)] = []

  package init(index: Int, label: Int?, ball: ExampleBall, epsilons: [Numeral]) {
    (self.index, self.label, self.ball, self.epsilons) = (index, label, ball, epsilons)
    attacks = epsilons.map { _ in nil }
    searches = epsilons.map { _ in nil }
    searchProofs = epsilons.map { _ in [] }
  }

  /// Whether the margins of an epsilon are a certificate.
  var isCertifiedSomewhere: Bool { bounds.contains { $0.margins.smallest > 0 } }

  /// Whether an epsilon's ball is proved: by its own margins, or as a part of a larger one that is. Where
  /// not even the centre held there is no radius.
  func isCertified(_ place: Int) -> Bool {
    let margins = bounds[place].margins
    let isInside = (radius?.radius).map { $0.nearest >= epsilons[place].upper } ?? false
    if searches[place]?.isProved ?? false { return true }
    return margins.smallest > 0 || prediction == margins.specificationClass && isInside
  }

  /// What is to be said of an epsilon.
  package func verdict(_ place: Int) -> Verdict {
    if attacks[place]?.counterexample != nil { return .falsified }
    return isCertified(place) ? .certified : labelLoses ? .misclassified : .unknown
  }

  /// The largest radius at which the prediction has a certificate; nil where there is none.
  private var certifiedRadius: Double? {
    epsilons.indices.filter(isCertified).reduce(radius?.radius?.upper) {
      max($0 ?? 0, epsilons[$1].upper)
    }
  }

  /// The distance of the nearest counterexample.
  private var nearest: Double? { attacks.compactMap { $0?.counterexample?.distance }.min() }

  /// The epsilons at which the prediction is proved.
  var epsilonsOfPrediction: [Double] {
    epsilons.indices.filter { speaksOfPrediction($0) && isCertified($0) }
      .map { epsilons[$0].nearest }
  }

  /// The nearest counterexample of the predicted class.
  var nearestOfPrediction: Counterexample? {
    epsilons.indices.filter(speaksOfPrediction).compactMap { attacks[$0]?.counterexample }
      .min { $0.distance < $1.distance }
  }

  private func speaksOfPrediction(_ place: Int) -> Bool {
    bounds[place].margins.specificationClass == prediction
  }

  /// Takes the ends of the radius that no bracket could be made of.
  mutating func close(_ ends: ExactEnds) {
    exact = ends
    // Whatever a bisection came to: nothing is known from above.
    radius?.isConverged = false
  }

  /// Takes the ends of the radius. What they say of an epsilon that was open decides it.
  mutating func close(_ ends: ExactEnds, _ bracket: ExactBracket) {
    exact = ends
    radius?.radius = bracket.proved
    radius?.lost = nil
    radius?.isCapped = bracket.isCapped
    radius?.isConverged = bracket.isClosed
    radius?.steps += ends.record.tried
    for (place, epsilon) in epsilons.enumerated()
    where speaksOfPrediction(place) && searches[place]?.reason != nil {
      if let nearest = ends.nearest, nearest.distance <= epsilon.lower {
        attacks[place]?.counterexample = nearest
        searches[place]?.reason = nil
      } else if bracket.proved.nearest >= epsilon.upper {
        searches[place]?.reason = nil
        searches[place]?.isProved = true
      }
    }
  }

  /// Holds every counterexample against all that is certified: what it contradicts was no proof.
  package func check() throws(CertificationFailure) {
    guard let certified = certifiedRadius else { return }
    let all = attacks.map { $0?.counterexample } + [exact?.nearest]
    for found in all.compactMap(\.self) where found.distance <= certified {
      throw .contradiction(
        Contradiction(
          index: index, certifiedClass: prediction, certifiedRadius: certified,
          winner: found.winner, distance: found.distance))
    }
  }

  /// The certificates, one for each epsilon.
  ///
  /// - Parameter keepsPoints: whether counterexamples keep their points.
  package func certificates(keepsPoints: Bool = true) -> [Certificate] {
    epsilons.indices.map { place in
      var certificate = certificate(place)
      if !keepsPoints { certificate.attack?.counterexample?.point = [] }
      return certificate
    }
  }

  private func certificate(_ place: Int) -> Certificate {
    let bounds = bounds[place].margins
    let isParallel = bounds.slopes.allSatisfy { $0 == .parallel }
    // A counterexample ends the bracket of the radius, and nothing else an exact one.
    let ends =
      exact.map { [$0.nearest?.distance] } ?? [
        radius?.lost, radius?.radius == nil ? nil : nearest,
      ]
    var certificate = Certificate(
      index: index, label: label, prediction: prediction, verdict: verdict(place),
      detection: label == nil ? (isCertified(place) ? .cleared : .flagged) : nil,
      specificationClass: bounds.specificationClass, margins: bounds.margins,
      margin: bounds.smallest, marginReal: bounds.smallestReal,
      roundingBudget: bounds.roundingBudget, radius: radius?.radius?.upper,
      radiusIsCapped: radius?.isCapped ?? false, radiusUpper: ends.compactMap(\.self).min(),
      radiusSteps: radius?.steps, radiusIsConverged: radius?.isConverged ?? true,
      slopesUsed: isParallel ? [] : bounds.slopes.map(\.rawValue),
      robustLoss: label.map {
        robustCrossEntropy(margins: bounds.margins, specificationClass: $0)
      },
      unstable: bounds.unstable, attack: attacks[place], search: searches[place])
    certificate.exactRadius = exact?.record
    if !detections.isEmpty {
      certificate.detection = detections[place].isCleared ? .cleared : .flagged
      certificate.detectionMargin = detections[place].margin
    }
    return certificate
  }
}
