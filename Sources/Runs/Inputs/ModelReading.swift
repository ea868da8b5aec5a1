import ChainImport
import FileAccess
import ModelFiles
import NetworkGraph
import ReLUChain

/// Reads a model, with the one output that is meant.
///
/// - Parameter outputName: nil for the only one.
package func readModel(
  _ path: String, outputName: String?, _ limits: FileLimits
) throws(InputError) -> ModelFile {
  var model = try FileLimits.naming("--max-model") { () throws(InputError) in
    try ModelFile.read(path: path, limits: limits.model)
  }
  guard let name = outputName else { return model }
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
///   - keepsValues: The chain ends in the output's own numbers, not in scores of classes.
package func validatedChain(
  of model: ModelFile, _ limits: FileLimits, deployed: ElementType? = nil,
  exampleShape: [Int]? = nil, allowsAnyOutput: Bool = false, keepsValues: Bool = false
) throws(RefusedModel) -> ReLUChain {
  do throws(ChainRefusals) {
    return try ReLUChain(
      validating: model.graph, deployed: deployed, exampleShape: exampleShape,
      limits: limits.chain, allowsAnyOutput: allowsAnyOutput, keepsValues: keepsValues)
  } catch {
    throw RefusedModel(path: model.path, reasons: error.reasons)
  }
}

extension ReLUChain {
  /// The chain whose largest score decides as this one's scores are meant to.
  ///
  /// - Throws: Where the smallest of several scores is meant, and there is one.
  package func deciding(by decision: Decision, path: String) throws(InputError) -> ReLUChain {
    guard decision == .argmax || !hasOneScore else {
      throw InputError(
        .usage, file: "--decision", found: "\(decision.rawValue), where \(path) has one score",
        expected: "argmax: its sign decides, class 1 where it is above 0")
    }
    return deciding(by: decision)
  }
}

extension Graph {
  /// Whether a dimension behind the batch has a name, or nothing, in place of a number.
  package var hasOpenFeatures: Bool {
    inputs.contains { input in
      (input.dimensions ?? []).dropFirst().contains { !$0.isNumber }
    }
  }
}

extension Dimension {
  /// Whether it is a number.
  var isNumber: Bool { if case .fixed = self { true } else { false } }
}

/// A model that is not a ReLU chain: the file, and every reason.
package struct RefusedModel: Error {
  var path: String
  var reasons: [ChainRefusal]

  /// The reasons, each once: nodes of one operator that are refused for the same are named together.
  package var lines: [String] {
    var groups: [(first: ChainRefusal, others: [String])] = []
    for reason in reasons {
      let same = groups.firstIndex {
        $0.first.reason == reason.reason && !reason.operatorType.isEmpty
          && $0.first.operatorType == reason.operatorType
      }
      if let same {
        groups[same].others.append(reason.node)
      } else {
        groups.append((reason, []))
      }
    }
    return groups.enumerated().map { index, group in
      printed((index == 0 ? "\(path): " : "  ") + words(group.first, group.others))
    }
  }

  private func words(_ first: ChainRefusal, _ others: [String]) -> String {
    guard !others.isEmpty else { return first.description }
    let named = others.prefix(5).map { "'\($0.prefix(200))'" }.joined(separator: ", ")
    let rest = others.count > 5 ? ", ..." : ""
    return "\(first.description) (and \(others.count) more: \(named)\(rest))"
  }
}
