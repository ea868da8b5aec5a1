import CertificateRecords
import DualBounds
import FileAccess
import Numbers
import Parity
import Reports
import Runs

extension RunInputs {
  /// Says what looks wrong, and what is worth knowing, of the files and the settings.
  func say(_ plan: RunPlan, _ diagnostics: Diagnostics) {
    for warning in warnings { diagnostics.warning(warning.text) }
    for note in notes { diagnostics.note("\(plan.modelPath): \(note)") }
    for note in data.notes { diagnostics.note(note) }
  }
}

/// A run from its plan to its exit status.
struct CertificationRun {
  let plan: RunPlan
  let diagnostics: Diagnostics

  /// Opens the output, reads, certifies, writes, and says what came out.
  func execute() throws -> ExitStatus {
    let output = try AtomicFile(plan.outputPath)
    defer { output.discard() }
    let counterexamples = try plan.counterexamples.map { paths throws(OutputError) in
      try CounterexampleFiles(paths)
    }
    defer { counterexamples?.discard() }
    let logits = try plan.logits.map { path throws(OutputError) in try LogitsFile(path) }
    defer { logits?.discard() }
    let inputs = try RunInputs(plan)
    inputs.say(plan, diagnostics)
    if inputs.labels == nil {
      diagnostics.note("\(plan.dataPath): no labels; certifying the predicted class")
    }
    let reports = try certified(inputs)
    for piece in ReportText(reports) { try output.write(piece) }
    for report in reports {
      try counterexamples?.write(report.certificates, shape: inputs.chain.inputShape)
    }
    let evaluation = NetworkEvaluation(
      inputs.chain, arithmetic: plan.arithmetic, wideSums: plan.accumulation == .float32)
    try logits?.write(
      inputs.scaled, inputs.positions, classCount: inputs.chain.classCount, threads: plan.threads,
      { inputs -> [Double] in
        // The network's own scores, of which the smallest decides.
        let scores = evaluation.logits(at: inputs)
        return plan.decision == .argmin ? scores.map { 0 - $0 } : scores
      })
    try AtomicFile.commit(
      [logits?.file].compactMap(\.self) + (counterexamples?.files ?? []) + [output])
    for report in reports { diagnostics.text(HumanSummary(report).lines) }
    var said: [RunWarning] = []
    for warning in reports.flatMap(\.resultWarnings) where !said.contains(warning) {
      said.append(warning)
      diagnostics.warning("\(plan.dataPath): \(warning.text)")
    }
    return passesGate(reports) ? .done : .gateFailed
  }

  private func certified(_ inputs: RunInputs) throws -> [Report] {
    let progress = ProgressLine(isEnabled: !diagnostics.isQuiet)
    defer { progress.clear() }
    return try Run(plan, inputs).reports { progress.show(done: $0, of: $1) }
  }

  /// Whether the robust error of every report is within the gate; says where it is not.
  private func passesGate(_ reports: [Report]) -> Bool {
    guard let gate = plan.gate else { return true }
    let failed = reports.filter { report in
      let counts = report.summary.counts
      // Both sides are rounded to nearest: equal fractions stay equal, whatever their text.
      return Double(counts.withoutCertificate) / Double(max(1, counts.examples)) > gate.nearest
    }
    for report in failed {
      let counts = report.summary.counts
      let fraction = DirectedDecimal.fractionRoundedUp(
        counts.withoutCertificate, of: max(1, counts.examples))
      diagnostics.error(
        "--gate-robust-error: robust error \(fraction) at eps \(report.run.options.epsilon.text); "
          + "expected at most \(gate.text)")
    }
    return failed.isEmpty
  }
}
