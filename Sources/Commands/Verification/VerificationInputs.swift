import DualBounds
import FileAccess
import ModelFiles
import NetworkGraph
import PropertyFiles
import ReLUChain
import Runs
import Verification

/// The files of a verification, read and found to fit together.
struct VerificationInputs {
  let model: ModelFile
  /// The network, down to the numbers of its output.
  let chain: ReLUChain
  let property: Property

  init(_ plan: VerificationPlan) throws {
    model = try readModel(plan.modelPath, outputName: plan.outputName, plan.limits)
    try plan.files.check(model)
    try Self.refuseWholeNumbers(model)
    chain = try validatedChain(
      of: model, plan.limits, deployed: plan.arithmetic.elementType, keepsValues: true)
    try Self.refuseContestedOrder(chain, plan.modelPath)
    try plan.arithmetic.check(chain, path: plan.modelPath)
    property = try PropertyFile.read(path: plan.propertyPath).property
    for (name, found, expected) in [
      ("input", property.inputCount, chain.inputCount),
      ("output", property.outputCount, chain.classCount),
    ] where found != expected {
      throw InputError(
        file: plan.propertyPath, found: "\(found) \(name)s",
        expected: "\(expected), as \(plan.modelPath == "-" ? "the model" : plan.modelPath) has")
    }
  }

  /// A property numbers the inputs, and names none.
  private static func refuseContestedOrder(_ chain: ReLUChain, _ path: String) throws(InputError) {
    guard chain.columns?.needsNames ?? false else { return }
    throw InputError(
      file: path,
      found: "inputs that the network joins in another order than its file declares them",
      expected: "one order: a property only numbers them")
  }

  /// A property speaks of real numbers, all of them.
  private static func refuseWholeNumbers(_ model: ModelFile) throws(InputError) {
    for input in model.graph.inputs where model.graph.initializers[input.name] == nil {
      guard let type = input.elementType, !type.isFloatingPoint else { continue }
      throw InputError(
        file: model.path, place: "input '\(input.name)'", found: type.rawValue,
        expected: "a floating-point type: a property bounds real numbers")
    }
  }

  /// Says what is worth knowing of the files.
  func say(_ diagnostics: Diagnostics) {
    for warning in model.warnings { diagnostics.warning("\(model.path): \(warning)") }
    for note in model.notes + chain.notes { diagnostics.note("\(model.path): \(note)") }
  }

  /// The options as the engine takes them, with workers that fit into the memory.
  func options(_ plan: VerificationPlan) throws(InputError) -> VerificationOptions {
    var options = VerificationOptions(
      arithmetic: plan.arithmetic, wideSums: plan.wideSums, splits: plan.splits,
      restarts: plan.restarts, seed: UInt64(plan.seed), threads: plan.threads)
    let need = MemoryNeed(verifying: property, by: chain)
    guard options.fit(need, within: plan.memory.bytes) else {
      throw InputError(
        .limit, file: plan.modelPath, place: "--memory \(plan.memory.typedText)",
        found: "bounding this network takes \(MemorySize(bytes: need.least).text)",
        expected: "at most that much", remedy: "Allow more by --memory.")
    }
    return options
  }
}
