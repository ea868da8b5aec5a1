import DataFiles
import FileAccess
import ModelFiles
import ReLUChain

/// The files of a run, read and found to fit together.
struct RunInputs {
  var model: ModelFile
  /// The network as the file has it; `--mean` and `--std` are not in it.
  var fileChain: ReLUChain
  /// The network that is certified: that of the file behind the normalisation.
  var chain: ReLUChain
  var data: Dataset
  var labels: Labels?
  /// The factor on stored elements.
  var scale: TypedNumber
  /// The positions of the examples that are certified.
  var indices: Range<Int>

  /// Reads everything that the plan names, the model first.
  init(_ plan: RunPlan) throws {
    (model, fileChain) = try readChain(plan.modelPath)
    chain = try RunInputs.normalized(fileChain, plan)
    let stored = try Dataset.read(path: plan.dataPath)
    data = try RunInputs.arranged(stored, plan, fileChain)
    labels = try RunInputs.labels(plan, data)
    scale = try plan.scale ?? TypedNumber(
      stored.elementType == .uint8 ? "1/255" : "1", option: "--scale")
    indices = try RunInputs.indices(plan, data)
    try labels?.check(classCount: chain.classCount, in: indices)
    if plan.gate != nil, labels == nil {
      throw InputError(
        .usage, file: "--gate-robust-error", found: "data without labels",
        expected: "labels, which a robust error needs")
    }
  }

  private static func labels(_ plan: RunPlan, _ data: Dataset) throws(InputError) -> Labels? {
    if let path = plan.labelsPath ?? Labels.siblingPath(of: plan.dataPath) {
      return try Labels.read(path: path, count: data.count, dataPath: plan.dataPath)
    }
    return data.labels
  }

  private static func indices(_ plan: RunPlan, _ data: Dataset) throws(InputError) -> Range<Int> {
    guard plan.offset < data.count else {
      throw InputError(
        .usage, file: plan.limit == 1 ? "--index or --offset" : "--offset", found: "\(plan.offset)",
        expected: "0 to \(data.count - 1): \(plan.dataPath) has \(data.count) examples")
    }
    let available = data.count - plan.offset
    return plan.offset..<plan.offset + min(available, plan.limit ?? available)
  }
}

/// Reads a model and validates it; throws every reason why it is not a chain.
func readChain(_ path: String) throws -> (ModelFile, ReLUChain) {
  let model = try ModelFile.read(path: path)
  do throws(ChainRefusals) {
    return (model, try ReLUChain(validating: model.graph))
  } catch {
    throw RefusedModel(path: path, reasons: error.reasons)
  }
}
