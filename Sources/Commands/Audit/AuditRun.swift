import Audit
import CertificateRecords
import Certification
import DataFiles
import ExactNumbers
import FileAccess
import ProofFiles
import ProofRecords
import ReLUChain
import Reports
import Runs
import Synchronization
import Threads

/// One report's audit: what binds the files together, then example by example.
struct AuditRun {
  let plan: AuditPlan
  let proofs: ProofFile?
  /// Whether radii are derived, too.
  let radii: Bool
  /// Whether in rational numbers.
  let isRational: Bool
  let threads: Int
  /// Which examples; nil for all of them.
  let sample: ExampleSample?

  /// What came out, where nothing is wrong.
  struct Outcome {
    var examples = 0
    /// By verdict: those that were derived, and those that were not.
    var derived: [String: Int] = [:]
    var notDerived: [String: Int] = [:]
    var radii = 0
    /// Of the unknown, those whose margins are all derived to be above 0, and those with a bound of exactly 0.
    var above = 0
    var ties = 0
  }

  /// - Throws: `AuditFault` at the first claim that does not hold, in the order of the report.
  func execute(_ progress: ProgressLine) throws -> Outcome {
    let inputs: RunInputs
    do {
      inputs = try RunInputs(plan.run)
    } catch let error as InputError {
      throw AuditPlan.blamed(error, on: plan.report)
    }
    try checkFiles(inputs)
    let place = try checkProofs(inputs)
    let chain =
      proofs?.chain ?? ChainStatement(inputs.chain, arithmetic: plan.run.arithmetic)
    var question = plan.question
    question.isExact = inputs.scaled.isExact
    question.units = inputs.featureRadii?.values
    question.wholeNumbers = inputs.chain.wholeInputs
    let audit = Audit(chain, question, isRational: isRational)
    let count = plan.report.certificates.count
    let chosen = sample?.positions(of: 0..<count) ?? Array(0..<count)
    let board = Mutex(Board())
    let source = ExampleSource(inputs)
    runWorkers(max(1, min(threads, chosen.count))) {
      var features = [Double](repeating: 0, count: source.featureCount)
      while let next = board.withLock({ $0.take(chosen.count) }) {
        do {
          let found = try check(
            plan.report.certificate(chosen[next]), inputs, source, audit, place, &features)
          board.withLock { $0.enter(found.verdict, found.findings) }
          progress.show(done: board.withLock { $0.outcome.examples }, of: chosen.count)
        } catch {
          board.withLock { $0.fail(next, error) }
        }
      }
    }
    return try board.withLock { state in
      if let failure = state.failure { throw failure.error }
      return state.outcome
    }
  }

  private struct Board: Sendable {
    var next = 0
    var outcome = Outcome()
    var failure: (place: Int, error: any Error)?

    mutating func take(_ count: Int) -> Int? {
      guard next < count, failure == nil else { return nil }
      next += 1
      return next - 1
    }

    mutating func enter(_ verdict: AuditClaim.Verdict, _ findings: AuditFindings) {
      outcome.examples += 1
      if findings.isDerived {
        outcome.derived[verdict.rawValue, default: 0] += 1
      } else {
        outcome.notDerived[verdict.rawValue, default: 0] += 1
      }
      if findings.derivesRadius { outcome.radii += 1 }
      if findings.sign == 1 { outcome.above += 1 }
      if findings.sign == 0 { outcome.ties += 1 }
    }

    /// Places are taken in order: the first failure is among those at hand.
    mutating func fail(_ place: Int, _ error: any Error) {
      if failure.map({ place < $0.place }) ?? true { failure = (place, error) }
    }
  }

