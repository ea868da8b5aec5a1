import DualBounds
import ReLUChain
import TestSupport
import Testing

/// What must not matter: the instruction set, the size of blocks, and layers larger than a block.
@Suite struct KernelTests {
  @Test("kernels are those that were asked for, or none")
  func names() {
    for name in kernelsHere { #expect(Kernels(named: name)?.name == name) }
    #expect(kernelsHere.first == "portable" && kernelsHere.last == Kernels.best.name)
    for name in ["", "other", "AVX2"] { #expect(Kernels(named: name) == nil) }
  }

  @Test("portable kernels give the same bits for every size of block", arguments: seeds(24))
  func portableBits(seed: UInt64) { sameBits("portable", "portable", seed) }

  @Test(
    "AVX2's kernels give the same bits for every size of block",
    .enabled(if: kernelsHere.contains("avx2"), "this processor has no AVX2"), arguments: seeds(24))
  func bitsOfAVX2(seed: UInt64) { sameBits("avx2", "avx2", seed) }

  @Test(
    "AVX-512's kernels give the bits of AVX2's for every size of block",
    .enabled(if: kernelsHere.contains("avx512"), "this processor has no AVX-512"),
    arguments: seeds(24))
  func bitsOfAVX512(seed: UInt64) { sameBits("avx2", "avx512", seed) }

  private func sameBits(_ kernels: String, _ twin: String, _ seed: UInt64) {
    var chains = images(seed: seed, style: .doubles)
    let instance = BoundCase(&chains, seed % 2 == 0 ? .middling : .perFeature)
    for arithmetic in Arithmetic.allCases {
      let slopes: Slopes = seed % 3 == 0 ? .parallel : .optimized
      let expected = instance.answer(arithmetic, kernels: present(kernels), slopes: slopes)
      for rowsPerBlock in [4, 12, 20, 32] {
        let answer = instance.answer(
          arithmetic, kernels: present(twin), rowsPerBlock: rowsPerBlock, slopes: slopes)
        let isSame =
          answer.allMargins == expected.allMargins
          && answer.allRealMargins == expected.allRealMargins
          && answer.layers == expected.layers
        #expect(isSame, "seed \(seed): \(kernels), \(twin), \(rowsPerBlock) rows")
      }
    }
  }

  @Test("columns forward and rows backward agree", arguments: NumberStyle.allCases, seeds(20))
  func directions(style: NumberStyle, seed: UInt64) {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.depths) = (6, 20, 2...4)
    for ball in [BallStyle.small, .middling, .perFeature] {
      let instance = BoundCase(&chains, ball)
      let rows = instance.answer(direction: .rows)
      let columns = instance.answer(direction: .columns)
      let sizes = instance.magnitudes
      for (stage, (left, right)) in zip(rows.layers, columns.layers).enumerated() {
        for unit in left.lower.indices {
          // Both directions pay for their own rounding, some thousand roundings in all.
          let allowed = 1e-10 * sizes[stage][unit] + 0x1p-780
          #expect(abs(left.lower[unit] - right.lower[unit]) <= allowed, "\(stage), \(unit)")
          #expect(abs(left.upper[unit] - right.upper[unit]) <= allowed, "\(stage), \(unit)")
        }
      }
    }
  }

  @Test(
    "layers of more units than a block has rows agree with Algorithm 1",
    arguments: seeds(12))
  func largerLayers(seed: UInt64) {
    var chains = images(seed: seed, style: .smallIntegers)
    let instance = BoundCase(&chains, .small)
    let answer = instance.answer(everyRow: true)
    let truth = ExactAlgorithm1(instance.exact, over: instance.box, slopeBits: 200)
    for (stage, (bounds, exact)) in zip(answer.layers, truth.layers).enumerated() {
      for unit in exact.lower.indices {
        // As in AlgorithmAgreementTests, with up to ten times as many products a sum.
        let allowed = 1e-11 * instance.magnitudes[stage][unit] + underflowTolerance
        let below = (exact.lower[unit] - Rational(bounds.lower[unit])).approximation
        let above = (Rational(bounds.upper[unit]) - exact.upper[unit]).approximation
        #expect(abs(below) <= allowed && abs(above) <= allowed, "layer \(stage), unit \(unit)")
      }
    }
    for (label, margins) in answer.margins {
      let exact = truth.margins(specificationClass: label)
      let sizes = instance.magnitudes.last ?? []
      for other in exact.indices {
        let allowed = 1e-11 * (sizes[label] + sizes[other]) + underflowTolerance
        let gap = (exact[other] - Rational(margins[other])).approximation
        #expect(abs(gap) <= allowed, "\(label) over \(other)")
      }
    }
  }

  private func images(seed: UInt64, style: NumberStyle) -> RandomChains {
    var chains = RandomChains(seed: seed, style: style)
    (chains.inputLimit, chains.widthLimit, chains.denseLimit) = (100, 160, 12)
    chains.depths = 2...4
    return chains
  }
}
