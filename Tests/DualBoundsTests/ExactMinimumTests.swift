import DualBounds
import ReLUChain
import TestSupport
import Testing

/// The engine against the true minimum, found by enumerating every sign pattern: no tolerance.
@Suite struct ExactMinimumTests {
  @Test(
    "no margin is above the true minimum and no bound inside the true range",
    arguments: NumberStyle.allCases, seeds(14))
  func nothingIsInsideTheTruth(style: NumberStyle, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (2, 3, 1...3)
    chains.mixesKinds = seed % 2 == 0
    for ball in BallStyle.allCases {
      check(BoundCase(&chains, ball), "\(ball)")
    }
  }

  @Test(
    "three inputs and six hidden units in one or two layers",
    arguments: seeds(6))
  func threeInputs(seed: UInt64) {
    var chains = RandomChains(seed: seed, style: seed % 2 == 0 ? .smallIntegers : .doubles)
    chains.mixesKinds = false
    let widths = seed % 3 == 0 ? [6] : [3, 2]
    let instance = denseInstance(inputs: 3, widths: widths + [2], &chains)
    check(instance, "widths \(widths)")
  }

  private func denseInstance(
    inputs: Int, widths: [Int], _ chains: inout RandomChains
  ) -> BoundCase {
    var stages: [(rows: [[Double]], bias: [Double])] = []
    var count = inputs
    for width in widths {
      let rows = (0..<width).map { _ in (0..<count).map { _ in chains.number() } }
      stages.append((rows, (0..<width).map { _ in chains.number() }))
      count = width
    }
    let ball = chains.ball(inputCount: inputs, style: .wide)
    return BoundCase(denseChain(stages), center: ball.center, radius: ball.radius)
  }

  private func check(_ instance: BoundCase, _ place: String) {
    let truth = ExactMinimum(instance.exact, over: instance.box)
    let ways: [(Bool, BoundProblem.Direction, Slopes)] = [
      (true, .automatic, .parallel), (false, .automatic, .parallel), (false, .columns, .parallel),
      (false, .automatic, .adaptive), (false, .automatic, .optimized),
      (true, .columns, .optimized),
    ]
    for (everyRow, direction, slopes) in ways {
      let answer = instance.answer(everyRow: everyRow, direction: direction, slopes: slopes)
      for (stage, bounds) in answer.layers.enumerated() {
        for unit in bounds.lower.indices {
          #expect(
            Rational.isLower(bounds.lower[unit], than: truth.lower[stage][unit])
              && Rational.isUpper(bounds.upper[unit], than: truth.upper[stage][unit]),
            "\(place): layer \(stage), unit \(unit), \(everyRow), \(slopes)")
        }
      }
      for (label, margins) in answer.margins {
        for (other, margin) in margins.enumerated() {
          #expect(
            Rational.isLower(margin, than: truth.margins[label][other]),
            "\(place): \(label) over \(other), \(everyRow), \(slopes)")
        }
      }
    }
  }
}
