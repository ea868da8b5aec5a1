import ArgumentParser
import DataFiles
import FileAccess
import ModelFiles
import Numbers
import Parity
import ReLUChain
import Runs

/// What `certify inspect` compares with, and on which data.
struct ComparisonArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The examples: IDX, NPY, NPZ, CIFAR binary or CSV; '-' reads standard input. (default: none)",
      valueName: "file"),
    completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Logits of these examples by the exporter's runtime: NPY, or NPZ with intermediate values. (default: none)",
      valueName: "file"),
    completion: .file())
  var expectLogits: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Largest difference that is accepted, >= 0. (default: what rounding explains)",
      valueName: "size"))
  var logitsTolerance: String?

  @Option(
    help: ArgumentHelp(
      "Write the logits there, NPY or IDX by its name. (default: nowhere)", valueName: "file"),
    completion: .file())
  var emitLogits: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Read so many examples only, >= 1. (default: all)", valueName: "count"))
  var limit: Int?

  @Option(help: .decision)
  var decision: Decision = .argmax

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
      try Numeral(text, option: "--logits-tolerance")
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
      decision: decision, threads: RunPlan.coreCount,
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

extension ComparisonPlan {
  /// Reads the data, and runs the network on them behind `--mean` and `--std`.
  ///
  /// - Parameter data: The file, where it is open already.
  func comparison(_ chain: ReLUChain, _ data: DataFile?) throws(InputError) -> Comparison {
    let file: DataFile
    if let data { file = data } else { file = try reading.open(limits.data) }
    let order = try reading.order(file, chain)
    let count = min(file.count, limit ?? file.count)
    let examples = try reading.examples(file, Array(0..<count))
    return Comparison(
      fileChain: chain,
      chain: try reading.normalized(chain, keepsDigits: chain.elementType == .float64),
      data: try ComparedData(
        stored: examples, count: count, order: order, inputShape: chain.inputShape,
        scale: reading.scale, mean: reading.mean, standardDeviation: reading.standardDeviation,
        takesWholeNumbers: chain.wholeInputs != nil),
      tolerance: tolerance, decision: decision)
  }

  /// What the exporter's runtime computes; nil where nothing is compared.
  func expected(_ model: ModelFile, _ comparison: Comparison) throws(InputError) -> ExpectedValues?
  {
    guard let path = expectedPath else { return nil }
    let arrays = try FileLimits.naming("--max-data") { () throws(InputError) in
      try NamedArray.all(in: path, limits: limits.data)
    }
    return try ExpectedValues(
      path: path, arrays, outputs: model.graph.outputs.map(\.name), comparison.chain,
      hasSigmoid: model.graph.nodes.contains { $0.operatorType == "Sigmoid" },
      available: comparison.data.count)
  }
}
