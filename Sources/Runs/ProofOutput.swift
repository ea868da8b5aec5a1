import FileAccess
import ProofFiles
import ProofRecords
import Certification
import Synchronization

/// The file of `--proofs`: one part an example, written as it is done.
package final class ProofOutput: Sendable {
  private struct State: ~Copyable {
    let writer: ProofWriter
    var failure: OutputError?
  }

  private let state: Mutex<State>

  /// Opens the output.
  package init(_ path: String) throws(OutputError) {
    state = Mutex(State(writer: try ProofWriter(path)))
  }

  /// Begins with what the proofs of a run speak of.
  package func begin(_ plan: RunPlan, _ inputs: RunInputs) throws(OutputError) {
    let header = ProofHeader(plan, inputs)
    let chain = ChainStatement(inputs.chain, arithmetic: plan.arithmetic)
    try state.withLock { (state) throws(OutputError) in try state.writer.begin(header, chain) }
  }

  /// Adds what an example's certificates rest on; a failure is kept for the end.
  package func add(_ proofs: [ExampleProof]) {
    state.withLock { state in
      guard state.failure == nil else { return }
      do throws(OutputError) {
        for proof in proofs { try state.writer.add(proof) }
      } catch { state.failure = error }
    }
  }

  /// The finished file, to be completed with the others.
  package func end() throws(OutputError) -> AtomicFile {
    try state.withLock { (state) throws(OutputError) in
      if let failure = state.failure { throw failure }
      return try state.writer.end()
    }
  }

  /// Gives it up.
  package func discard() { state.withLock { $0.writer.discard() } }
}

extension ProofHeader {
  /// What the proofs of a run speak of.
  package init(_ plan: RunPlan, _ inputs: RunInputs) {
    self.init(
      model: inputs.model.sha256, data: inputs.data.digest.sha256 ?? "",
      arithmetic: plan.arithmetic.rawValue, accumulation: plan.accumulation.rawValue,
      norm: plan.norm.rawValue, epsilons: plan.epsilons.map(\.text))
  }
}
