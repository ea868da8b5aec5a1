import ArgumentParser
import Audit
import CertificateRecords
import FileAccess
import ProofFiles
import Reports
import Runs

/// `certify audit REPORT --model M --data D`: whether what a report claims can be derived once more.
struct AuditCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Derives once more what a report claims, by other means.",
    discussion: """
      Every verdict is derived again by plain loops in outward-rounded arithmetic that share \
      nothing with the program that wrote the report, without a search and without a tolerance: \
      from --proofs, or, for parallel slopes, by Algorithm 1 alone. Prints 'valid', or the first \
      place that fails. Ends with status 0 or 1.
      """)

  @Argument(help: ArgumentHelp("The report.", valueName: "report"), completion: .report)
  var report: String

  @Option(
    help: ArgumentHelp("The network that the report speaks of.", valueName: "file"),
    completion: .file())
  var model: String

  @Option(
    help: ArgumentHelp("The examples that it speaks of.", valueName: "file"), completion: .file())
  var data: String

  @Option(
    help: ArgumentHelp(
      "The labels. (default: the sibling of the data by name, else none)", valueName: "file"),
    completion: .file())
  var labels: String?

  @Option(
    help: ArgumentHelp(
      "What the verdicts rest on, as the run's --proofs wrote it. (default: parallel slopes)",
      valueName: "file"), completion: .file())
  var proofs: String?

  @Flag(help: "Derive radii, too.")
  var radii = false

  @Flag(
    help:
      "Derive in rational numbers, where nothing is rounded: small networks. (default: binary64)")
  var exact = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Audit so many examples, drawn at random. (default: all)", valueName: "count"))
  var sample: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seeds the sample, >= 0. (default: 0)", valueName: "number"))
  var seed: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Workers, 1 to 1024; the result does not depend on it. (default: all cores)")
  )
  var threads: Int?

  @Option(
    help: ArgumentHelp("The radii of the features. (default: as in the report)", valueName: "file"),
    completion: .file())
  var epsFile: String?

  @Option(help: ArgumentHelp("Form of the data. (default: by the content)", valueName: "form"))
  var dataFormat: String?

  @Option(
    help: ArgumentHelp("Array of the examples. (default: as in the report)", valueName: "name"))
  var dataName: String?

  @Option(
    help: ArgumentHelp(
      "Array or column of the labels. (default: by its usual names)", valueName: "name"))
  var labelsName: String?

  @Option(
    help: ArgumentHelp(
      "Where rows of CSV have their label. (default: by the header)", valueName: "place"))
  var labelColumn: String?

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the result there, as JSON, for 'certify attest'. (default: nowhere)", valueName: "file"
    ), completion: .file())
  var output: String?

  @Flag(name: [.short, .long], help: .quiet)
  var quiet = false

  @OptionGroup(title: "The limits") var limits: LimitArguments

  func execute() throws -> ExitStatus {
    let workers = try RunPlan.whole(threads, "--threads", in: 1...RunPlan.mostThreads)
    let count = try RunPlan.whole(sample, "--sample", least: 1)
    let seed = UInt64(try RunPlan.whole(seed, "--seed", least: 0) ?? 0)
    try FilesInUse(
      inputs: [
        ("the report", report), ("--model", model), ("--data", data), ("--proofs", proofs),
        ("--labels", labels),
      ], outputs: [("--output", output)]
    ).check()
    let written = try output.map { path throws(OutputError) in try AtomicFile(path) }
    defer { written?.discard() }
    let bytes = try readFile(report)
    let views = try ReportFile(bytes, path: report).views
    let proofBytes = try proofs.map { (path) throws(InputError) in try readFile(path) }
    let file = try proofBytes.map { (bytes) throws(InputError) in
      try ProofFile(bytes, path: proofs ?? "")
    }
    var result = AuditResult(
      report: (report, sha256Hex(bytes)), proofs: proofBytes.map { sha256Hex($0) }, isValid: true,
      isRational: exact, auditor: .this)
    let output = try AtomicFile("-")
    for view in views {
      let plan = try AuditPlan(view, self)
      let run = AuditRun(
        plan: plan, proofs: file, radii: radii, isRational: exact,
        threads: workers ?? RunPlan.coreCount,
        sample: count.map { ExampleSample(count: $0, seed: seed) })
      let progress = ProgressLine(isEnabled: !quiet)
      defer { progress.clear() }
      do {
        let outcome = try run.execute(progress)
        progress.clear()
        try output.write(words(outcome, plan))
        result.audits.append(
          .init(
            epsilon: plan.run.epsilons[0].text, examples: outcome.examples,
            of: view.certificates.count, derived: outcome.derived, radii: outcome.radii,
            settled: exact ? (outcome.above, outcome.ties) : nil))
      } catch let fault as AuditFault {
        progress.clear()
        // Nothing is wrong for all that is known: what the report rests on is not at hand.
        if file == nil, let ways = try ways(beyondAlgorithm1: fault, view) {
          throw InputError(
            .usage, file: "--proofs",
            found: "none, and \(report) rests on \(ways) (\(fault))",
            expected: "the file that the run wrote with --proofs")
        }
        let words = "eps \(plan.run.epsilons[0].text), \(fault)"
        try output.write("invalid: \(words)\n")
        (result.isValid, result.fault) = (false, words)
        break
      }
    }
    try written?.write(result.text)
    try AtomicFile.commit([written, output].compactMap(\.self))
    return result.isValid ? .done : .gateFailed
  }

  /// What the claim of a fault may rest on that Algorithm 1 alone does not show; nil for nothing.
  private func ways(
    beyondAlgorithm1 fault: AuditFault, _ view: ReportView
  ) throws(InputError) -> String? {
    let options = view.section("options")
    if let slopes = options["slopes"]?.string, slopes != "parallel" { return "--slopes \(slopes)" }
    if fault.place == "radius", options["radii"]?.string == "exact" { return "--radii exact" }
    for position in view.certificates.indices {
      let certificate = try view.certificate(position)
      guard try AuditClaim(certificate)?.index == fault.example else { continue }
      if case .null = certificate["search"] ?? .null { return nil }
      return "a search"
    }
    return nil
  }

  private func words(_ outcome: AuditRun.Outcome, _ plan: AuditPlan) -> String {
    func list(_ counts: [String: Int]) -> String {
      ["certified", "falsified", "misclassified", "unknown"]
        .compactMap { name in counts[name].map { "\($0) \(name)" } }.joined(separator: ", ")
    }
    let total = plan.report.certificates.count
    let kind = exact ? " in rational numbers" : ""
    var text =
      "valid\(kind): eps \(plan.run.epsilons[0].text), \(outcome.examples) of \(total) examples"
    text += ": derived \(outcome.derived.isEmpty ? "nothing" : list(outcome.derived))"
    let left = outcome.notDerived.filter { $0.key != "unknown" }
    if !left.isEmpty { text += "; not derived \(list(left)): counterexamples take --proofs" }
    if radii { text += "; \(outcome.radii) radii" }
    if exact, outcome.above + outcome.ties > 0 {
      text += "; of the unknown, \(outcome.above) derived to have every margin above 0"
      text += " and \(outcome.ties) a bound of exactly 0"
    }
    if outcome.examples < total {
      // (1 - s)^n <= exp(-s n) <= 5% for s = 3 / n.
      text +=
        "; if more than \(percent(3 / Double(outcome.examples))) of all were wrong, a sample of"
        + " this size would have shown one with 95% confidence"
    }
    return text + "\n"
  }

  private func percent(_ share: Double) -> String {
    "\((min(share, 1) * 1000).rounded(.up) / 10)%"
  }
}