  private func check(
    _ certificate: JSONValue, _ inputs: RunInputs, _ source: ExampleSource, _ audit: Audit,
    _ place: Int, _ features: inout [Double]
  ) throws -> (verdict: AuditClaim.Verdict, findings: AuditFindings) {
    guard let claim = try AuditClaim(certificate), claim.index < inputs.data.count else {
      throw InputError(
        file: plan.report.file, place: "certificates", found: "one without an example",
        expected: "certificates of the data's examples")
    }
    let label = source.label(claim.index)
    guard claim.label == label else {
      throw AuditFault(
        example: claim.index, place: "label",
        words:
          "\(claim.label.map(String.init) ?? "none") claimed, the data has \(label.map(String.init) ?? "none")"
      )
    }
    features.withUnsafeMutableBufferPointer { source.copyFeatures(claim.index, $0) }
    var example = AuditedExample(stored: features)
    if isRational { example.exact = inputs.scaled.exactFeatures(of: claim.index) }
    let found = try audit.audit(
      claim, at: example, proofs: try proofs?.proofs(claim.index, place), radius: radii)
    return (claim.verdict, found)
  }

  /// The files are those that the report speaks of.
  private func checkFiles(_ inputs: RunInputs) throws(InputError) {
    func check(_ path: String, _ found: String?, _ claimed: String?) throws(InputError) {
      guard found == claimed else {
        throw InputError(
          file: path, found: "SHA-256 \(found ?? "of parts only")",
          expected: "\(claimed ?? "none"), as \(plan.report.file) says")
      }
    }
    let report = plan.report
    let (model, data) = (report.section("model"), report.section("data"))
    func check(
      _ path: String, _ digest: FileDigest?, _ claimed: JSONValue?
    ) throws(InputError) {
      try check(path, digest?.sha256, claimed?["sha256"]?.string)
      try check(path, digest?.sampled, claimed?["sampled_sha256"]?.string)
    }
    try check(inputs.model.path, inputs.model.sha256, model["sha256"]?.string)
    let external = model["external_files"]?.elements ?? []
    for (place, file) in inputs.model.externalFiles.enumerated() {
      let claimed = external.indices.contains(place) ? external[place] : nil
      try check(file.path, file.sha256, claimed?["sha256"]?.string)
    }
    try check(inputs.data.path, inputs.data.digest, data)
    if inputs.labels == nil, let labels = data["labels"], labels["path"] != nil {
      throw InputError(
        .usage, file: "--labels",
        found: "none, without which no label, verdict or error of \(report.file) is derived",
        expected:
          "\(labels["path"]?.string ?? ""), as \(report.file) names them, wherever it lies now")
    }
    try check(inputs.labels?.path ?? "the labels", inputs.labels?.digest, data["labels"])
    try check(
      plan.run.epsilonFile ?? "--eps-file", inputs.featureRadii?.digest,
      report.section("options")["epsilon_file"])
    let run = try Run(plan.run, inputs)
    try report.check(against: run.description(plan.run.epsilons[0]))
  }

  /// The proofs speak of this model, these data and this question; which of their epsilons is meant.
  private func checkProofs(_ inputs: RunInputs) throws(InputError) -> Int {
    guard let proofs else { return 0 }
    let header = ProofHeader(plan.run, inputs)
    let chain = digest(of: ChainStatement(inputs.chain, arithmetic: plan.run.arithmetic))
    for (name, found, expected) in [
      ("model", proofs.header.model, header.model), ("data", proofs.header.data, header.data),
      ("arithmetic", proofs.header.arithmetic, header.arithmetic),
      ("accumulation", proofs.header.accumulation, header.accumulation),
      ("norm", proofs.header.norm, header.norm), ("chain", proofs.header.chain, chain),
    ] where found != expected {
      throw InputError(
        file: proofs.path, place: "the head", found: "\(name) \(found)",
        expected: "\(expected), as \(plan.report.file) and its files have it")
    }
    guard let place = proofs.header.epsilons.firstIndex(of: plan.run.epsilons[0].text) else {
      throw InputError(
        file: proofs.path, place: "the head",
        found: "epsilon \(proofs.header.epsilons.joined(separator: ", "))",
        expected: plan.run.epsilons[0].text)
    }
    return place
  }
}

extension ScaledDataset {
  /// What the values of one item mean: each raw one times the scale as it was typed.
  fileprivate func exactFeatures(of index: Int) -> [Exact] {
    let scale = Exact(scale)
    return dataset.features(of: index).map { Exact($0) * scale }
  }
}
