import CertificateRecords
import Certification
import ChainImport
import DataFiles
import ModelFiles
import Numbers
import ReLUChain
import ReferenceSupport
import Testing

/// Networks that other people trained and exported.
@Suite(.enabled(if: Place.corpus != nil, "\(Place.noCorpus)"))
struct NetworkTests {
  /// A network and the errors that onnxruntime makes with it.
  struct Expected: Sendable, CustomTestStringConvertible {
    var model: String
    var data = "mnist-t10k"
    var layout: Layout?
    var isNormalized = false
    var errors: Int
    var testDescription: String { model }
  }

  private static let cifar = "cifar10-test-first1000"
  private static let networks = [
    Expected(model: "mnist", errors: 180),
    Expected(model: "mnist.dynamo", errors: 180),
    Expected(model: "mnist.dynamo_dynbatch", errors: 180),
    Expected(model: "fashion_mnist", data: "fashion-t10k", errors: 2173),
    Expected(model: "scaled_mnist_small_0_3.stage0", errors: 1477),
    Expected(
      model: "scaled_cifar_small_8px.stage0", data: cifar, isNormalized: true, errors: 688),
    Expected(model: "scaled_cifar_small_8px.stage0.norm_in_graph", data: cifar, errors: 688),
    Expected(model: "vnncomp2021_cifar_wide_kw", data: cifar, isNormalized: true, errors: 364),
    Expected(model: "vnncomp2021_mnist-net_256x2", errors: 192),
    Expected(model: "vnncomp2021_cifar10_small", data: cifar, layout: .nchw, errors: 370),
    // Its images stand column by column, as MATLAB has them.
    Expected(model: "cora_mnist-point", layout: .ncwh, errors: 183),
    Expected(model: "vnncomp2021_Convnet_avgpool", errors: 205),
  ]

  @Test("a network makes the errors that onnxruntime makes", arguments: networks)
  func errors(expected: Expected) throws {
    var network = try CorpusNetwork(
      expected.model, data: expected.data, layout: expected.layout)
    if expected.isNormalized { try network.normalize() }
    let certificates = try certify(
      chain: network.chain, source: network.examples.source(),
      indices: Array(0..<network.examples.count),
      options: CertificationOptions(epsilons: [try Numeral("0")], threads: 2))[0]
    #expect(certificates.count { $0.prediction != $0.label } == expected.errors)
  }

  @Test("a network with skip connections is refused by naming its Add nodes")
  func residual() throws {
    let model = try ModelFile.read(path: Corpus.path("models/vnncomp2021_resnet_2b.onnx"))
    let refusals = #expect(throws: ChainRefusals.self) {
      try ReLUChain(validating: model.graph)
    }
    let nodes = model.graph.nodes.filter { $0.operatorType == "Add" }.map(\.name)
    #expect(nodes.count == 2)
    #expect(refusals?.reasons.map(\.node) == nodes)
    #expect(refusals?.reasons.allSatisfy { $0.reason.contains("skip") } == true)
  }
}
