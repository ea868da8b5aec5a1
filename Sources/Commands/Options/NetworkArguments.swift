import ArgumentParser
import ChainImport
import FileAccess
import ModelFiles
import NetworkGraph
import ReLUChain

/// What of a file is the network.
struct NetworkArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The output that is meant, of several. (default: the only one)", valueName: "name"))
  var outputName: String?
}

/// Reads a model, with the one output that is meant.
func readModel(
  _ path: String, _ network: NetworkArguments, _ limits: FileLimits
) throws(InputError) -> ModelFile {
  var model = try FileLimits.naming("--max-model") { () throws(InputError) in
    try ModelFile.read(path: path, limits: limits.model)
  }
  guard let name = network.outputName else { return model }
  let outputs = model.graph.outputs
  guard let output = outputs.first(where: { $0.name == name }) else {
    let names = outputs.map { quoted($0.name) }.joined(separator: ", ")
    throw InputError(
      .usage, file: "--output-name", found: quoted(name),
      expected: "an output of \(path): \(names)")
  }
  model.graph.outputs = [output]
  if outputs.count > 1 {
    model.notes.append("output '\(name)' chosen, of \(outputs.count) (--output-name)")
  }
  return model
}

/// Validates a model; throws every reason why it is not a chain.
///
/// - Parameters:
///   - deployed: The type of the network's deployment, where constants may be computed in it, too.
///   - exampleShape: The shape of one example, which numbers dimensions that the file only names.
///   - allowsAnyOutput: Accepts networks that can be looked at, but not certified.
func validatedChain(
  of model: ModelFile, _ limits: FileLimits, deployed: ElementType? = nil,
  exampleShape: [Int]? = nil, allowsAnyOutput: Bool = false
) throws(RefusedModel) -> ReLUChain {
  do throws(ChainRefusals) {
    return try ReLUChain(
      validating: model.graph, deployed: deployed, exampleShape: exampleShape,
      limits: limits.chain, allowsAnyOutput: allowsAnyOutput)
  } catch {
    throw RefusedModel(path: model.path, reasons: error.reasons)
  }
}

extension Graph {
  /// Whether a dimension behind the batch has a name, or nothing, in place of a number.
  var hasOpenFeatures: Bool {
    inputs.contains { input in
      (input.dimensions ?? []).dropFirst().contains { dimension in
        if case .fixed = dimension { false } else { true }
      }
    }
  }
}
