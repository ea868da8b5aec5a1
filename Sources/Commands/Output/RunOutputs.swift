import DualBounds
import FileAccess
import Parity
import Reports
import Runs

/// Everything that a run writes: opened before the work, and completed all at once.
struct RunOutputs {
  private let plan: RunPlan
  /// nil on a terminal, which gets the summary alone.
  private let report: AtomicFile?
  private let counterexamples: CounterexampleFiles?
  private let logits: LogitsFile?
  private let csv, metrics, provenance, junit: AtomicFile?
  /// What the verdicts rest on, written as examples are done.
  let proofs: ProofOutput?
  private let made = Provenance()

  /// Opens the outputs.
  init(_ plan: RunPlan) throws {
    self.plan = plan
    func file(_ path: String?) throws(OutputError) -> AtomicFile? {
      guard let path else { return nil }
      return try AtomicFile(path)
    }
    report = try file(plan.writesReport ? plan.outputPath : nil)
    counterexamples = try plan.counterexamples.map { paths throws(OutputError) in
      try CounterexampleFiles(paths)
    }
    logits = try plan.logits.map { path throws(OutputError) in try LogitsFile(path) }
    proofs = try plan.proofsPath.map { path throws(OutputError) in try ProofOutput(path) }
    (csv, metrics) = (try file(plan.sideFiles.csv), try file(plan.sideFiles.metrics))
    (provenance, junit) = (try file(plan.sideFiles.provenance), try file(plan.sideFiles.junit))
  }

  private var sides: [AtomicFile] { [csv, metrics, provenance, junit].compactMap(\.self) }

  /// Gives them up, but for what is completed.
  func discard() {
    report?.discard()
    counterexamples?.discard()
    logits?.discard()
    proofs?.discard()
    for file in sides { file.discard() }
  }

  /// Writes every output, and gives all of them their names.
  func write(_ reports: [Report], _ run: Run) throws {
    var digest = SHA256Digest()
    for piece in ReportText(reports) {
      Array(piece.utf8).withUnsafeBytes { digest.update($0) }
      try report?.write(piece)
    }
    for report in reports {
      try counterexamples?.write(report.certificates, shape: run.inputs.chain.inputShape)
    }
    try writeLogits(run)
    if let csv {
      var table = CertificatesCSV(classCount: run.inputs.chain.classCount)
      for report in reports { table.add(report) }
      try csv.write(table.text)
    }
    try metrics?.write(RunMetrics(reports).text)
    try junit?.write(
      GateXML([(plan.modelPath, Gate.results(plan.gates, of: reports))]).text)
    try provenance?.write(
      made.text(
        words: Arguments.words(), report: (plan.outputPath, digest.finish()), threads: plan.threads)
    )
    try AtomicFile.commit(
      [logits?.file, try proofs?.end()].compactMap(\.self) + (counterexamples?.files ?? []) + sides
        + [report].compactMap(\.self))
  }

  private func writeLogits(_ run: Run) throws {
    let (inputs, decision) = (run.inputs, plan.decision)
    let evaluation = NetworkEvaluation(
      inputs.chain, arithmetic: plan.arithmetic, wideSums: plan.accumulation == .float32)
    try logits?.write(
      inputs.scaled, inputs.positions, classCount: inputs.chain.classCount, threads: plan.threads,
      { inputs -> [Double] in
        // The network's own scores, of which the smallest decides.
        let scores = evaluation.logits(at: inputs)
        return decision == .argmin ? scores.map { 0 - $0 } : scores
      })
  }
}
