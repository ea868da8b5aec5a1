import Attack
import CertificateRecords
import DualBounds
import ReLUChain
import Synchronization

/// Certifies examples on several workers; the result does not depend on how many.
///
/// - Parameters:
///   - indices: the examples, by their position in the data.
///   - progress: told, from any worker but one at a time, how many examples are done.
/// - Returns: for each epsilon of the options, the certificates in the order of `indices`.
/// - Throws: the first example, by position, that lies outside the domain, or of which a certificate
///   and a counterexample contradict each other.
public func certify(
  chain: ReLUChain, source: ExampleSource, indices: [Int], options: CertificationOptions,
  progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
) throws(CertificationFailure) -> [[Certificate]] {
  let problem = BoundProblem(
    chain, arithmetic: options.arithmetic, wideSums: options.wideSums,
    computesEveryRow: options.computesEveryRow)
  let evaluation = NetworkEvaluation(
    chain, arithmetic: options.arithmetic, wideSums: options.wideSums)
  let network = options.attack.map { _ in GradientNetwork(chain) }
  let board = WorkBoard(count: indices.count)
  let workers = max(1, min(options.threads, indices.count))
  runWorkers(workers) {
    let certifier = ExampleCertifier(
      problem: problem, evaluation: evaluation, network: network, source: source,
      options: options)
    while let place = board.take() {
      let result = Result { () throws(CertificationFailure) in
        try certifier.certify(indices[place])
      }
      board.put(result, at: place) { progress($0, indices.count) }
    }
  }
  let rows = try board.results()
  return options.epsilons.indices.map { epsilon in rows.map { $0[epsilon] } }
}

/// What is still to do and what is done, shared by the workers.
private final class WorkBoard: Sendable {
  typealias Outcome = Result<[Certificate], CertificationFailure>

  private struct State {
    var next = 0
    var done = 0
    var outcomes: [Outcome?]
    var stopped = false
  }

  private let state: Mutex<State>

  init(count: Int) {
    state = Mutex(State(outcomes: [Outcome?](repeating: nil, count: count)))
  }

  /// The next place that nobody has taken; nil when none is left, or an example was refused.
  func take() -> Int? {
    state.withLock { state in
      guard state.next < state.outcomes.count, !state.stopped else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func put(_ outcome: Outcome, at place: Int, progress: (Int) -> Void) {
    state.withLock { state in
      state.outcomes[place] = outcome
      state.done += 1
      if case .failure = outcome { state.stopped = true }
      progress(state.done)
    }
  }

  /// Places are taken in order, so everything before the first refusal is there.
  func results() throws(CertificationFailure) -> [[Certificate]] {
    let outcomes = state.withLock { $0.outcomes }
    var rows: [[Certificate]] = []
    rows.reserveCapacity(outcomes.count)
    for case .some(let outcome) in outcomes { rows.append(try outcome.get()) }
    return rows
  }
}
