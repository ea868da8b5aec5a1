import Attack
import Certification
import DualBounds
import FileAccess
import Glibc
import Numbers
import Parity
import ReLUChain
import Reports
import Runs

extension RunPlan {
  /// Reads every number, and refuses options that contradict each other.
  init(
    _ command: some CertifyingVerb, _ run: RunArguments? = nil, gates: [Gate] = []
  ) throws(InputError) {
    let (question, data, work) = (command.question, command.data, command.work)
    let reading = try DataReading(data.data, data.reading)
    let radii = try RunPlan.radii(question)
    self.init(modelPath: command.model, reading: reading, epsilons: radii.epsilons)
    (outputName, epsilonFile) = (command.network.outputName, radii.file)
    (labelsPath, labelsName, acceptsUnits) = (data.labels, data.labelsName, data.acceptUnits)
    if labelsPath != nil { foundLabelsPath = nil }
    clip = try question.clip.map { (text) throws(InputError) in try RunPlan.clip(text) }
    (decision, norm) = (question.decision, question.norm)
    arithmetic = question.arithmetic
    if arithmetic.isHalf { accumulation = question.accumulation }
    (slopes, rows, detects) = (question.slopes, question.rows, question.detect)
    (offset, limit) = try RunPlan.selection(data.selection)
    isSingle = data.selection.index != nil
    sample = try OptionsDescription.Sample(data.selection, seed: command.attacks.seed)
    self.radii = try Radii(command.radii)
    try self.radii?.refuseCap(below: epsilons)
    attack = try RunPlan.attack(command.attacks, seedsSample: sample != nil)
    splits =
      try RunPlan.whole(command.splits, "--splits", least: 0)
      ?? (isExact ? RunPlan.exactSplits : slopes == .auto ? RunPlan.standardSplits : 0)
    if isExact { try refuseHalfASearch(command.attacks) }
    counterexamples = try RunPlan.counterexamples(command.attacks, epsilons.count)
    self.gates = gates
    journal = try run?.journal.plan()
    proofsPath = run?.proofs
    shard = try run?.shard.part()
    try refuseShardOfFew(data.selection)
    logits = try run?.emitLogits.map { (path) throws(InputError) in try LogitsPath(path) }
    threads = try RunPlan.threads(work)
    if let text = work.memory { memory = try MemorySize(text) }
    outputPath = command.output ?? "-"
    if let run {
      writesReport = command.output != nil || run.streams.json || isatty(STDOUT_FILENO) == 0
      sideFiles = run.interchange.files
    }
    limits = try FileLimits(command.limits)
    try files.check()
    if run != nil { try OutputEnding.check(command.output, .report) }
  }

  /// Refuses exact radii without what one of their ends is found by.
  private func refuseHalfASearch(_ attacks: AttackArguments) throws(InputError) {
    guard attack?.kind == .pgd else {
      throw InputError(
        .usage, file: "--radii", found: "exact beside --attack \(attacks.attack.rawValue)",
        expected: "--attack pgd, which finds the counterexamples that end a radius")
    }
    guard splits > 0 else {
      throw InputError(
        .usage, file: "--radii", found: "exact beside --splits 0",
        expected: "--splits with a number above 0: proofs near a counterexample take a search")
    }
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

  /// A part of one example, or of a sample, joins to nothing.
  fileprivate func refuseShardOfFew(_ data: SelectionArguments) throws(InputError) {
    guard let shard else { return }
    let other = data.index.map { "--index \($0)" } ?? sample.map { "--sample \($0.examples.count)" }
    if let other {
      throw InputError(
        .usage, file: "--shard", found: "\(shard.text) beside \(other)",
        expected: "a range of examples, which parts join to")
    }
  }

  /// The workers that are asked for, or one for every core.
  static func threads(_ work: WorkArguments) throws(InputError) -> Int {
    try whole(work.threads, "--threads", in: 1...mostThreads) ?? coreCount
  }

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
    let tolerance = try Numeral(
      options.radiusTolerance ?? (selected == .exact ? "1e-2" : "1e-3"),
      option: "--radius-tolerance", domain: .positive)
    guard tolerance.upper < 1 else {
      throw InputError(
        .usage, file: "--radius-tolerance", found: tolerance.text, expected: "a number > 0 and < 1")
    }
    let maximum = try options.maxRadius.map { (text) throws(InputError) in
      try Numeral(text, option: "--max-radius", domain: .positive)
    }
    self.init(selection: selected, tolerance: tolerance, maximum: maximum)
  }

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
