import FileAccess
import Foundation
import ModelFiles
import NetworkGraph
import Testing

@Suite struct FixtureTests {
  private struct Case: Decodable {
    var file: String
    var kind: String
    var mentions: [String]
  }

  /// The files in `fixtures/invalid/models` that hold a graph, but not that of a chain.
  private let graphs: Set = [
    "arg-max-of-hidden.onnx", "attribute-type.onnx", "bias-shape.onnx", "cast-to-half.onnx",
    "cast-to-integer.onnx", "clip-to-six.onnx", "concatenation.onnx", "constant-output.onnx",
    "conv-channels.json", "conv-kernel-too-large.json", "cycle.onnx", "divide-by-zero.onnx",
    "dropout-in-training.onnx", "foreign-operator.onnx", "gemm-shape.onnx", "group-mismatch.onnx",
    "if-with-branches.onnx", "infinite-weight.onnx", "int8-weights.onnx", "kernel-too-large.onnx",
    "leaky-relu.onnx", "matmul-integer.onnx", "max-pool.onnx", "missing-weight.onnx",
    "nan-weight.onnx", "no-outputs.onnx", "onnx-max-pool.json", "output-not-made.onnx",
    "quantise.onnx", "reciprocal.onnx", "reshape-mismatch.onnx", "several-reasons.onnx",
    "sigmoid.onnx", "single-logit.json", "single-logit.onnx", "skip-connection.onnx",
    "softmax-in-the-middle.onnx", "softmax-wrong-axis.onnx", "square.onnx", "string-tensor.onnx",
    "symbolic-width.onnx", "two-inputs.onnx", "two-outputs.onnx", "undefined-value.onnx",
    "unknown-operator.onnx", "unknown-type.onnx", "weights-do-not-fit.json", "zero-stride.onnx",
  ]

  @Test("every file of fixtures/invalid is refused in its words, or left to the chain's judgement")
  func invalid() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: fixtures + "/invalid/cases.json"))
    var refused = 0
    for entry in try JSONDecoder().decode([Case].self, from: data) where entry.kind == "model" {
      let name = entry.file.split(separator: "/").last.map(String.init) ?? ""
      do {
        _ = try ModelFile.read(path: fixtures + "/invalid/" + entry.file)
        #expect(graphs.contains(name), "\(entry.file) was accepted")
      } catch {
        #expect(!graphs.contains(name), "\(error)")
        for word in entry.mentions { #expect(error.description.contains(word), "\(error)") }
        refused += 1
      }
    }
    #expect(refused > 60)
  }

  @Test(
    "the five files of one network hold the same numbers",
    arguments: ["conv-ordinary", "conv-robust", "dense-ordinary", "dense-robust"])
  func digits(name: String) throws {
    let ends = [".onnx", ".dynamo.onnx", ".onnx.json", ".weights.json"]
    let formats: [ModelFile.Format] = [.onnx, .onnx, .onnxJSON, .plainWeights]
    let files = try ends.map { try ModelFile.read(path: "\(fixtures)/digits/\(name)\($0)") }
    #expect(files.map(\.format) == formats)
    #expect(files.map(\.externalFiles.count) == [0, 1, 0, 0])
    #expect(files[1].externalFiles[0].path == "\(fixtures)/digits/\(name).dynamo.onnx.data")
    let weights = files.map { file in
      file.graph.nodes.filter { ["Conv", "Gemm"].contains($0.operatorType) }.flatMap { node in
        node.inputs.dropFirst().compactMap { file.graph.initializers[$0]?.doubles }
      }
    }
    #expect(weights[0].count >= 6)
    for other in weights { #expect(other == weights[0]) }
  }

  @Test("every network of the corpus is read", .enabled(if: corpus != nil))
  func corpusModels() throws {
    let folder = (corpus ?? "") + "/models"
    let models = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".onnx") }
    #expect(models.count >= 13)
    for name in models {
      let file = try ModelFile.read(path: "\(folder)/\(name)")
      #expect(file.graph.inputs.count == 1 && file.graph.outputs.count == 1, "\(name)")
      #expect(!file.graph.nodes.isEmpty, "\(name)")
      #expect(file.externalFiles.count == (name.contains("dynamo") ? 1 : 0), "\(name)")
    }
  }
}

/// The big corpus, where the environment names it.
private let corpus = ProcessInfo.processInfo.environment["CERTIFY_CORPUS"]
