import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReLUChain
import ReferenceSupport
import Testing

/// LeNets with max pooling that were trained on the digits and on MNIST to be certified, against programs that
/// take the maximum as it is.
@Suite struct LeNetTests {
  @Test(
    "logits are those of onnxruntime and, far closer, of PyTorch in binary64",
    arguments: LeNet.allCases)
  func logits(network: LeNet) throws {
    let lenet = try LeNetReference(network)
    #expect(lenet.truth.labels == lenet.indices.map(lenet.examples.label))
    for index in lenet.indices {
      let logits = lenet.chain.logits(of: lenet.examples.scaled.features(of: index))
      let single = Disagreement(logits, lenet.truth.singleLogits[index], within: .single)
      #expect(single == nil, "example \(index), binary32")
      let double = Disagreement(logits, lenet.truth.doubleLogits[index], within: .double)
      #expect(double == nil, "example \(index), binary64")
    }
  }

  @Test(
    "no margin lies above what the network is seen to do in the ball", arguments: LeNet.allCases,
    Slopes.allCases)
  func soundness(network: LeNet, slopes: Slopes) throws {
    let lenet = try LeNetReference(network)
    for truth in lenet.truth.cases {
      for arithmetic in [Arithmetic.real, .float32] {
        let certificates = try lenet.certificates(truth, .fixed(slopes), arithmetic)
        for (index, certificate) in certificates.enumerated() {
          for (other, seen) in truth.attacked[index].enumerated() where other != certificate.label {
            #expect(
              certificate.margins[other] <= seen,
              "eps \(truth.epsilon), \(arithmetic), example \(index), class \(other)")
          }
        }
      }
    }
  }

  @Test(
    "more than half is certified at eps 0.05, and no fewer than by CROWN or intervals",
    arguments: LeNet.allCases)
  func share(network: LeNet) throws {
    let lenet = try LeNetReference(network)
    #expect(lenet.truth.cases.map(\.epsilon).contains(0.05))
    for truth in lenet.truth.cases {
      let certified = try lenet.certificates(truth, .auto).count { $0.verdict == .certified }
      if truth.epsilon == 0.05 { #expect(certified > lenet.truth.examples / 2) }
      for margins in truth.bounds {
        #expect(certified >= lenet.smallest(margins).count { $0 > 0 }, "eps \(truth.epsilon)")
      }
    }
  }

  @Test(
    "at the median margins by adaptive slopes are at most 5% below any of CROWN's",
    arguments: LeNet.allCases)
  func tightness(network: LeNet) throws {
    let lenet = try LeNetReference(network)
    for truth in lenet.truth.cases {
      let certificates = try lenet.certificates(truth, .fixed(.adaptive))
      let found = median(lenet.smallest(certificates.map(\.margins)))
      for margins in truth.bounds {
        let theirs = median(lenet.smallest(margins))
        #expect(found >= theirs - 0.05 * abs(theirs), "eps \(truth.epsilon)")
      }
    }
  }

  @Test("behind maxima parallel slopes lose at most 10% to CROWN's, which knows what a maximum is")
  func maxima() throws {
    let lenet = try LeNetReference(.mnist)
    for truth in lenet.truth.cases {
      let certificates = try lenet.certificates(truth, .fixed(.parallel))
      let pairs = zip(
        lenet.smallest(certificates.map(\.margins)), lenet.smallest(truth.parallel))
      let closer = median(pairs.map { ($0 - $1) / abs($1) })
      #expect(closer >= -0.1, "eps \(truth.epsilon)")
    }
  }

  private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

enum LeNet: String, CaseIterable, CustomTestStringConvertible {
  case digits, mnist

  var testDescription: String { rawValue }
  var model: String { "\(rawValue)/lenet-robust.onnx" }
  var images: String {
    self == .digits ? "digits/digits-test-images-idx3-ubyte" : "mnist/test-images-idx3-ubyte.gz"
  }
  var truth: String { self == .digits ? "lenet-robust" : "mnist-lenet-robust" }
}

/// A network, and what other programs say of it.
private struct LeNetReference {
  let chain: ReLUChain
  let examples: Examples
  let truth: Truth

  init(_ network: LeNet) throws {
    chain = try ReferenceSupport.chain(at: "\(Place.fixtures)/\(network.model)")
    examples = try Examples("\(Place.fixtures)/\(network.images)", for: chain)
    truth = try decoded(Truth.self, from: "\(Place.fixtures)/reference/\(network.truth).json")
  }

  var indices: [Int] { Array(0..<truth.examples) }

  func certificates(
    _ truth: Case, _ slopes: SlopeChoice, _ arithmetic: Arithmetic = .float32
  ) throws -> [Certificate] {
    var options = CertificationOptions(
      epsilons: [try Numeral("\(truth.epsilon)")], arithmetic: arithmetic)
    options.slopes = slopes
    options.threads = 2
    return try certify(
      chain: chain, source: examples.source(), indices: indices, options: options)[0]
  }

  /// Of each example the smallest margin that is not its label's own.
  func smallest(_ margins: [[Double]]) -> [Double] {
    zip(margins, truth.labels).map { row, label in
      row.enumerated().filter { $0.offset != label }.map(\.element).min() ?? .infinity
    }
  }

  /// `fixtures/reference/lenet-robust.json`, or `mnist-lenet-robust.json`.
  struct Truth: Decodable {
    var examples: Int
    var labels: [Int]
    var singleLogits, doubleLogits: [[Double]]
    var cases: [Case]

    enum CodingKeys: String, CodingKey {
      case examples, labels, cases
      case singleLogits = "logits_onnxruntime_float32"
      case doubleLogits = "logits_torch_float64"
    }
  }

  /// One size of balls: `[examples][classes]`, of `z_y - z_j`.
  struct Case: Decodable {
    var epsilon: Double
    /// Lower bounds.
    var intervals, parallel, adaptive: [[Double]]
    /// Values at points of the ball.
    var attacked: [[Double]]

    var bounds: [[[Double]]] { [intervals, parallel, adaptive] }

    enum CodingKeys: String, CodingKey {
      case epsilon, intervals, attacked
      case parallel = "crown_parallel"
      case adaptive = "crown_adaptive"
    }
  }
}
