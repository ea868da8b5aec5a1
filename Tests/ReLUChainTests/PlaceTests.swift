import ReLUChain
import TestSupport
import Testing

/// Names of values stand where their operators do, whatever is put in front of or behind those.
@Suite struct PlaceTests {
  private func chain() throws -> ReLUChain {
    var maker = NetworkMaker([1, 2])
    maker.then("Mul", [maker.floats([2], [3, 5])])
    maker.then("Add", [maker.floats([2], [1, 2])])
    maker.then("Relu")
    maker.then("Mul", [maker.floats([2], [2, 2])])
    return try maker.chain()
  }

  private func places(_ chain: ReLUChain) -> [[Int]] {
    chain.values.map { [$0.stage, $0.operatorCount, $0.isRectified ? 1 : 0] }
  }

  @Test("a normalisation moves the places of the first stage, and no other")
  func normalised() throws {
    let chain = try chain()
    #expect(places(chain) == [[0, 1, 0], [0, 2, 0], [0, 2, 1], [1, 1, 0]])
    let normalised = try chain.normalizing(mean: [1], std: [2])
    #expect(places(normalised) == [[0, 3, 0], [0, 4, 0], [0, 4, 1], [1, 1, 0]])
    #expect(normalised.values.map(\.named) == chain.values.map(\.named))
    // The operator in front of each place is the same one.
    for (before, after) in zip(chain.values, normalised.values) {
      let plain = chain.stages[before.stage].operators[before.operatorCount - 1]
      let moved = normalised.stages[after.stage].operators[after.operatorCount - 1]
      #expect(plain.name == moved.name && plain.operatorType == moved.operatorType)
    }
  }

  @Test("what decides on the class stands behind every value, and keeps all that is known")
  func decided() throws {
    let chain = try chain()
    let decided = chain.deciding(by: .argmin)
    #expect(decided.values == chain.values)
    #expect(decided.notes.count == chain.notes.count + 1)
    #expect(decided.elementType == chain.elementType && decided.inputShape == chain.inputShape)
    #expect(decided.logits(of: [1, 1]) == chain.logits(of: [1, 1]).map { -$0 })
  }
}
