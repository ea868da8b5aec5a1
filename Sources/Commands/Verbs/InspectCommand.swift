import ArgumentParser
import Certification
import DataFiles
import DualBounds
import FileAccess
import Parity
import ReLUChain
import Reports
import Runs

/// `certify inspect MODEL`: the chain layer by layer, or every reason why it is not one; on request
/// its logits, held against those of an exporter.
struct InspectCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Prints a network layer by layer, or every reason why it is refused.",
    discussion: """
      With --expect-logits, the network's values on the data are held against those of the \
      exporter's own runtime; where they differ by more than rounding explains, it says which \
      layer is the first that does, and what would make them agree.
      """)

  @Argument(help: .model, completion: .network)
  var model: String

  @OptionGroup(title: "The comparison") var comparison: ComparisonArguments
  @OptionGroup(title: "The data") var reading: ReadingArguments
  @OptionGroup(title: "The network") var network: NetworkArguments
  @OptionGroup(title: "The limits") var limits: LimitArguments

  func execute() throws -> ExitStatus {
    let limits = try FileLimits(limits)
    let plan = try comparison.plan(model: model, reading, limits)
    let files = FilesInUse(
      inputs: [
        ("the model", model), ("--data", comparison.data),
        ("--expect-logits", comparison.expectLogits),
      ],
      outputs: [("standard output", "-"), ("--emit-logits", plan?.logits?.path)])
    try files.check()
    let output = try AtomicFile("-")
    let logits = try plan?.logits.map { path throws(OutputError) in try LogitsFile(path) }
    defer { logits?.discard() }
    let file = try readModel(model, outputName: network.outputName, limits)
    try files.check(file)
    // Dimensions that the file only names are those of the data, as in a run.
    let data = file.graph.hasOpenFeatures ? try plan?.reading.open(limits.data) : nil
    var shape: [Int]?
    if let data { shape = try plan?.reading.exampleShape(data, file.graph) }
    let chain = try validatedChain(of: file, limits, exampleShape: shape, allowsAnyOutput: true)
    let decided = try chain.deciding(by: self.comparison.decision, path: model)
    var notes = file.notes + decided.notes
    if let refusal = chain.refusal { notes.append("certify refuses this network: \(refusal)") }
    let description = ModelDescription(file, decided, notes: notes)
    // Lines of their own, which rows of open examples take, grow with what is found unstable.
    let need = MemoryNeed(run: chain, slopes: .parallel, epsilons: 1, attacks: true, searches: true)
    try output.write(lines: InspectionText(description, need).lines)
    try output.write(lines: file.warnings.map { "warning: \($0)" })
    guard let plan else {
      try output.commit()
      return .done
    }
    let comparison = try plan.comparison(chain, data)
    try logits?.write(
      comparison.data.scaled, Array(0..<comparison.data.count),
      classCount: comparison.chain.classCount, threads: plan.threads, comparison.chain.logits)
    let outcome = try plan.expected(file, comparison).map { (expected) throws(InputError) in
      try comparison.outcome(expected, workers: plan.threads)
    }
    try output.write(lines: outcome?.lines ?? [])
    try AtomicFile.commit([logits?.file].compactMap(\.self) + [output])
    return outcome?.agrees ?? true ? .done : .logitsDiffer
  }
}

/// A network as a table for a person.
struct InspectionText {
  private let model: ModelDescription

  private let need: MemoryNeed

  init(_ model: ModelDescription, _ need: MemoryNeed) {
    (self.model, self.need) = (model, need)
  }

  /// The whole text, line by line.
  var lines: [String] { facts + [""] + table + model.notes.map { "note: \($0)" } }

  private var facts: [String] {
    let features = model.inputShape.reduce(1, *)
    let files = [model.file] + model.externalFiles
    return files.map {
      "\(TextTable.padded($0 == model.file ? "model" : "weights", to: 11))\($0.path)"
    } + [
      "format     \(model.format)",
      "sha256     \(model.file.digest.sha256 ?? "")",
      "input      \(model.inputShape), \(features) features",
      "classes    \(model.classCount)",
      "units      \(model.unitCount) ReLUs",
      "parameters \(model.parameterCount)",
      "memory     \(size(need.total(workers: 1, rows: MemoryNeed.blockRows.upperBound)))"
        + " for one worker, \(size(need.total(workers: 2, rows: MemoryNeed.blockRows.upperBound)))"
        + " for two, \(size(need.least)) at the least",
    ]
  }

  private var table: [String] {
    let head = ["layer", "kind", "operator", "node", "input", "output", "units", "parameters"]
    let rows = model.layers.enumerated().map { position, layer in
      [
        "\(position + 1)", layer.kind, layer.operatorType, layer.name, "\(layer.inputShape)",
        "\(layer.outputShape)", "\(layer.outputCount)", "\(layer.parameterCount)",
      ]
    }
    return TextTable.lines([head] + rows, words: [1, 2, 3, 4, 5], indentation: "")
  }

  private func size(_ bytes: Int) -> String { MemorySize(bytes: bytes).text }
}
