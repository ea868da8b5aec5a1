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
    /// Examples with proofs at hand, in the order of the data, that were not written yet.
    var waiting: ArraySlice<(index: Int, parts: [[UInt8]])> = []

    /// Writes those that stand before an example, or all that are left.
    mutating func writeWaiting(before index: Int) throws(OutputError) {
      while let first = waiting.first, first.index < index {
        waiting.removeFirst()
        for part in first.parts { try writer.add(part) }
      }
    }
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

  /// Takes the proofs of examples that an earlier attempt finished; each is written where it belongs.
  package func insert(_ kept: [Int: [[UInt8]]]) {
    state.withLock { $0.waiting = kept.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }[...] }
  }

  /// Adds what an example's certificates rest on, in the order of the data; a failure is kept for the end.
  package func add(_ proofs: [ExampleProof]) {
    state.withLock { state in
      guard state.failure == nil else { return }
      do throws(OutputError) {
        if let index = proofs.first?.index { try state.writeWaiting(before: index) }
        for proof in proofs { try state.writer.add(proof) }
      } catch { state.failure = error }
    }
  }

  /// The finished file, to be completed with the others.
  package func end() throws(OutputError) -> AtomicFile {
    try state.withLock { (state) throws(OutputError) in
      if let failure = state.failure { throw failure }
      try state.writeWaiting(before: Int.max)
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
