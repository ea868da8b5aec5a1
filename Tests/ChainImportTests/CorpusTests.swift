import ChainImport
import DataFiles
import Foundation
import ModelFiles
import NetworkGraph
import ReLUChain
import TestSupport
import Testing

private let corpus = ProcessInfo.processInfo.environment["CERTIFY_CORPUS"]

/// What a file of the corpus is, by its README.
private struct Expectation: Sendable {
  var name: String
  var inputShape: [Int]
  var hiddenUnits: [Int]
}

@Suite(.enabled(if: corpus != nil, "CERTIFY_CORPUS names no folder")) struct CorpusTests {
  private static let networks = [
    Expectation(
      name: "mnist", inputShape: [1, 28, 28], hiddenUnits: [3136, 1568, 100]),
    Expectation(
      name: "mnist.dynamo", inputShape: [1, 28, 28], hiddenUnits: [3136, 1568, 100]),
    Expectation(
      name: "mnist.dynamo_dynbatch", inputShape: [1, 28, 28], hiddenUnits: [3136, 1568, 100]),
    Expectation(
      name: "fashion_mnist", inputShape: [1, 28, 28], hiddenUnits: [3136, 1568, 100]),
    Expectation(
      name: "scaled_mnist_small_0_3.stage0", inputShape: [1, 28, 28],
      hiddenUnits: [3136, 1568, 100]),
    Expectation(
      name: "scaled_cifar_small_8px.stage0", inputShape: [3, 32, 32],
      hiddenUnits: [4096, 2048, 100]),
    Expectation(
      name: "scaled_cifar_small_8px.stage0.norm_in_graph", inputShape: [3, 32, 32],
      hiddenUnits: [4096, 2048, 100]),
    Expectation(
      name: "vnncomp2021_cifar_wide_kw", inputShape: [3, 32, 32], hiddenUnits: [4096, 2048, 100]),
    Expectation(
      name: "vnncomp2021_mnist-net_256x2", inputShape: [784, 1], hiddenUnits: [256, 256]),
    Expectation(
      name: "vnncomp2021_cifar10_small", inputShape: [32, 32, 3],
      hiddenUnits: [1800, 576, 128, 64]),
    Expectation(
      name: "cora_mnist-point", inputShape: [784], hiddenUnits: Array(repeating: 250, count: 7)),
    Expectation(
      name: "vnncomp2021_Convnet_avgpool", inputShape: [1, 28, 28], hiddenUnits: [23_328]),
  ]

  private func graph(_ name: String) throws -> Graph {
    try ModelFile.read(path: (corpus ?? "") + "/models/\(name).onnx").graph
  }

  @Test("every chain of the corpus is read as the chain that it is", arguments: networks)
  private func chains(network: Expectation) throws {
    let chain = try ReLUChain(validating: try graph(network.name))
    #expect(chain.inputShape == network.inputShape)
    #expect(chain.hiddenUnits == network.hiddenUnits)
    #expect(chain.classCount == 10)
    #expect(chain.notes.isEmpty)
    #expect(chain.elementType == .float32)
  }

  @Test("the residual network is refused by naming its Add nodes, and nothing else")
  func residual() throws {
    let refusal = "both inputs depend on the network's input; a chain has no skip connections"
    let graph = try graph("vnncomp2021_resnet_2b")
    #expect(
      throws: ChainRefusals(reasons: [
        ChainRefusal(.node("Add_6", operatorType: "Add"), refusal),
        ChainRefusal(.node("Add_11", operatorType: "Add"), refusal),
      ])
    ) { try ReLUChain(validating: graph) }
  }

  @Test("logits of the paper's network agree with the independent evaluation to 1e-5 relative")
  func logits() throws {
    let folder = corpus ?? ""
    let images = try Dataset.read(path: folder + "/data/mnist-t10k-images-idx3-ubyte.gz")
    let truth = try Data(contentsOf: URL(fileURLWithPath: folder + "/truth/mnist-variants.ndjson"))
    let chain = try ReLUChain(validating: try graph("mnist"))
    let entries = try truth.split(separator: UInt8(ascii: "\n")).map {
      try JSONDecoder().decode(Entry.self, from: $0)
    }
    #expect(entries.count == 60)
    for entry in entries {
      let logits = chain.logits(of: images.features(of: entry.index).map { $0 / 255 })
      for (logit, expected) in zip(logits, entry.logits) {
        #expect(abs(logit - expected) <= 1e-5 * max(1, abs(expected)), "example \(entry.index)")
      }
    }
  }
}

/// One line of the truth.
private struct Entry: Decodable {
  var index: Int
  var logits: [Double]
}
