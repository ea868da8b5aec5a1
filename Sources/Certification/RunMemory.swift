import Attack
import DualBounds
import ReLUChain

extension MemoryNeed {
  /// What a run holds in memory: the chain, its layouts for bounds and for attacks, and in every worker
  /// the relaxations of an example's balls.
  ///
  /// - Parameters:
  ///   - slopes: the tightest that a worker is given memory for.
  ///   - epsilons: the balls of an example.
  ///   - attacks: whether there are attacks.
  ///   - searches: whether there are complete searches.
  ///   - closesRadii: whether they search radii, too: another ball beside those of the epsilons.
  public init(
    run chain: ReLUChain, slopes: Slopes, epsilons: Int, attacks: Bool, searches: Bool,
    closesRadii: Bool = false
  ) {
    // A search keeps relaxations of its own, one behind the other.
    self.init(
      chain, slopes: searches ? .optimized : slopes,
      relaxations: epsilons + (closesRadii ? 1 : 0)
        + (searches ? BoundWorkspace.searchedRelaxations : 0))
    if searches { addSearches(chain) }
    guard attacks else { return }
    let attack = GradientNetwork.memory(of: chain)
    add(network: attack.network, worker: attack.worker)
  }
}
