import CertificateRecords
import Certification
import ReLUChain
import ReferenceSupport

/// A digits network, and what other programs say of it.
struct DigitsReference {
  static let names = ["conv-ordinary", "conv-robust", "dense-ordinary", "dense-robust"]
  static let forms = [".onnx", ".dynamo.onnx", ".onnx.json", ".weights.json"]

  let name: String
  let chain: ReLUChain
  let examples: Examples
  let truth: Truth

  init(_ name: String, form: String = ".onnx") throws {
    self.name = name
    chain = try ReferenceSupport.chain(at: "\(Place.fixtures)/digits/\(name)\(form)")
    examples = try Examples("\(Place.fixtures)/digits/digits-test-images-idx3-ubyte", for: chain)
    truth = try decoded(Truth.self, from: "\(Place.fixtures)/reference/\(name).json")
  }

  /// The examples that truth speaks of.
  var indices: [Int] { Array(0..<truth.examples) }

  /// A file of `fixtures/reference`.
  struct Truth: Decodable {
    var examples: Int
    var labels: [Int]
    var singleLogits: [[Double]]
    var doubleLogits: [[Double]]
    var cases: [Case]

    enum CodingKeys: String, CodingKey {
      case examples, labels, cases
      case singleLogits = "logits_onnxruntime_float32"
      case doubleLogits = "logits_numpy_float64"
    }
  }

  /// What the paper's own package says of one kind of ball.
  struct Case: Decodable {
    var norm: String
    var epsilon: Double
    var clip: [Double]?
    var margins: [[Double]]
    var robustLoss: [Double]
    var bounds: [[ReferenceBounds]]

    enum CodingKeys: String, CodingKey {
      case norm, epsilon, clip, margins
      case robustLoss = "robust_loss"
      case bounds = "pre_activation_bounds"
    }

    /// The data's domain, where the case has one.
    var domain: Domain? {
      clip.flatMap { $0.count == 2 ? Domain(lower: $0[0], upper: $0[1]) : nil }
    }
  }

  /// Certificates of the examples that truth speaks of.
  func certificates(_ options: CertificationOptions) throws -> [[Certificate]] {
    try certify(chain: chain, source: examples.source(), indices: indices, options: options)
  }
}
