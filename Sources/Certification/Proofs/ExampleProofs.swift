import CertificateRecords
import DualBounds
import Numbers
import ProofRecords

/// A rival that a search proved to lose, and what that rests on; where it is kept.
typealias RivalProof = (rival: Int, proof: SplitProof)

/// What became of one example: a certificate for each epsilon, and what they rest on.
struct CertifiedExample: Sendable {
  var certificates: [Certificate]
  var proofs: [ExampleProof]
}

extension ExampleCertifier {
  /// What the certificates of an example rest on.
  func proofs(_ example: OpenExample) -> [ExampleProof] {
    var proofs: [ExampleProof] = []
    for place in options.epsilons.indices {
      let bounds = example.bounds[place]
      var builder = ProofBuilder(
        workspace.problem,
        ExampleProof(
          index: example.index, place: place,
          specificationClass: bounds.margins.specificationClass))
      if bounds.relaxation.isKnown { builder.add(bounds) }
      for (rival, search) in example.searchProofs[place] { builder.add(search, rival: rival) }
      if let found = example.attacks[place]?.counterexample {
        builder.add(PointProof(winner: found.winner, values: found.point))
      }
      proofs.append(builder.proof)
      if let detected = detectionProof(example, place) { proofs.append(detected) }
    }
    if let radius = radiusProof(example) {
      // One radius holds for all of the run's epsilons.
      proofs += options.epsilons.indices.map { place in
        var copy = radius
        copy.place = place
        return copy
      }
    }
    return proofs
  }

  /// What Corollary 2 rests on for a class that is predicted, and not the label.
  private func detectionProof(_ example: OpenExample, _ place: Int) -> ExampleProof? {
    let prediction = example.prediction
    guard !example.detections.isEmpty, example.detections[place].isCleared,
      prediction != example.bounds[place].margins.specificationClass
    else { return nil }
    let known = predictionBounds(
      over: example.ball.ball(options.epsilons[place]), prediction, isInside: false)
    guard known.relaxation.isKnown else { return nil }
    var builder = ProofBuilder(
      workspace.problem,
      ExampleProof(index: example.index, place: place, specificationClass: prediction))
    builder.add(known)
    return builder.proof
  }

  /// What an exact radius rests on that is an epsilon of the run, which a search proved.
  private func searchedEvidence(
    _ example: OpenExample, _ radius: Numeral
  ) -> (size: Numeral, bounds: BallBounds, searches: [RivalProof])? {
    guard example.exact != nil else { return nil }
    for (place, size) in options.epsilons.enumerated() where size.upper >= radius.upper {
      let bounds = example.bounds[place]
      guard example.searches[place]?.isProved ?? false, !example.searchProofs[place].isEmpty,
        bounds.margins.specificationClass == example.prediction
      else { continue }
      return (size, bounds, example.searchProofs[place])
    }
    return nil
  }

  /// What a radius rests on that Algorithm 1 alone does not give, or not to the letter: of a rewriting's
  /// units intervals and rows both know something, and slopes follow from what is taken of them.
  private func radiusProof(_ example: OpenExample) -> ExampleProof? {
    guard let radius = example.radius?.radius, radius.upper > 0 else { return nil }
    if let evidence = example.exact?.evidence ?? searchedEvidence(example, radius) {
      var builder = ProofBuilder(
        workspace.problem,
        ExampleProof(
          index: example.index, place: 0, radius: evidence.size.upper,
          specificationClass: example.prediction))
      builder.add(evidence.bounds)
      for (rival, search) in evidence.searches { builder.add(search, rival: rival) }
      return builder.proof
    }
    let isClimbed = example.bounds.contains { $0.reached > .parallel }
    let isTight = isClimbed || first > .parallel
    guard isTight || workspace.problem.isRewritten else { return nil }
    let known = workspace.bounds(
      over: example.ball.ball(radius.upper), specificationClass: example.prediction,
      slopes: isTight ? max(first, .optimized) : .parallel,
      untilCertified: options.slopes == .auto)
    var builder = ProofBuilder(
      workspace.problem,
      ExampleProof(
        index: example.index, place: 0, radius: radius.upper,
        specificationClass: example.prediction))
    if known.relaxation.isKnown { builder.add(known) }
    return builder.proof
  }
}
