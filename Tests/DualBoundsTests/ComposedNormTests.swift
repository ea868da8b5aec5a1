import DualBounds
import ReLUChain
import TestSupport
import Testing

/// The dual norms of the rows that reach the first layer of ReLUs through two operators, where these
/// are hard to compute.
@Suite struct ComposedNormTests {
  private static let norms: [Norm] = [.l1, .l2]

  /// The bounds of the one unit behind two dense operators, over a ball of a norm around 0, and the
  /// margin of it.
  private func bounds(
    _ first: [[Double]], _ second: [[Double]], bias: Double = 0, norm: Norm, extent: Double
  ) -> (lower: Double, upper: Double, margin: Double) {
    let composed = [denseOperator(first, first.map { _ in 0 }), denseOperator(second, [bias])]
    let stages = [composed, [denseOperator([[-1], [0]], [0, 0])]]
    let chain = ReLUChain(
      inputShape: [first[0].count], stages: stages.map { AffineStage(operators: $0) }, notes: [])
    let workspace = BoundWorkspace(BoundProblem(chain))
    let zeros = first[0].map { _ in 0.0 }
    let found = workspace.bounds(
      over: Ball(center: zeros, radius: zeros, norm: norm, extent: extent), specificationClass: 0)
    let layer = found.relaxation.preActivationBounds()[0]
    return (layer.lower[0], layer.upper[0], found.margins.margins[1])
  }

  @Test("rows that cancel pay for their own rounding", arguments: norms)
  func cancellation(norm: Norm) {
    // p p - q + p p - q with p p = q + 2^-60: in binary64 the products are q, in whatever order.
    let (p, q) = (1 + 0x1p-30, 1 + 0x1p-29)
    let found = bounds([[p], [1], [p], [1]], [[p, -q, p, -q]], norm: norm, extent: 1)
    #expect(found.lower <= -0x1p-59 && found.upper >= 0x1p-59 && found.margin <= -0x1p-59)
  }

  @Test("rows whose entries underflow pay for what they lose", arguments: norms)
  func underflow(norm: Norm) {
    // w w is below binary64, w w x is 2^-877 at the end of the ball.
    // An offset that the unit seems to be stable by, where that is forgotten.
    for bias in [0, 0x1p-900, -0x1p-900] {
      let found = bounds([[0x1p-538]], [[0x1p-538]], bias: bias, norm: norm, extent: 0x1p199)
      #expect(found.lower <= bias - 0x1p-877 && found.upper >= bias + 0x1p-877, "\(bias)")
      #expect(!(found.margin > -bias - 0x1p-877), "\(bias)")
    }
  }

  @Test("rows whose squares underflow are as long as they are", arguments: norms)
  func squaresThatUnderflow(norm: Norm) {
    let found = bounds([[0x1p-600]], [[1]], norm: norm, extent: 0x1p150)
    #expect(found.lower <= -0x1p-450 && found.upper >= 0x1p-450 && found.margin <= -0x1p-450)
  }

  @Test("rows that overflow bound nothing", arguments: norms)
  func overflow(norm: Norm) {
    // (1e160 1e160 - 5e159 1e160) x: infinity less infinity, which is 5e49 at the end of the ball.
    let found = bounds([[1e160], [1e160]], [[1e160, -5e159]], norm: norm, extent: 1e-270)
    #expect(found.lower <= -4e49 && found.upper >= 4e49 && !(found.margin > -4e49))
  }
}
