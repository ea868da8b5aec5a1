import ChainImport
import FileAccess
import Foundation
import ModelFiles
import ReLUChain

/// Where the committed models lie.
let fixtures: String = {
  let here = URL(fileURLWithPath: #filePath)
  return here.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures").path
}()

/// A JSON file's content.
func decoded<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value {
  try JSONDecoder().decode(type, from: Data(contentsOf: URL(fileURLWithPath: path)))
}

/// The chain in a file that is at hand.
func chain(_ bytes: [UInt8], _ path: String, output: String? = nil) throws -> ReLUChain {
  var graph = try ModelFile.decode(bytes, path: path).graph
  if let output { graph.outputs = graph.outputs.filter { $0.name == output } }
  return try ReLUChain(validating: graph)
}

/// The chain in a file.
func chain(at path: String) throws -> ReLUChain {
  try ReLUChain(validating: ModelFile.read(path: path).graph)
}

/// What onnxruntime computes for a few inputs.
struct ExpectedLogits: Decodable {
  /// The type that onnxruntime computed in.
  var type: String
  var inputs: [[Double]]
  var logits: [[Double]]

  /// How far apart two programs may be that round every operation of this type, relative to the
  /// largest logit; ours rounds to binary64.
  var tolerance: Double {
    switch type {
    case "float64": 1e-12
    case "float32": 1e-5
    default: 1e-2
    }
  }

  /// How the chain differs from what is expected, or why there is none; nil if all is well.
  func failure(_ make: () throws -> ReLUChain) -> String? {
    do {
      let chain = try make()
      for (input, logits) in zip(inputs, logits) {
        guard input.count == chain.inputCount else {
          return "input \(chain.inputShape), expected \(input.count) features"
        }
        guard logits.count == chain.classCount else {
          return "\(chain.classCount) logits, expected \(logits.count)"
        }
        let ours = chain.logits(of: input)
        let scale = logits.map(abs).max() ?? 0
        let difference = zip(ours, logits).map { abs($0 - $1) }.max() ?? 0
        guard difference <= tolerance * scale else { return "\(ours), expected \(logits)" }
      }
      return nil
    } catch {
      return "\(error)"
    }
  }
}
