import CertificateRecords
import DualBounds

// The complete search of examples that neither bounds nor attack decide.
extension ExampleCertifier {
  /// Branch and bound for every epsilon that is still open, class by class, the likeliest winner first.
  func decide(_ example: inout OpenExample) {
    guard options.splits > 0 else { return }
    for place in options.epsilons.indices where example.verdict(place) == .unknown {
      example.searches[place] = decide(&example, place)
    }
  }

  private func decide(_ example: inout OpenExample, _ place: Int) -> SearchRecord {
    let bounds = example.bounds[place]
    let center = look(&example)
    guard center.prediction == bounds.margins.specificationClass, center.smallestMargin > 0 else {
      return SearchRecord(reason: .tie)
    }
    var record = SearchRecord()
    for rival in bounds.margins.open {
      let (outcome, found) = search(example, place, rival, options.splits - record.nodes)
      record.nodes += outcome.nodes
      record.leaves += outcome.leaves
      record.depth = max(record.depth, outcome.depth)
      record.share = outcome.share
      switch outcome.end {
      case .proved: continue
      case .falsified:
        if let found { example.attacks[place]?.counterexample = found }
        return record
      case .budget: record.reason = .budget
      case .rounding: record.reason = .rounding
      }
      record.bound = outcome.bound.isFinite ? outcome.bound : nil
      return record
    }
    record.isProved = true
    return record
  }

  private func search(
    _ example: OpenExample, _ place: Int, _ rival: Int, _ budget: Int
  ) -> (outcome: SplitOutcome, found: Counterexample?) {
    let (bounds, epsilon) = (example.bounds[place], options.epsilons[place])
    let own = bounds.margins.specificationClass
    let center = example.ball.ball(epsilon).center
    let region = ExampleRegion(example.ball, epsilon)
    var found: Counterexample?
    let outcome = workspace.search(bounds.relaxation, own: own, other: rival, budget: budget) {
      way in
      let point = zip(center, way).map { $0 + $1 }
      guard let probed = attack?.probe(point, rival, against: own, in: region) else {
        return (false, .infinity)
      }
      found = probed.found
      return (found != nil, probed.margin)
    }
    return (outcome, found)
  }
}

extension MarginBounds {
  /// The classes that are not proven to lose, those that may win by most first.
  var open: [Int] {
    let open = margins.indices.filter { $0 != specificationClass && !(margins[$0] > 0) }
    func key(_ place: Int) -> Double { margins[place].isNaN ? -.infinity : margins[place] }
    return open.sorted { (key($0), $0) < (key($1), $1) }
  }
}
