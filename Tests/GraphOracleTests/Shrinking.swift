import CertificateRecords
import GraphOracle
import NumberSupport

/// Makes a case that fails as small as it can while it still fails in the same way.
struct Shrinker {
  private(set) var instance: OracleCase
  let settings: Settings
  let kind: Violation.Kind
  private var attempts = 0

  init(_ instance: OracleCase, _ settings: Settings, _ violation: Violation) {
    (self.instance, self.settings, kind) = (instance, settings, violation.kind)
    var single = instance
    single.examples = [instance.examples[violation.example]]
    single.labels = [instance.labels[violation.example]]
    if kind != .neighbours { adopt(single) }
  }

  /// Whether a case still fails.
  private func fails(_ instance: OracleCase) -> Bool {
    guard let chain = try? instance.chain(for: settings.arithmetic),
      chain.classCount == instance.classes
    else {
      return false
    }
    guard let certificates = try? instance.certificates(chain, settings) else {
      return kind == .failure
    }
    for salt in UInt64(0)..<2 {
      var judge = Judge(instance, settings, evaluations: 6, salt: salt)
      for certificate in certificates { judge.check(certificate, points: 5) }
      if judge.violations.contains(where: { $0.kind == kind }) { return true }
    }
    return false
  }

  private mutating func adopt(_ candidate: OracleCase) {
    attempts += 1
    if attempts < 2000, fails(candidate) { instance = candidate }
  }

  /// The smallest case found.
  mutating func run() -> OracleCase {
    guard kind != .neighbours else { return instance }
    for _ in 0..<3 {
      let before = instance.graph
      simplifyBall()
      storeConstants()
      dropNodes()
      simplifyNumbers()
      if before == instance.graph { break }
    }
    return instance
  }

  private mutating func simplifyBall() {
    for change in [
      { (one: inout OracleCase) in one.epsilon = 0 }, { $0.domain = nil }, { $0.norm = .linf },
    ] {
      var candidate = instance
      change(&candidate)
      adopt(candidate)
    }
    for feature in instance.examples[0].indices {
      for value in [0, 1, instance.examples[0][feature].rounded()] {
        var candidate = instance
        candidate.examples[0][feature] = value
        adopt(candidate)
      }
    }
  }

  /// Computed constants become stored ones, the last of a computation first.
  private mutating func storeConstants() {
    let names = instance.graph.dataNames
    for node in instance.graph.nodes.reversed()
    where node.outputs.count == 1 && names.isDisjoint(with: node.outputs) {
      let run = GraphEvaluator(
        instance.graph,
        DeployedNumbers(
          Deployment(data: .binary64, summed: .binary64), random: SeededGenerator(state: 0)))
      guard let value = run.constant(node.outputs[0]) else { continue }
      var candidate = instance
      candidate.graph.nodes.removeAll { $0.outputs == node.outputs }
      candidate.graph.initializers[node.outputs[0]] = OracleTensor(
        value.shape, value.type, value.numbers)
      candidate.graph = candidate.graph.pruned
      adopt(candidate)
    }
  }

  /// Nodes that keep the shape are left out; nodes on constants pass an operand on.
  private mutating func dropNodes() {
    for node in instance.graph.nodes.reversed() where node.outputs.count == 1 {
      let (shapes, types) = (instance.graph.shapes, instance.graph.types)
      for input in node.inputs
      where shapes[input] == shapes[node.outputs[0]] && types[input] == types[node.outputs[0]] {
        var candidate = instance
        candidate.graph.nodes.removeAll { $0.outputs == node.outputs }
        for index in candidate.graph.nodes.indices {
          candidate.graph.nodes[index].inputs = candidate.graph.nodes[index].inputs.map {
            $0 == node.outputs[0] ? input : $0
          }
        }
        if candidate.graph.output == node.outputs[0] { candidate.graph.output = input }
        candidate.graph = candidate.graph.pruned
        guard candidate.graph.dataNames.contains(candidate.graph.output) else { continue }
        adopt(candidate)
      }
    }
  }

  /// Numbers become 0 or 1, or get fewer digits.
  private mutating func simplifyNumbers() {
    for name in instance.graph.initializers.keys.sorted() {
      guard let tensor = instance.graph.initializers[name], tensor.type.format != nil else {
        continue
      }
      for place in tensor.values.indices {
        for change in [{ _ in 0 }, { _ in 1 }, { $0.rounded() }, { ($0 * 16).rounded() / 16 }]
          as [(Double) -> Double]
        {
          var candidate = instance
          guard var own = candidate.graph.initializers[name] else { continue }
          let value = change(own.values[place])
          guard value != own.values[place], own.values[place] != 0, own.values[place] != 1 else {
            continue
          }
          own.values[place] = tensor.type.format?.rounded(value) ?? value
          candidate.graph.initializers[name] = own
          adopt(candidate)
        }
      }
    }
  }
}
