import CertificateRecords
import FileAccess
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
  var progressForm = ProgressName.auto
  var summaryFormat = SummaryName.text
  private let begun = secondsOfClock()

  init(
    plan: RunPlan, diagnostics: Diagnostics, progress: ProgressName = .auto,
    summary: SummaryName = .text
  ) {
    (self.plan, self.diagnostics) = (plan, diagnostics)
    (progressForm, summaryFormat) = (progress, summary)
  }

  /// Opens the output, reads, certifies, writes, and says what came out.
  func execute() throws -> ExitStatus {
    diagnostics.removeLeftovers(plan.files)
    let journal = try plan.journal?.open()
    let outputs = try RunOutputs(plan)
    defer { outputs.discard() }
    let inputs = try RunInputs(plan)
    inputs.say(plan, diagnostics)
    try outputs.proofs?.begin(plan, inputs)
    if inputs.labels == nil {
      diagnostics.note("\(plan.dataPath): no labels; certifying the predicted class")
    }
    let run = try Run(plan, inputs)
    guard let journal else {
      let reports = try certified(run, outputs.proofs)
      try outputs.write(reports, run)
      return try end(reports)
    }
    let (reports, kept) = try journaled(run, journal, outputs.proofs) {
      try outputs.write($0, run)
    }
    return try end(reports, kept: kept)
  }

  /// Says what came out; `kept` examples an earlier attempt had finished.
  private func end(_ reports: [Report], kept: Int = 0) throws -> ExitStatus {
    try summarize(reports, kept: kept)
    var said: [RunWarning] = []
    for warning in reports.flatMap(\.resultWarnings) where !said.contains(warning) {
      said.append(warning)
      diagnostics.warning("\(plan.dataPath): \(warning.text)")
    }
    return passesGates(reports) ? .done : .gateFailed
  }

  /// A summary for people; it is the result where the report goes nowhere.
  private func summarize(_ reports: [Report], kept: Int) throws {
    let seconds = secondsOfClock() - begun
    let computed = (reports.first?.certificates.count ?? 0) - kept
    let lines =
      (reports.count == 1
        ? reports.flatMap { HumanSummary($0).lines } : EpsilonTable(reports).lines)
      + ["  time          " + timeText(seconds, computed: computed, kept: kept)]
    if plan.writesReport {
      diagnostics.text(lines)
    } else {
      let stream = try AtomicFile("-")
      try stream.write(lines: lines.map(printed))
      try stream.commit()
      diagnostics.note(
        "no report was kept: -o FILE writes it, --json prints it"
          + (plan.journal == nil ? "" : "; with --resume nothing is computed again"))
    }
    guard summaryFormat == .github else { return }
    let path = plan.outputPath == "-" ? nil : plan.outputPath
    let summary = GitHubSummary(reports: reports, reportPath: path)
    try summary.append(diagnostics)
    let warnings = reports.flatMap(\.warnings).map(\.text)
    for text in Set(warnings).sorted() {
      diagnostics.command(GitHubSummary.annotation("warning", text))
    }
    for result in Gate.results(plan.gates, of: reports) where !result.isPassed {
      diagnostics.command(GitHubSummary.annotation(result))
    }
  }

  private func certified(_ run: Run, _ proofs: ProofOutput?) throws -> [Report] {
    let progress = ProgressReport(progressForm, diagnostics)
    defer { progress.clear() }
    var run = run
    run.options.meter = progress.meter(of: run)
    return try run.reports(
      progress: { progress.show(done: $0, of: $1) }, finished: { progress.count($0) },
      proofs: { proofs?.add($0) })
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
  /// The reports of a run that keeps what it finishes, once they are written, and how many examples of them
  /// were there before it.
  ///
  /// - Throws: `UnfinishedRun`, where something ends the run that it can be gone on from.
  private func journaled(
    _ run: Run, _ file: AppendedFile, _ proofs: ProofOutput?, write: ([Report]) throws -> Void
  ) throws -> (reports: [Report], kept: Int) {
    let journal = try RunJournal(file, run)
    say(journal, of: run.inputs.positions.count)
    let watch = JournalWatch(file.path)
    defer { watch.end() }
    do {
      let reports = try certified(run, journal, proofs, watch)
      watch.stopWaiting()
      try write(reports)
      return (reports, journal.kept.count)
    } catch let stopped as StoppedRun {
      throw UnfinishedRun(
        cause: nil, lines: watch.lines(finished: "\(stopped.done) of \(stopped.total) examples are")
      )
    } catch let error as OutputError {
      throw UnfinishedRun(cause: error, lines: watch.lines(finished: ""))
    }
  }

  private func certified(
    _ run: Run, _ journal: RunJournal, _ proofs: ProofOutput?, _ watch: JournalWatch
  ) throws -> [Report] {
    let progress = ProgressReport(progressForm, diagnostics)
    defer { progress.clear() }
    var run = run
    run.options.meter = progress.meter(of: run)
    let certificates = try run.certificates(
      journal, progress: { progress.show(done: $0, of: $1) },
      isStopped: { watch.isInterrupted }, finished: { progress.count($0) }, proofs: proofs)
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
