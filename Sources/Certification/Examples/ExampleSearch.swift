import CertificateRecords
import DualBounds
import Numbers

// The complete search of examples that neither bounds nor attack decide.
extension ExampleCertifier {
  /// Branch and bound for every epsilon that is still open, class by class, the likeliest winner first.
  func decide(_ example: inout OpenExample) {
    guard options.splits > 0 else { return }
    let open = options.epsilons.indices.filter { example.verdict($0) == .unknown }
    guard !open.isEmpty else { return }
    metered {
      for place in open { example.searches[place] = decide(&example, place) }
      return open.contains { example.verdict($0) == .unknown }
    }
  }

  /// Searches, told to whoever shows how far a run is.
  func metered(_ search: () -> Bool) {
    if let meter = options.meter { meter.searching(search) } else { _ = search() }
  }

  private func decide(_ example: inout OpenExample, _ place: Int) -> SearchRecord {
    let bounds = example.bounds[place]
    let center = look(&example)
    guard center.prediction == bounds.margins.specificationClass, center.smallestMargin > 0 else {
      return SearchRecord(reason: .tie)
    }
    var work: Int?
    let (record, found, _, proofs) = decide(
      example, bounds, options.epsilons[place], nodes: options.splits, work: &work)
    example.searchProofs[place] = proofs
    if let found { example.attacks[place]?.counterexample = found }
    return record
  }

  /// Branch and bound over one ball, with the bounds that are known of it.
  ///
  /// - Parameters:
  ///   - nodes: the most of them.
  ///   - work: see `BoundWorkspace.search`; what is left of it afterwards.
  func decide(
    _ example: OpenExample, _ bounds: BallBounds, _ epsilon: Numeral, nodes: Int,
    work: inout Int?
  ) -> (
    record: SearchRecord, found: Counterexample?, nearMiss: NearMiss?, proofs: [RivalProof]
  ) {
    var record = SearchRecord()
    var proofs: [RivalProof] = []
    for rival in bounds.margins.open {
      let (outcome, found, nearMiss, proof) = search(
        example, bounds, epsilon, rival, (nodes - record.nodes, work))
      if let proof { proofs.append((rival, proof)) }
      work = work.map { max(0, $0 - outcome.work) }
      record.nodes += outcome.nodes
      record.leaves += outcome.leaves
      record.depth = max(record.depth, outcome.depth)
      record.share = outcome.share
      switch outcome.end {
      case .proved: continue
      case .falsified: return (record, found, nil, proofs)
      case .budget: record.reason = .budget
      case .rounding: record.reason = .rounding
      }
      record.bound = outcome.bound.isFinite ? outcome.bound : nil
      return (record, nil, nearMiss, proofs)
    }
    record.isProved = true
    return (record, nil, nil, proofs)
  }

  private func search(
    _ example: OpenExample, _ bounds: BallBounds, _ epsilon: Numeral, _ rival: Int,
    _ budget: (nodes: Int, work: Int?)
  ) -> (
    outcome: SplitOutcome, found: Counterexample?, nearMiss: NearMiss?, proof: SplitProof?
  ) {
    let own = bounds.margins.specificationClass
    let center = example.ball.ball(epsilon).center
    let region = ExampleRegion(example.ball, epsilon)
    var found: Counterexample?
    var nearMiss: NearMiss?
    let (outcome, proof) = workspace.provedSearch(
      bounds.relaxation, own: own, other: rival, budget: budget.nodes, work: budget.work,
      isOver: { [meter = options.meter] in
        meter?.count()
        return false
      }
    ) { way in
      let point = zip(center, way).map { $0 + $1 }
      guard let probed = attack?.probe(point, rival, against: own, in: region) else {
        return (false, .infinity)
      }
      found = probed.found
      if probed.margin < nearMiss?.margin ?? .infinity {
        nearMiss = NearMiss(rival: rival, point: point, margin: probed.margin)
      }
      return (found != nil, probed.margin)
    }
    return (outcome, found, nearMiss, proof)
  }
}

/// The point from which a search came nearest to a counterexample.
struct NearMiss {
  var rival: Int
  var point: [Double]
  /// The smallest margin that was seen on the way up from it.
  var margin: Double
}

extension MarginBounds {
  /// The classes that are not proven to lose, those that may win by most first.
  var open: [Int] {
    let open = margins.indices.filter { $0 != specificationClass && !(margins[$0] > 0) }
    func key(_ place: Int) -> Double { margins[place].isNaN ? -.infinity : margins[place] }
    return open.sorted { (key($0), $0) < (key($1), $1) }
  }
}
