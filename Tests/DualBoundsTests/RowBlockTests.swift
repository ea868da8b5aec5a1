import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Which rows share a block, and what operators with groups read.
@Suite struct RowBlockTests {
  /// A convolution of one channel, one with groups on the same grid, the maxima of its pairs as a rewriting
  /// writes them, and two scores.
  private static func chain(_ chains: inout RandomChains) -> ReLUChain {
    func numbers(_ count: Int) -> [Double] { (0..<count).map { _ in chains.number() } }
    func convolution(
      _ input: (Int, Int, Int), _ output: (Int, Int, Int), kernel: Int, stride: Int, pad: Int,
      groups: Int, weights: [Double]? = nil
    ) -> LinearOperator {
      let count = output.0 * input.0 / groups * kernel * kernel
      return LinearOperator(
        name: "", operatorType: "",
        kind: .convolution(
          Convolution(
            input: input, output: output, kernel: (kernel, kernel), stride: (stride, stride),
            pad: (pad, pad), dilation: (1, 1), groups: groups, weights: weights ?? numbers(count),
            bias: weights == nil
              ? numbers(output.0) : [Double](repeating: 0, count: output.0))),
        inputShape: [input.0, input.1, input.2], outputShape: [output.0, output.1, output.2],
        isVirtual: weights != nil)
    }
    let pair: [Double] = [1, 0, 0, 0, -1, 1, 0, 0, 0, 0, 1, 0, 0, 0, -1, 1]
    let pairs = Array([[Double]](repeating: pair, count: 4).joined())
    let last = LinearOperator(
      name: "", operatorType: "",
      kind: .dense(Dense(weights: numbers(2 * 16 * 9), bias: numbers(2))), inputShape: [16, 3, 3],
      outputShape: [2])
    let stages = [
      convolution((1, 6, 6), (4, 6, 6), kernel: 3, stride: 1, pad: 1, groups: 1),
      convolution((4, 6, 6), (4, 6, 6), kernel: 3, stride: 1, pad: 1, groups: 4),
      convolution(
        (4, 6, 6), (16, 3, 3), kernel: 2, stride: 2, pad: 0, groups: 4, weights: pairs),
      last,
    ]
    return ReLUChain(
      inputShape: [1, 6, 6], stages: stages.map { AffineStage(operators: [$0]) }, notes: [])
  }

  @Test("no bound depends on the rows of a block", arguments: kernelsHere)
  func sameBounds(kernels: String) {
    var unstable = 0
    for seed in seeds(20) {
      var chains = RandomChains(seed: seed, style: .doubles)
      let chain = Self.chain(&chains)
      let ball = chains.ball(inputCount: 36, style: .middling)
      let instance = BoundCase(chain, center: ball.center, radius: ball.radius)
      for arithmetic in [Arithmetic.real, .float32] {
        func answer(_ rows: Int) -> BoundCase.Answer {
          instance.answer(
            arithmetic, direction: .rows, kernels: present(kernels), rowsPerBlock: rows)
        }
        let expected = answer(32)
        for bounds in expected.layers.dropFirst() {
          unstable += bounds.lower.indices.count { bounds.lower[$0] < 0 && bounds.upper[$0] > 0 }
        }
        for rows in [4, 8, 20] {
          let found = answer(rows)
          let isSame =
            found.allMargins == expected.allMargins
            && found.allRealMargins == expected.allRealMargins && found.layers == expected.layers
          #expect(isSame, "seed \(seed): \(arithmetic), blocks of \(rows) rows")
        }
      }
    }
    #expect(unstable > 2000, "too few rows to put together: \(unstable)")
  }
}
