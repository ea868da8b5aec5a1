import DualBounds
import ReLUChain
import TestSupport
import Testing

/// Roundings that a deployed network makes beside those of its products and sums.
@Suite struct ExtraRoundingTests {
  @Test("Gemm's alpha and beta may be applied before or after the sum", arguments: UInt64(0)..<8)
  func alphaAndBeta(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    // Just above 1, where one rounding weighs most; an offset of part of a unit in the last place
    // makes the last sum round too.
    func nearOne() -> Float { 1 + Float(Int.random(in: 2048..<4096, using: &random)) * 0x1p-23 }
    for _ in 0..<100 {
      let count = Int.random(in: 1...2, using: &random)
      let row = (0..<count).map { _ in nearOne() / Float(count) }
      let offset = Float.random(in: 0..<0x1p-23, using: &random)
      let product = GeneralProduct(
        rows: [row, row.map { -$0 }, row.map { _ in 0 }],
        offsets: [offset, -offset, 0], alpha: nearOne(), beta: nearOne())
      let chain = ReLUChain(
        inputShape: [count], stages: [AffineStage(operators: [product.dense(name: "gemm")])],
        notes: [])
      let point = (0..<count).map { _ in nearOne() }
      let instance = BoundCase(
        chain, center: point.map(Double.init), radius: point.map { _ in 0 })
      let answer = instance.answer(.float32)
      for _ in 0..<4 {
        let logits = product.applied(to: point, using: &random).map { Rational($0) }
        let contradiction = answer.contradiction(by: [logits], isExact: false)
        #expect(contradiction == nil, "\(product) at \(point)")
      }
    }
  }
}
