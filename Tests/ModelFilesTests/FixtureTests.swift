import ChainImport
import FileAccess
import Foundation
import ModelFiles
import NetworkGraph
import ReLUChain
import Testing

@Suite struct FixtureTests {
  private struct Case: Decodable {
    var file: String
    var kind: String
    var mentions: [String]
  }

  /// The words with which a model is refused, by its reader or as no chain; nil if it is accepted.
  private func refusal(of path: String) throws -> String? {
    do {
      _ = try ReLUChain(validating: ModelFile.read(path: path).graph)
      return nil
    } catch let error as InputError {
      return error.description
    } catch let error as ChainRefusals {
      return error.description
    }
  }

  @Test("every model of fixtures/invalid is refused in its words, its good neighbours are accepted")
  func invalid() throws {
    let folder = fixtures + "/invalid/"
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "cases.json"))
    let cases = try JSONDecoder().decode([Case].self, from: data).filter { $0.kind == "model" }
    #expect(cases.count > 100)
    for entry in cases {
      let refusal = try refusal(of: folder + entry.file)
      #expect(refusal != nil, "\(entry.file) was accepted")
      for word in entry.mentions {
        #expect(refusal?.contains(word) == true, "\(entry.file): \(refusal ?? "")")
      }
    }
    let listed = Set(cases.map(\.file))
    for name in try FileManager.default.contentsOfDirectory(atPath: folder + "models") {
      if !listed.contains("models/" + name), name.hasSuffix(".onnx") || name.hasSuffix(".json") {
        #expect(try refusal(of: folder + "models/" + name) == nil, "\(name)")
      }
    }
  }

  @Test(
    "the four files of one network hold the same numbers",
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
