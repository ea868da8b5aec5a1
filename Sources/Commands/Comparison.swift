import ArgumentParser
import DataFiles
import DualBounds
import FileAccess
import ModelFiles
import ReLUChain

/// What `certify inspect` compares with, and on which data.
struct ComparisonArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The examples: IDX, NPY, NPZ, CIFAR binary or CSV; '-' reads standard input. (default: none)",
      valueName: "file"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Logits of these examples by the exporter's runtime: NPY, or NPZ with intermediate values. (default: none)",
      valueName: "file"))
  var expectLogits: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Largest difference that is accepted, >= 0. (default: what rounding explains)",
      valueName: "size"))
  var logitsTolerance: String?

  @Option(
    help: ArgumentHelp(
      "Write the logits there, NPY or IDX by its name. (default: nowhere)", valueName: "file"))
  var emitLogits: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Read so many examples only, >= 1. (default: all)", valueName: "count"))
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      "Score that decides on the class: the largest, or the smallest (ACAS Xu).",
      valueName: "which"))
  var decision: DecisionName = .argmax

  /// The options checked against each other; nil where only the network is looked at.
  func plan(
    model: String, _ reading: ReadingArguments, _ limits: FileLimits
  ) throws(InputError) -> ComparisonPlan? {
    let wishes = [
      ("--expect-logits", expectLogits), ("--emit-logits", emitLogits),
    ].filter { $0.1 != nil }
    guard let data else {
      guard let (option, path) = wishes.first else { return nil }
      throw InputError(
        .usage, file: option, found: "\(quoted(path ?? "")) without --data",
        expected: "the examples that the logits belong to")
    }
    let tolerance = try logitsTolerance.map { (text) throws(InputError) in
      try TypedNumber(text, option: "--logits-tolerance")
    }
    guard !wishes.isEmpty else {
      throw InputError(
        .usage, file: "--data", found: "\(quoted(data)) without --expect-logits or --emit-logits",
        expected: "one of them")
    }
    return ComparisonPlan(
      reading: try DataReading(data, reading), expectedPath: expectLogits,
      tolerance: tolerance?.upper,
      logits: try emitLogits.map { (path) throws(InputError) in try LogitsPath(path) },
      limit: try RunPlan.whole(limit, "--limit", least: 1),
      decision: Decision(rawValue: decision.rawValue) ?? .argmax, threads: RunPlan.coreCount,
      limits: limits)
  }
}

/// The options of a comparison.
struct ComparisonPlan: Sendable {
  var reading: DataReading
  var expectedPath: String?
  var tolerance: Double?
  var logits: LogitsPath?
  var limit: Int?
  var decision: Decision
  var threads: Int
  var limits: FileLimits
}

/// A network and the data that it is run on, to be held against what its exporter computes.
struct Comparison {
  /// The network behind `--mean` and `--std`.
  let chain: ReLUChain
  let scaled: ScaledDataset
  /// The number of examples that are looked at.
  let count: Int

  private let plan: ComparisonPlan
  private let model: ModelFile
  private let fileChain: ReLUChain
  private let stored: Dataset

  /// Reads the data.
  ///
  /// - Parameter data: The file, where it is open already.
  init(
    _ plan: ComparisonPlan, _ model: ModelFile, _ fileChain: ReLUChain, _ data: DataFile?
  ) throws(InputError) {
    (self.plan, self.model, self.fileChain) = (plan, model, fileChain)
    let file: DataFile
    if let data { file = data } else { file = try plan.reading.open(plan.limits.data) }
    let order = try plan.reading.order(file, fileChain.inputShape)
    count = min(file.count, plan.limit ?? file.count)
    let examples = try plan.reading.examples(file, Array(0..<count))
    stored = examples
    let data = order.map { examples.reordered($0, itemShape: fileChain.inputShape) } ?? examples
    scaled = try ScaledDataset(data, scale: plan.reading.scale)
    chain = try plan.reading.normalized(
      fileChain, keepsDigits: fileChain.elementType == .float64)
  }

  /// What is said, and whether it is good news.
  struct Outcome {
    var lines: [String] = []
    var agrees = true
  }

  /// Compares, where that was asked for.
  func outcome() throws(InputError) -> Outcome {
    guard let path = plan.expectedPath else { return Outcome() }
    let expected = try ExpectedValues(
      path: path, model, chain, available: count, limits: plan.limits.data)
    let arithmetic = Arithmetic(rawValue: chain.elementType.rawValue) ?? .float32
    let check = ParityCheck(
      chain: chain, trace: DeployedTrace(chain, arithmetic: arithmetic), scaled: scaled,
      expected: expected, tolerance: plan.tolerance, decision: plan.decision)
    let outcomes = check.outcomes(workers: plan.threads)
    if plan.tolerance == nil, outcomes.contains(where: \.isUnbounded) {
      throw InputError(
        .usage, file: "--logits-tolerance",
        found: "nothing, and no bound is known of what rounding changes in this network",
        expected: "the largest difference that is accepted")
    }
    var text = ParityText(expected: expected, outcomes: outcomes, arithmetic: arithmetic)
    if let first = outcomes.firstIndex(where: { !$0.agrees }) {
      let firstDiffers = outcomes[..<first].isEmpty
      if firstDiffers {
        let readings = ParityReadings(
          chain: fileChain, arithmetic: arithmetic, stored: stored, reading: plan.reading,
          order: try order(), array: expected.arrays[first],
          probabilities: outcomes[first].probabilities)
        text.remedy = readings.agreeing()
      }
    }
    return Outcome(lines: text.lines, agrees: outcomes.allSatisfy(\.agrees))
  }

  private func order() throws(InputError) -> [Int]? {
    try Layout.permutation(
      from: stored.itemShape, layout: plan.reading.layout, to: fileChain.inputShape,
      file: plan.reading.path)
  }
}
