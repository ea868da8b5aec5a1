import Attack
import CertificateRecords
import Certification
import DataFiles
import DualBounds
import FileAccess
import ReLUChain

/// Certifies the examples of a run: the only place where the command and the engine meet.
///
/// - Parameter keepingCounterexamples: keeps their points, whether or not a file wants them.
/// - Returns: For each epsilon of the plan, the certificates in the order of the data.
func certify(
  _ inputs: RunInputs, _ plan: RunPlan, keepingCounterexamples: Bool = false,
  progress: @escaping @Sendable (_ done: Int, Int) -> Void
) throws -> [[Certificate]] {
  let source = ExampleSource(inputs)
  var options = try engineOptions(inputs, plan)
  options.keepsCounterexamples = options.keepsCounterexamples || keepingCounterexamples
  do throws(CertificationFailure) {
    return try certify(
      chain: inputs.chain, source: source, indices: inputs.positions, options: options,
      progress: progress)
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

/// The options as the engine takes them, with workers that fit into the memory.
func engineOptions(_ inputs: RunInputs, _ plan: RunPlan) throws(InputError) -> CertificationOptions
{
  var options = CertificationOptions(plan, inputs)
  options.detects = plan.detects
  options.computesEveryRow = plan.rows == .all
  let need = MemoryNeed(
    run: inputs.chain, slopes: options.slopes == .fixed(.parallel) ? .parallel : .optimized,
    epsilons: options.epsilons.count, attacks: options.attack != nil)
  guard options.fit(need, within: plan.memory.bytes) else {
    throw InputError(
      .limit, file: plan.modelPath, place: "--memory \(plan.memory.text)",
      found: "bounding this network takes \(MemorySize(bytes: need.least).text)",
      expected: "at most that much", remedy: "Allow more by --memory.")
  }
  return options
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
      shape: inputs.featureRadii.map { .weighted($0.values) }
        ?? .norm(Norm(rawValue: plan.norm.rawValue) ?? .linf),
      arithmetic: plan.arithmetic, wideSums: plan.accumulation != .same,
      slopes: Slopes(rawValue: plan.slopes.rawValue).map { .fixed($0) } ?? .auto,
      domain: plan.clip.map {
        Domain(
          lower: $0.lower.lower, upper: $0.upper.upper,
          inner: ($0.lower.upper, $0.upper.lower))
      },
      radii: plan.radii.map {
        RadiusOptions(
          tolerance: $0.tolerance.nearest, cap: inputs.radiusCap.nearest,
          onlyCertified: $0.selection == .certified)
      },
      attack: plan.attack, keepsCounterexamples: plan.counterexamples != nil,
      threads: plan.threads)
  }
}
