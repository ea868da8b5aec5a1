import Attack
import CertificateRecords
import Certification
import DataFiles
import DualBounds
import FileAccess
import ReLUChain

/// Certifies the examples of a run: the only place where the command and the engine meet.
///
/// - Returns: For each epsilon, the certificates in the order of the data.
func certify(
  _ inputs: RunInputs, _ plan: RunPlan, _ options: CertificationOptions,
  progress: @escaping @Sendable (_ done: Int, Int) -> Void = { _, _ in }
) throws -> [[Certificate]] {
  do throws(CertificationFailure) {
    return try certify(
      chain: inputs.chain, source: ExampleSource(inputs), indices: inputs.positions,
      options: options, progress: progress)
  } catch .outsideDomain(let outside) {
    throw InputError(
      file: plan.dataPath, place: "item \(outside.index), value \(outside.feature)",
      found: "\(outside.value) after scaling",
      expected: plan.clip.map { "\($0.lower.text) to \($0.upper.text), as --clip says" } ?? "")
  } catch .contradiction(let contradiction) {
    throw contradiction
  }
}

/// What a command line asks of the engine: its examples, and its options before they are fitted into
/// the memory.
package func engineQuestion(
  _ arguments: [String]
) throws -> (source: ExampleSource, options: CertificationOptions) {
  let plan = try RunPlan(RunCommand.parse(arguments))
  let inputs = try RunInputs(plan)
  return (ExampleSource(inputs), CertificationOptions(plan, inputs))
}

extension RunPlan {
  /// The options as the engine takes them, with workers that fit into the memory.
  func options(_ inputs: RunInputs) throws(InputError) -> CertificationOptions {
    var options = CertificationOptions(self, inputs)
    let need = MemoryNeed(
      run: inputs.chain, slopes: options.slopes == .fixed(.parallel) ? .parallel : .optimized,
      epsilons: options.epsilons.count, attacks: options.attack != nil)
    guard options.fit(need, within: memory.bytes) else {
      throw InputError(
        .limit, file: modelPath, place: "--memory \(memory.text)",
        found: "bounding this network takes \(MemorySize(bytes: need.least).text)",
        expected: "at most that much", remedy: "Allow more by --memory.")
    }
    return options
  }
}

extension ExampleSource {
  /// The examples of a run.
  init(_ inputs: RunInputs) {
    let (scaled, labels) = (inputs.scaled, inputs.labels)
    self.init(
      featureCount: scaled.dataset.featureCount,
      isExact: scaled.isExact,
      label: { labels?.values[$0] },
      copyFeatures: { scaled.copyFeatures(of: $0, into: $1) })
  }
}

extension CertificationOptions {
  /// What a plan asks for.
  init(_ plan: RunPlan, _ inputs: RunInputs) {
    self.init(
      epsilons: plan.epsilons,
      shape: inputs.featureRadii.map { .weighted($0.values) } ?? .norm(plan.norm),
      arithmetic: plan.arithmetic, accumulation: plan.accumulation, slopes: plan.slopes,
      domain: plan.clip.map { Domain(from: $0.lower, to: $0.upper) },
      radii: plan.radii.map {
        RadiusOptions(selection: $0.selection, tolerance: $0.tolerance, cap: inputs.radiusCap)
      },
      attack: plan.attack, keepsCounterexamples: plan.counterexamples != nil,
      threads: plan.threads)
    (detects, rows) = (plan.detects, plan.rows)
  }
}
