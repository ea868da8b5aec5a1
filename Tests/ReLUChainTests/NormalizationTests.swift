import NetworkGraph
import ReLUChain
import TestSupport
import Testing

@Suite struct NormalizationTests {
  private func chain() throws -> ReLUChain {
    var maker = NetworkMaker([1, 2, 1, 2])
    maker.then("Relu")
    return try maker.flatChain()
  }

  @Test("mean and std act per channel, in front of everything")
  func perChannel() throws {
    let normalised = try chain().normalizing(mean: [1, 2], std: [0.5, 4])
    #expect(normalised.logits(of: [2, 3, 6, 1]) == [2, 4, 1, 0])
    #expect(normalised.layers.map(\.operatorType).prefix(2) == ["Sub", "Div"])
    #expect(normalised.layers.map(\.name).prefix(2) == ["--mean", "--std"])
    #expect(try chain().normalizing(mean: [1], std: [2]).logits(of: [3, 5, 7, 9]) == [1, 2, 3, 4])
  }

  @Test("the roundings of mean and std are those of a difference and a quotient")
  func roundings() throws {
    let operators = try chain().normalizing(mean: [0.1, 2], std: [0.3, 4]).stages[0].operators
    guard case .scaling(let difference) = operators[0].kind,
      case .scaling(let quotient) = operators[1].kind
    else {
      Issue.record("expected two scalings")
      return
    }
    #expect(difference.shift == [-0.1, -0.1, -2, -2])
    // A typed decimal is one rounding of binary64 away from its binary64.
    #expect(difference.uncertainty == Uncertainty(roundings: 1))
    #expect(difference.deployedRoundings == 1)
    #expect(quotient.uncertainty == Uncertainty(roundings: 2))
    #expect(quotient.deployedRoundings == 2)
  }

  @Test("a number of values that fits neither the input nor its channels is refused")
  func mismatch() throws {
    let chain = try chain()
    #expect(throws: NormalizationMismatch(count: 3, channels: 2)) {
      try chain.normalizing(mean: [1, 2, 3], std: [1])
    }
    #expect(
      NormalizationMismatch(count: 3, channels: 2).description
        == "3 values; expected 1, or 1 for each of 2 channels")
  }
}
