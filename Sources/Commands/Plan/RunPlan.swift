import Attack
import Certification
import DataFiles
import DualBounds
import FileAccess
import Glibc
import Numbers
import Parity
import ReLUChain
import Reports

/// The options of a run, checked against each other before any work.
struct RunPlan: Sendable {
  var modelPath: String
  var network: NetworkArguments
  var reading: DataReading
  var labelsPath: String?
  /// The labels that lie beside the data by their name, where none are named.
  var foundLabelsPath: String?
  /// The array or column of the labels, where the user names it.
  var labelsName: String?
  var epsilons: [Numeral]
  /// Has a radius for each feature; then the only epsilon is 1, in units of this file.
  var epsilonFile: String?
  var clip: Clip?
  var decision: Decision
  var arithmetic: Arithmetic
  var accumulation: Accumulation
  var slopes: SlopeChoice
  var rows: RowChoice
  var norm: Norm
  /// Whether units that look contradictory are taken as they are.
  var acceptsUnits: Bool
  var offset: Int
  var limit: Int?
  /// Whether one example was asked for by its position.
  var isSingle: Bool
  /// nil for every example.
  var sample: OptionsDescription.Sample?
  /// Whether labelled examples are cleared or flagged, too.
  var detects: Bool
  var radii: Radii?
  /// nil for `--attack none`.
  var attack: AttackOptions?
  var counterexamples: CounterexamplePaths?
  var logits: LogitsPath?
  var threads: Int
  var memory: MemorySize
  var outputPath: String
  var gate: Numeral?
  var limits: FileLimits
  var isQuiet: Bool

  /// How radii are searched.
  struct Radii: Sendable {
    var selection: RadiusOptions.Selection
    var tolerance: Numeral
    var maximum: Numeral?
  }

  /// Reads every number, and refuses options that contradict each other.
  init(
    _ command: some CertifyingVerb, gate: String? = nil, logits: String? = nil
  ) throws(InputError) {
    let (question, data, work) = (command.question, command.data, command.work)
    (modelPath, network) = (command.model, command.network)
    reading = try DataReading(data.data, data.reading)
    (labelsPath, labelsName, acceptsUnits) = (data.labels, data.labelsName, data.acceptUnits)
    foundLabelsPath = labelsPath == nil ? Labels.siblingPath(of: data.data) : nil
    (epsilons, epsilonFile) = try RunPlan.radii(question)
    clip = try question.clip.map { (text) throws(InputError) in try RunPlan.clip(text) }
    (decision, norm) = (question.decision, question.norm)
    (arithmetic, accumulation) = (question.arithmetic, question.accumulation)
    (slopes, rows) = (question.slopes, question.rows)
    (offset, limit) = try RunPlan.selection(data.selection)
    isSingle = data.selection.index != nil
    sample = try OptionsDescription.Sample(data.selection, seed: command.attacks.seed)
    detects = question.detect
    radii = try Radii(command.radii)
    try radii?.refuseCap(below: epsilons)
    attack = try RunPlan.attack(command.attacks, seedsSample: sample != nil)
    counterexamples = try RunPlan.counterexamples(command.attacks, epsilons.count)
    self.logits = try logits.map { (path) throws(InputError) in try LogitsPath(path) }
    threads =
      try RunPlan.whole(work.threads, "--threads", in: 1...RunPlan.mostThreads)
      ?? RunPlan.coreCount
    memory = try work.memory.map { (text) throws(InputError) in try MemorySize(text) } ?? .standard
    outputPath = work.output ?? "-"
    self.gate = try RunPlan.gate(gate)
    isQuiet = work.quiet
    limits = try FileLimits(command.limits)
    try files.check()
  }

  /// Refuses what a command about a single ball size, without a report, has no use for.
  func refuseReportOptions(verb: String) throws(InputError) {
    guard epsilons.count == 1 else {
      throw InputError(
        .usage, file: "--eps", found: "\(epsilons.count) values", expected: "one, for '\(verb)'")
    }
    if let path = counterexamples?.points {
      throw InputError(
        .usage, file: "--counterexamples", found: quoted(path),
        expected: "a run without '\(verb)', which writes no such file")
    }
  }
}

extension RunPlan {
  /// The file of the examples.
  var dataPath: String { reading.path }

