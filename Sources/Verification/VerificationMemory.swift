import Attack
import DualBounds
import PropertyFiles
import ReLUChain

extension MemoryNeed {
  /// What a verification holds in memory: of its cases, which come one after the other, the one that
  /// takes most. The boxes that wait come on top: 16 bytes an input, and at most a round for each time
  /// that a box was split.
  public init(verifying property: Property, by chain: ReLUChain) {
    var largest: [OutputConstraint] = []
    for propertyCase in property.cases {
      let constraints = propertyCase.conjunctions.flatMap(\.self)
      let distinct = Set(constraints).count
      guard distinct > largest.count || largest.isEmpty else { continue }
      var seen: Set<OutputConstraint> = []
      largest = constraints.filter { seen.insert($0).inserted }
    }
    let answering = chain.answering(largest)
    self.init(
      answering, slopes: .optimized, relaxations: 2 + BoundWorkspace.searchedRelaxations)
    addSearches(answering)
    let attack = GradientNetwork.memory(of: chain)
    add(network: attack.network, worker: attack.worker)
  }
}

extension VerificationOptions {
  /// Fits the workers into a budget of memory (`MemoryNeed.fitted`).
  ///
  /// - Parameter budget: bytes.
  /// - Returns: false where not even one worker fits.
  public mutating func fit(_ need: MemoryNeed, within budget: Int) -> Bool {
    guard let fitted = need.fitted(threads, within: budget) else { return false }
    (threads, rowsPerBlock) = fitted
    return true
  }
}
