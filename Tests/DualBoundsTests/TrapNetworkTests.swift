import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Networks made to fool careless arithmetic, with truth from exact arithmetic and from every order
/// of summation.
@Suite struct TrapNetworkTests {
  @Test("exact arithmetic is never contradicted", arguments: TrapNetwork.all)
  func realMarginsAreTrue(trap: TrapNetwork) {
    let instance = BoundCase(trap.chain, center: trap.center, radius: trap.radius)
    for everyRow in [true, false] {
      for arithmetic in Arithmetic.allCases {
        let answer = instance.answer(
          arithmetic, everyRow: everyRow, direction: everyRow ? .automatic : .columns)
        for point in corners(of: instance.box) {
          let contradiction = answer.contradiction(by: instance.exact.preActivations(at: point))
          #expect(contradiction == nil, "\(arithmetic)")
        }
      }
    }
  }

  @Test(
    "nothing that some order of summation loses is certified",
    arguments: TrapNetwork.all.filter(\.isDeployable))
  func deployedLossesAreNotCertified(trap: TrapNetwork) throws {
    let instance = BoundCase(trap.chain, center: trap.center, radius: trap.radius)
    let answer = instance.answer(.float32)
    let box = try #require(DeployedBox(instance.box, .binary32))
    for point in [box.lower, box.upper, trap.center] {
      for logits in trap.chain.everyDeployedLogits(at: point) {
        for (label, margins) in answer.margins {
          for (other, margin) in margins.enumerated() where margin > 0 {
            #expect(
              logits[label] > logits[other] && logits[label].isFinite,
              "\(label) over \(other) certified with \(margin), but \(logits) at \(point)")
          }
        }
      }
    }
  }

  @Test("the traps are traps: some order of summation loses, or exact arithmetic does")
  func trapsAreTraps() throws {
    for trap in TrapNetwork.all where !trap.isSafe {
      let instance = BoundCase(trap.chain, center: trap.center, radius: trap.radius)
      let box = try #require(DeployedBox(instance.box, .binary32))
      let losesExactly = corners(of: instance.box).contains { point in
        let logits = instance.exact.logits(at: point)
        return logits[0] <= logits[1]
      }
      let losesDeployed = [box.lower, box.upper].contains { point in
        trap.chain.everyDeployedLogits(at: point).contains {
          !($0[0] > $0[1]) || !$0[0].isFinite
        }
      }
      #expect(losesExactly || losesDeployed || trap.description.contains("nobody"), "\(trap)")
    }
  }

  @Test("the safe controls are certified", arguments: TrapNetwork.all.filter(\.isSafe))
  func controlsAreCertified(trap: TrapNetwork) {
    let instance = BoundCase(trap.chain, center: trap.center, radius: trap.radius)
    for arithmetic in [Arithmetic.real] + (trap.isDeployable ? [.float32] : []) {
      #expect(instance.answer(arithmetic).allMargins[1] > 0, "\(arithmetic)")
    }
  }

  @Test("where the deployed network may overflow nothing is certified")
  func overflowIsUnknown() {
    for trap in TrapNetwork.all where trap.description.contains("infinity") {
      let instance = BoundCase(trap.chain, center: trap.center, radius: trap.radius)
      #expect(!instance.answer(.float32).certifiesSomething, "\(trap)")
    }
  }

  private func corners(of box: ExactBox) -> [[Rational]] {
    zip(box.lower, box.upper).reduce([[]]) { partial, ends in
      partial.flatMap { [$0 + [ends.0], $0 + [ends.1]] }
    }
  }
}