  static func whole(
    _ value: Int?, _ option: String, least: Int
  ) throws(InputError) -> Int? {
    if let value, value < least {
      throw InputError(
        .usage, file: option, found: "\(value)", expected: "a whole number >= \(least)")
    }
    return value
  }

  /// The same with an upper limit.
  static func whole(
    _ value: Int?, _ option: String, in range: ClosedRange<Int>
  ) throws(InputError) -> Int? {
    if let value, !range.contains(value) {
      throw InputError(
        .usage, file: option, found: "\(value)",
        expected: "a whole number, \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  static func selection(
    _ data: SelectionArguments
  ) throws(InputError) -> (offset: Int, limit: Int?) {
    let offset = try whole(data.offset, "--offset", least: 0)
    let limit = try whole(data.limit, "--limit", least: 1)
    guard let index = try whole(data.index, "--index", least: 0) else {
      return (offset ?? 0, limit)
    }
    guard offset == nil, limit == nil else {
      throw InputError(
        .usage, file: "--index", found: "\(index) beside --offset or --limit",
        expected: "one example by --index, or a range by the others")
    }
    return (index, 1)
  }

  private static func gate(_ text: String?) throws(InputError) -> Numeral? {
    guard let text else { return nil }
    let gate = try Numeral(text, option: "--gate-robust-error")
    guard gate.upper <= 1 else {
      throw InputError(
        .usage, file: "--gate-robust-error", found: gate.text,
        expected: "a fraction from 0 to 1, such as 0.06")
    }
    return gate
  }

  /// More workers than any machine has cores for; each has memory of its own.
  private static let mostThreads = 1024

  static var coreCount: Int { min(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))), mostThreads) }

  /// What the run reads and writes; nobody need have named the labels.
  var files: FilesInUse {
    FilesInUse(
      inputs: [
        ("the model", modelPath), ("--data", dataPath), ("--labels", labelsPath),
        ("the file of the labels", foundLabelsPath), ("--eps-file", epsilonFile),
      ],
      outputs: [("--output", outputPath)]
        + (counterexamples?.all ?? []).map { ("--counterexamples", $0) }
        + [("--emit-logits", logits?.path)])
  }
}

extension RunPlan {
  private static func clip(_ text: String) throws(InputError) -> Clip {
    let ends = text.split(separator: ":", omittingEmptySubsequences: false)
    guard ends.count == 2 else {
      throw InputError(
        .usage, file: "--clip", found: quoted(text), expected: "two numbers LO:HI, such as 0:1")
    }
    let lower = try Numeral(String(ends[0]), option: "--clip", domain: .any)
    let upper = try Numeral(String(ends[1]), option: "--clip", domain: .any)
    guard lower < upper else {
      throw InputError(.usage, file: "--clip", found: text, expected: "LO:HI with LO < HI")
    }
    return Clip(lower: lower, upper: upper)
  }
}

extension RunPlan.Radii {
  /// Nil for `--radii off`.
  fileprivate init?(_ options: RadiusArguments) throws(InputError) {
    guard let selected = options.radii.selection else {
      let idle = [
        options.radiusTolerance.map { ("--radius-tolerance", $0) },
        options.maxRadius.map { ("--max-radius", $0) },
      ].compactMap { $0 }
      if let (option, text) = idle.first {
        throw InputError(
          .usage, file: option, found: "\(text) beside --radii off",
          expected: "radii to be searched")
      }
      return nil
    }
    selection = selected
    tolerance = try Numeral(
      options.radiusTolerance ?? "1e-3", option: "--radius-tolerance", domain: .positive)
    guard tolerance.upper < 1 else {
      throw InputError(
        .usage, file: "--radius-tolerance", found: tolerance.text, expected: "a number > 0 and < 1")
    }
    maximum = try options.maxRadius.map { (text) throws(InputError) in
      try Numeral(text, option: "--max-radius", domain: .positive)
    }
  }
}

extension RunPlan.Radii {
  /// A certified example's radius is not below epsilon.
  fileprivate func refuseCap(below epsilons: [Numeral]) throws(InputError) {
    guard let maximum, let epsilon = epsilons.first(where: { maximum < $0 }) else {
      return
    }
    throw InputError(
      .usage, file: "--max-radius", found: "\(maximum.text), below --eps \(epsilon.text)",
      expected: "at least the largest --eps")
  }
}
