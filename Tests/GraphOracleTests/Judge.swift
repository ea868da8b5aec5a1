import Attack
import CertificateRecords
import Certification
import ChainImport
import DualBounds
import GraphOracle
import ModelFiles
import NetworkGraph
import NumberSupport
import Numbers
import ReLUChain

/// How one case is certified.
struct Settings: Sendable, CustomStringConvertible {
  var arithmetic: Arithmetic
  var wideSums: Bool
  var slopes: SlopeChoice
  var hasRadii: Bool
  var attack: AttackOptions.Kind?
  var isLabelled: Bool
  /// Parts that open examples are split into.
  var splits = 0

  /// Draws settings: exact arithmetic, and one of the types that the network may be deployed in.
  static func both(for instance: OracleCase) -> [Settings] {
    var random = SeededGenerator(state: instance.seed ^ 0x5EED)
    let format = random.pick(instance.deployments, or: .binary32)
    return [nil, format].map { format in
      Settings(
        arithmetic: format.map(Arithmetic.init) ?? .real, wideSums: random.chance(0.5),
        slopes: random.pick([.auto, .auto, .fixed(.parallel), .fixed(.optimized)], or: .auto),
        hasRadii: random.chance(0.5), attack: random.pick([nil, .fgsm, .pgd], or: nil),
        isLabelled: random.chance(0.8), splits: random.pick([0, 30, 400], or: 0))
    }
  }

  var description: String {
    "\(arithmetic)" + (arithmetic.isHalf ? ", sums in \(wideSums ? "float32" : "the same")" : "")
      + ", slopes \(slopes), radii \(hasRadii), attack \(attack.map(\.rawValue) ?? "none")"
      + (isLabelled ? "" : ", no labels") + ", splits \(splits)"
  }
}

extension Arithmetic {
  init(_ format: DeployedFormat) {
    self =
      switch format {
      case .binary64: .float64
      case .binary32: .float32
      case .binary16: .float16
      case .bfloat16: .bfloat16
      }
  }

  /// The format of a deployed network; nil for exact arithmetic.
  var deployed: DeployedFormat? {
    switch self {
    case .real: nil
    case .float64: .binary64
    case .float32: .binary32
    case .float16: .binary16
    case .bfloat16: .bfloat16
    }
  }
}

extension OracleCase {
  /// The network as the program reads it, from the bytes of a file.
  func chain(for arithmetic: Arithmetic) throws -> ReLUChain {
    try ReLUChain(
      validating: ModelFile.decode(graph.onnxBytes, path: "graph-\(seed).onnx").graph,
      deployed: arithmetic.elementType)
  }

  /// The certificates of some examples.
  func certificates(
    _ chain: ReLUChain, _ settings: Settings, indices: [Int]? = nil
  ) throws -> [Certificate] {
    let (examples, labels) = (examples, labels)
    let source = ExampleSource(
      featureCount: chain.inputCount, isExact: true,
      label: { settings.isLabelled ? labels[$0] : nil },
      copyFeatures: { index, buffer in
        for (place, value) in examples[index].enumerated() { buffer[place] = value }
      })
    let norm: Norm =
      switch norm {
      case .linf: .linf
      case .l2: .l2
      case .l1: .l1
      }
    let radius = Numeral(exactly: epsilon)
    let cap = max(4 * epsilon, 0x1p-6)
    var options = CertificationOptions(
      epsilons: [radius], shape: .norm(norm), arithmetic: settings.arithmetic,
      accumulation: settings.wideSums ? .float32 : .same, slopes: settings.slopes,
      domain: domain.map {
        Domain(
          lower: $0.lowerBound, upper: $0.upperBound, inner: ($0.lowerBound, $0.upperBound))
      },
      radii: settings.hasRadii ? RadiusOptions(tolerance: 0.05, cap: cap) : nil,
      attack: settings.attack.map { AttackOptions(kind: $0, steps: 5, restarts: 1, seed: seed) },
      keepsCounterexamples: true)
    (options.detects, options.splits) = (seed % 2 == 0, settings.splits)
    return try certify(
      chain: chain, source: source, indices: indices ?? Array(examples.indices), options: options)[
        0]
  }
}
