import DualBounds
import ReLUChain
import TestSupport
import Testing

@Suite struct InputCoefficientTests {
  @Test(
    "the coefficients on the input are those of z_y - z_j, in the file's order, where all is linear",
    arguments: seeds(60))
  func linear(seed: UInt64) throws {
    var chains = RandomChains(seed: seed, style: .dyadic)
    chains.depths = 1...1
    let instance = BoundCase(&chains, .wide)
    let workspace = BoundWorkspace(BoundProblem(instance.chain))
    let classes = 0..<instance.chain.classCount
    let relaxation = workspace.relaxation(over: instance.ball)
    for own in classes {
      for other in classes where other != own {
        let found = try #require(
          workspace.inputCoefficients(relaxation, of: own, against: other))
        let row = classes.map { Rational($0 == own ? 1 : $0 == other ? -1 : 0) }
        // Every product and sum of these numbers is exact.
        let exact = instance.exact.stages[0].transposedProduct(row)
        #expect(found.map { Rational($0) } == exact, "\(own) against \(other)")
      }
    }
  }

  @Test("behind a ReLU they are smallest where the margin is", arguments: [1.0, -1])
  func suggestion(sign: Double) throws {
    // z_0 - z_1 = relu(3 - x + 2 y) - 1, all units active.
    let chain = denseChain([[-sign, 2]], [3], [[1], [0]], [-1, 0])
    let workspace = BoundWorkspace(BoundProblem(chain))
    let relaxation = workspace.relaxation(over: Ball(center: [0, 0], radius: [0.5, 0.5]))
    #expect(workspace.inputCoefficients(relaxation, of: 0, against: 1) == [-sign, 2])
    #expect(workspace.inputCoefficients(relaxation, of: 1, against: 0) == [sign, -2])
  }
}
