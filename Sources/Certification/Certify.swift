import Attack
import CertificateRecords
import DualBounds
import ProofRecords
import ReLUChain
import Synchronization
import Threads

/// Certifies examples on several workers; the result does not depend on how many.
///
/// - Parameters:
///   - indices: the examples, by their position in the data.
///   - progress: told, from any worker but one at a time, how many examples are done.
///   - isStopped: asked before each example; where it is, those at hand are the last.
///   - finished: is given an example's certificates, and what they rest on, as soon as they are there, in no
///     order and by several workers at once.
///   - proofs: is given what an example's certificates rest on, before they themselves are given to `sink`.
///   - sink: is given an example's certificates, one for each epsilon of the options, in the order of
///     `indices` and as soon as every example before it is done: from any worker, one at a time.
/// - Throws: the first example, by position, that lies outside the domain, or of which a certificate
///   and a counterexample contradict each other; the sink has had those before it. `stopped`, where
///   examples are left.
package func certify(
  chain: ReLUChain, source: ExampleSource, indices: [Int], options: CertificationOptions,
  progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in },
  isStopped: @Sendable () -> Bool = { false },
  finished: @Sendable ([Certificate], [ExampleProof]) -> Void = { _, _ in },
  proofs: @Sendable ([ExampleProof]) -> Void = { _ in },
  sink: @Sendable ([Certificate]) -> Void
) throws(CertificationFailure) {
  let problem = BoundProblem(
    chain, arithmetic: options.arithmetic, wideSums: options.wideSums,
    computesEveryRow: options.computesEveryRow)
  let evaluation = NetworkEvaluation(
    chain, arithmetic: options.arithmetic, wideSums: options.wideSums)
  let network = options.attack.map { _ in GradientNetwork(chain) }
  let board = WorkBoard(count: indices.count)
  // Where examples run out, whoever has none helps with the searches of the others.
  let searches = options.splits > 0
  let workers = searches ? options.threads : min(options.threads, indices.count)
  let crew = searches && workers > 1 ? Crew() : nil
  runWorkers(workers) {
    crew?.join()
    defer { crew?.help() }
    // A worker without an example takes no memory of its own.
    lazy var certifier = ExampleCertifier(
      problem: problem, evaluation: evaluation, network: network, source: source,
      options: options, crew: crew)
    while !isStopped(), let place = board.take() {
      let result = Result { () throws(CertificationFailure) in
        try certifier.certify(indices[place])
      }
      if case .success(let example) = result { finished(example.certificates, example.proofs) }
      board.put(
        result, at: place, progress: { progress($0, indices.count) },
        sink: { example in
          proofs(example.proofs)
          sink(example.certificates)
        })
    }
  }
  if let failure = board.failure { throw failure }
  if board.isUnfinished { throw .stopped }
}

/// The same, with all certificates at the end.
///
/// - Returns: for each epsilon of the options, the certificates in the order of `indices`.
package func certify(
  chain: ReLUChain, source: ExampleSource, indices: [Int], options: CertificationOptions,
  progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in },
  isStopped: @Sendable () -> Bool = { false },
  finished: @Sendable ([Certificate], [ExampleProof]) -> Void = { _, _ in },
  proofs: @Sendable ([ExampleProof]) -> Void = { _ in }
) throws(CertificationFailure) -> [[Certificate]] {
  let found = Mutex(options.epsilons.map { _ in [Certificate]() })
  try certify(
    chain: chain, source: source, indices: indices, options: options, progress: progress,
    isStopped: isStopped, finished: finished, proofs: proofs
  ) { certificates in
    found.withLock { lists in
      for (place, certificate) in certificates.enumerated() { lists[place].append(certificate) }
    }
  }
  return found.withLock { $0 }
}

/// What is still to do and what is done, shared by the workers.
private final class WorkBoard: Sendable {
  typealias Outcome = Result<CertifiedExample, CertificationFailure>

  private struct State {
    var next = 0
    var done = 0
    /// What is done, but for what was delivered.
    var outcomes: [Int: Outcome] = [:]
    var delivered = 0
    var stopped = false
    var failure: CertificationFailure?
  }

  private let count: Int
  private let state = Mutex(State())

  init(count: Int) { self.count = count }

  /// The first refusal, by position. Places are taken in order, so everything before it was delivered.
  var failure: CertificationFailure? { state.withLock { $0.failure } }

  /// Whether examples are left.
  var isUnfinished: Bool { state.withLock { $0.delivered < count } }

  /// The next place that nobody has taken; nil when none is left, or an example was refused.
  func take() -> Int? {
    state.withLock { state in
      guard state.next < count, !state.stopped else { return nil }
      state.next += 1
      return state.next - 1
    }
  }

  func put(
    _ outcome: Outcome, at place: Int, progress: (Int) -> Void, sink: (CertifiedExample) -> Void
  ) {
    state.withLock { state in
      state.outcomes[place] = outcome
      state.done += 1
      if case .failure = outcome { state.stopped = true }
      progress(state.done)
      while state.failure == nil, let next = state.outcomes.removeValue(forKey: state.delivered) {
        state.delivered += 1
        switch next {
        case .success(let example): sink(example)
        case .failure(let failure): state.failure = failure
        }
      }
    }
  }
}
