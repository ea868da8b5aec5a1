import Attack
import FileAccess
import Runs

extension RunPlan {
  /// The steps of an ascent and the random starts: more of either finds next to nothing more, measured
  /// on robust and on ordinary networks.
  private static let (attackSteps, restarts) = (40, 3)

  /// - Parameter seedsSample: the seed has another use.
  static func attack(
    _ options: AttackArguments, seedsSample: Bool
  ) throws(InputError) -> AttackOptions? {
    let steps = try whole(options.attackSteps, "--attack-steps", least: 1)
    let restarts = try whole(options.restarts, "--restarts", least: 0)
    let seed = try whole(options.seed, "--seed", least: 0)
    let idle: [(String, String?)] = [
      ("--attack-steps", steps.map { "\($0)" }), ("--restarts", restarts.map { "\($0)" }),
      ("--seed", seedsSample ? nil : seed.map { "\($0)" }),
    ]
    let saved = ("--counterexamples", options.counterexamples.map(quoted))
    let contradicting =
      switch options.attack {
      case .none: idle + [saved]
      case .fgsm: idle
      case .pgd: [(String, String?)]()
      }
    if case (let option, let text?)? = contradicting.first(where: { $0.1 != nil }) {
      throw InputError(
        .usage, file: option, found: "\(text) beside --attack \(options.attack.rawValue)",
        expected: "--attack pgd" + (option == saved.0 ? " or fgsm" : ""))
    }
    guard let kind = options.attack.kind else { return nil }
    return AttackOptions(
      kind: kind, steps: steps ?? attackSteps, restarts: restarts ?? RunPlan.restarts,
      seed: UInt64(seed ?? 0))
  }

  /// Where counterexamples go; nil for nowhere.
  static func counterexamples(
    _ options: AttackArguments, _ epsilonCount: Int
  ) throws(InputError) -> CounterexamplePaths? {
    guard let path = options.counterexamples else { return nil }
    guard epsilonCount == 1 else {
      throw InputError(
        .usage, file: "--counterexamples", found: "\(epsilonCount) values of --eps",
        expected: "one, whose counterexamples the file has")
    }
    return try CounterexamplePaths(path)
  }
}
