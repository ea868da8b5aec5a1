import Attack
import CertificateRecords
import Certification
import DataFiles
import DualBounds
import FileAccess
import Numbers
import ProofRecords
import ReLUChain
import Reports

/// A run: what is asked of the engine, and what it answers.
package struct Run {
  let plan: RunPlan
  package let inputs: RunInputs
  /// The question as the engine takes it, with workers that fit into the memory.
  package var options: CertificationOptions

  /// - Throws: Where not even one worker fits into the memory.
  package init(_ plan: RunPlan, _ inputs: RunInputs) throws(InputError) {
    (self.plan, self.inputs) = (plan, inputs)
    options = CertificationOptions(plan, inputs)
    let need = MemoryNeed(
      run: inputs.chain, slopes: options.slopes == .fixed(.parallel) ? .parallel : .optimized,
      epsilons: options.epsilons.count, attacks: options.attack != nil,
      searches: options.splits > 0, closesRadii: plan.isExact)
    guard options.fit(need, within: plan.memory.bytes) else {
      throw InputError(
        .limit, file: plan.modelPath, place: "--memory \(plan.memory.typedText)",
        found: "bounding this network takes \(MemorySize(bytes: need.least).text)",
        expected: "at most that much", remedy: "Allow more by --memory.")
    }
  }

  /// Certifies the examples.
  ///
  /// - Parameters:
  ///   - progress: told how many examples are done.
  ///   - sink: given an example's certificates, one for each epsilon, in the order of the data and as
  ///     soon as every example before it is done: from any worker, one at a time.
  package func certify(
    progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in },
    sink: @Sendable ([Certificate]) -> Void
  ) throws {
    try answer { () throws(CertificationFailure) in
      try Certification.certify(
        chain: inputs.chain, source: ExampleSource(inputs), indices: inputs.positions,
        options: options, progress: progress, sink: sink)
    }
  }

  /// For each epsilon, the certificates in the order of the data.
  package func certificates(
    progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> [[Certificate]] {
    try certificates(at: inputs.positions, progress: progress)
  }

  /// The same of some of the examples.
  ///
  /// - Parameters:
  ///   - isStopped: asked before each example.
  ///   - finished: given an example's certificates, and what they rest on, as soon as they are there, by several
  ///     workers at once.
  func certificates(
    at positions: [Int], progress: @Sendable (_ done: Int, _ total: Int) -> Void,
    isStopped: @Sendable () -> Bool = { false },
    finished: @Sendable ([Certificate], [ExampleProof]) -> Void = { _, _ in },
    proofs: @Sendable ([ExampleProof]) -> Void = { _ in }
  ) throws -> [[Certificate]] {
    try answer { () throws(CertificationFailure) in
      try Certification.certify(
        chain: inputs.chain, source: ExampleSource(inputs), indices: positions,
        options: options, progress: progress, isStopped: isStopped, finished: finished,
        proofs: proofs)
    }
  }

  /// What the engine says, its refusals by the names of files and options.
  private func answer<Answer>(
    _ ask: () throws(CertificationFailure) -> Answer
  ) throws -> Answer {
    do throws(CertificationFailure) {
      return try ask()
    } catch .outsideDomain(let outside) {
      throw InputError(
        file: plan.dataPath, place: "item \(outside.index), value \(outside.feature)",
        found: "\(outside.value) after scaling",
        expected: plan.clip.map { "\($0.lower.text) to \($0.upper.text), as --clip says" } ?? "")
    } catch .contradiction(let contradiction) {
      throw contradiction
    } catch {
      throw error
    }
  }

  /// A report for each epsilon.
  ///
  /// - Parameter finished: given an example's certificates as soon as they are there, by several workers
  ///   at once.
  package func reports(
    progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in },
    finished: @Sendable ([Certificate]) -> Void = { _ in },
    proofs: @Sendable ([ExampleProof]) -> Void = { _ in }
  ) throws -> [Report] {
    reports(
      of: try certificates(
        at: inputs.positions, progress: progress,
        finished: { certificates, _ in finished(certificates) },
        proofs: proofs))
  }

  /// The same, of certificates at hand: for each epsilon those of every example.
  package func reports(of certificates: [[Certificate]]) -> [Report] {
    zip(options.epsilons, certificates).map { epsilon, certificates in
      Report(run: description(epsilon), certificates: certificates)
    }
  }

  /// What a report says of the run at one epsilon: what tells it from other runs.
  package func description(_ epsilon: Numeral) -> RunDescription {
    var description = RunDescription(
      program: .this, kernels: Kernels.best.name,
      model: ModelDescription(inputs.model, inputs.chain, notes: inputs.notes),
      data: DataDescription(plan, inputs),
      options: OptionsDescription(plan, epsilon, options, inputs))
    description.warnings = inputs.warnings
    return description
  }
}

extension ExampleSource {
  /// The examples of a run.
  package init(_ inputs: RunInputs) {
    let (scaled, labels) = (inputs.scaled, inputs.labels)
    self.init(
      featureCount: scaled.dataset.featureCount,
      isExact: scaled.isExact,
      label: { labels?.values[$0] },
      copyFeatures: { scaled.copyFeatures(of: $0, into: $1) })
    wholeNumbers = inputs.chain.wholeInputs
  }
}

extension CertificationOptions {
  /// What a plan asks for.
  package init(_ plan: RunPlan, _ inputs: RunInputs) {
    self.init(
      epsilons: plan.epsilons,
      shape: inputs.featureRadii.map { .weighted($0.values) } ?? .norm(plan.norm),
      arithmetic: plan.arithmetic, accumulation: plan.accumulation, slopes: plan.slopes,
      domain: plan.clip.map { Domain(from: $0.lower, to: $0.upper) },
      radii: plan.radii.map {
        RadiusOptions(selection: $0.selection, tolerance: $0.tolerance, cap: inputs.radiusCap)
      },
      attack: plan.attack,
      // A journal has the points for whoever asks for them when the run is gone on with.
      keepsCounterexamples: plan.counterexamples != nil || plan.journal != nil
        || plan.proofsPath != nil,
      threads: plan.threads)
    (detects, rows, splits) = (plan.detects, plan.rows, plan.splits)
    keepsProofs = plan.proofsPath != nil
  }
}
