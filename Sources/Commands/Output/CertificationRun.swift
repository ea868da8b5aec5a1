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
    diagnostics.removeLeftovers(plan.files)
    let journal = try plan.journal?.open()
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
    let run = try Run(plan, inputs)
    guard let journal else {
      let reports = try certified(run)
      try write(reports, run, to: output, counterexamples, logits)
      return end(reports)
    }
    let reports = try journaled(run, journal) { reports in
      try write(reports, run, to: output, counterexamples, logits)
    }
    return end(reports)
  }

  /// Writes every output, and gives all of them their names.
  private func write(
    _ reports: [Report], _ run: Run, to output: AtomicFile, _ counterexamples: CounterexampleFiles?,
    _ logits: LogitsFile?
  ) throws {
    let inputs = run.inputs
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
  }

  /// Says what came out.
  private func end(_ reports: [Report]) -> ExitStatus {
    for report in reports { diagnostics.text(HumanSummary(report).lines) }
    var said: [RunWarning] = []
    for warning in reports.flatMap(\.resultWarnings) where !said.contains(warning) {
      said.append(warning)
      diagnostics.warning("\(plan.dataPath): \(warning.text)")
    }
    return passesGates(reports) ? .done : .gateFailed
  }

  private func certified(_ run: Run) throws -> [Report] {
    let progress = ProgressLine(isEnabled: !diagnostics.isQuiet)
    defer { progress.clear() }
    return try run.reports { progress.show(done: $0, of: $1) }
  }

  /// Says of every gate whether the reports keep to it, a line at each eps.
  private func passesGates(_ reports: [Report]) -> Bool {
    let results = Gate.results(plan.gates, of: reports)
    for result in results {
      let words = "\(result.option): \(result.words)"
      if result.isPassed { diagnostics.note(words) } else { diagnostics.error(words) }
    }
    return results.allSatisfy(\.isPassed)
  }
}

extension CertificationRun {
  /// The reports of a run that keeps what it finishes, once they are written.
  ///
  /// - Throws: `UnfinishedRun`, where something ends the run that it can be gone on from.
  private func journaled(
    _ run: Run, _ file: AppendedFile, write: ([Report]) throws -> Void
  ) throws -> [Report] {
    let journal = try RunJournal(file, run)
    say(journal, of: run.inputs.positions.count)
    let watch = JournalWatch(file.path)
    defer { watch.end() }
    do {
      let reports = try certified(run, journal, watch)
      watch.stopWaiting()
      try write(reports)
      return reports
    } catch let stopped as StoppedRun {
      throw UnfinishedRun(
        cause: nil, lines: watch.lines(finished: "\(stopped.done) of \(stopped.total) examples are")
      )
    } catch let error as OutputError {
      throw UnfinishedRun(cause: error, lines: watch.lines(finished: ""))
    }
  }

  private func certified(
    _ run: Run, _ journal: RunJournal, _ watch: JournalWatch
  ) throws -> [Report] {
    let progress = ProgressLine(isEnabled: !diagnostics.isQuiet)
    defer { progress.clear() }
    let certificates = try run.certificates(
      journal, progress: { progress.show(done: $0, of: $1) },
      isStopped: { watch.isInterrupted })
    return run.reports(of: certificates)
  }

  private func say(_ journal: RunJournal, of total: Int) {
    guard let plan = plan.journal else { return }
    if journal.dropped > 0 {
      diagnostics.warning(
        "\(plan.path): the last line, of \(journal.dropped) bytes, has no end, and was dropped")
    }
    if plan.resumes {
      diagnostics.note("\(plan.path): \(journal.kept.count) of \(total) examples are finished")
    }
  }
}
