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
  public init(run chain: ReLUChain, slopes: Slopes, epsilons: Int, attacks: Bool) {
    self.init(chain, slopes: slopes, relaxations: epsilons)
    guard attacks else { return }
    let attack = GradientNetwork.memory(of: chain)
    add(network: attack.network, worker: attack.worker)
  }
}
