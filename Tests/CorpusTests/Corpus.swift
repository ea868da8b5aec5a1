import Certification
import DataFiles
import ReLUChain
import ReferenceSupport

/// A network of the corpus with the data that it was made for.
struct CorpusNetwork: Sendable {
  var chain: ReLUChain
  var examples: Examples

  /// Reads a network, and data in its order.
  ///
  /// - Parameters:
  ///   - model: a file of `models`, without its ending.
  ///   - data: the beginning of a file's name in `data`.
  init(_ model: String, data: String = "mnist-t10k", layout: Layout? = nil) throws {
    chain = try ReferenceSupport.chain(at: Corpus.path("models/\(model).onnx"))
    let channels = data.hasPrefix("cifar") ? 4 : 3
    examples = try Examples(
      Corpus.path("data/\(data)-images-idx\(channels)-ubyte.gz"), for: chain, layout: layout)
  }

  /// The network behind the normalisation of the CIFAR networks.
  mutating func normalize() throws {
    chain = try chain.normalizing(mean: [0.485, 0.456, 0.406], std: [0.225, 0.225, 0.225])
  }
}

/// The folder that `CERTIFY_CORPUS` names.
enum Corpus {
  static func path(_ name: String) -> String { "\(Place.corpus ?? "")/\(name)" }

  /// How many examples are certified where not all have to be.
  static let sample = Place.isCampaign ? 10000 : 500
}

/// One line of the truth about a whole data set.
struct Truth: Decodable, Sendable {
  var index: Int
  var label: Int
  var prediction: Int
  var margins: [Double]
  var smallest: Double
  var unstable: [Int]

  enum CodingKeys: String, CodingKey {
    case margins, unstable
    case index = "i"
    case label = "y"
    case prediction = "pred"
    case smallest = "min"
  }

  /// The truth about the first examples of a data set, at eps 0.1.
  static func read(_ name: String, count: Int) throws -> [Truth] {
    try decodedLines(
      Truth.self, from: Corpus.path("truth/\(name)-linf-0.1.ndjson.gz"), limit: count)
  }
}
