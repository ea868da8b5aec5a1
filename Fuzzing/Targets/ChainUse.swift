import Attack
import CertificateRecords
import Certification
import DualBounds
import Numbers
import ReLUChain

/// What a run does with a chain, on one example: numbers from strangers reach every loop.
enum ChainUse {
  /// Evaluates and certifies where that takes no more than some milliseconds.
  static func run(_ chain: ReLUChain) {
    _ = chain.layers
    guard let work = work(of: chain), work <= 300_000 else { return }
    let input = (0..<chain.inputCount).map { Double($0 % 7) / 8 - 0.25 }
    let logits = chain.logits(of: input)
    precondition(logits.count == chain.classCount, "logits are missing")
    if let normalized = try? chain.normalizing(mean: [0.5], std: [0.25], channelAxis: 0) {
      precondition(normalized.logits(of: input).count == chain.classCount, "logits are missing")
    }
    // What needs more is refused by the command.
    let memory = MemoryNeed(chain).least
    let gradients = GradientNetwork.memory(of: chain)
    guard work <= 20_000, chain.classCount <= 32,
      memory + gradients.network + gradients.worker <= 16 << 20
    else { return }
    for arithmetic in [Arithmetic.real, .float32] { certify(chain, input, logits, arithmetic) }
  }

  private static func certify(
    _ chain: ReLUChain, _ input: [Double], _ logits: [Double], _ arithmetic: Arithmetic
  ) {
    let source = ExampleSource(
      featureCount: input.count, isExact: true, label: { _ in 0 },
      copyFeatures: { _, target in _ = target.update(from: input) })
    let options = CertificationOptions(
      epsilons: [Numeral(exactly: 0.125)],
      arithmetic: arithmetic, slopes: .auto, radii: RadiusOptions(tolerance: 0.1, cap: 1),
      attack: AttackOptions(steps: 3, restarts: 1))
    guard
      let runs = try? Certification.certify(
        chain: chain, source: source, indices: [0], options: options)
    else { preconditionFailure("proof and counterexample contradict each other") }
    for certificate in runs.joined() where certificate.verdict == .certified {
      // Proven classes win at the centre; NaN and ties prove nothing.
      for other in logits.indices where other != 0 {
        precondition(logits[0] > logits[other], "certified though class \(other) wins")
      }
    }
  }

  /// The products of one evaluation; nil beyond what an `Int` holds.
  private static func work(of chain: ReLUChain) -> Int? {
    var total = 0
    for linear in chain.stages.flatMap(\.operators) {
      let products: (partialValue: Int, overflow: Bool)
      switch linear.kind {
      case .dense: products = linear.inputCount.multipliedReportingOverflow(by: linear.outputCount)
      case .convolution(let convolution):
        let taps = convolution.weights.count / max(convolution.outputChannels, 1)
        products = taps.multipliedReportingOverflow(by: convolution.outputCount)
      default: products = (linear.outputCount, false)
      }
      let sum = total.addingReportingOverflow(products.partialValue)
      if products.overflow || sum.overflow { return nil }
      total = sum.partialValue
    }
    return total
  }
}
