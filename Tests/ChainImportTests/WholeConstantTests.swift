import NetworkGraph
import TestSupport
import Testing

@Suite struct WholeConstantTests {
  private func refusal(_ build: (inout NetworkMaker) -> String) -> [String] {
    var maker = NetworkMaker([1, 2])
    let value = build(&maker)
    maker.then("Add", [value], name: "add")
    maker.then("Relu")
    return maker.refusals
  }

  @Test("the negative of a whole constant stays in its type, or is refused")
  func negatives() {
    // -128 has no negative among the signed bytes, and what runtimes make of it is -128.
    func bytes(_ maker: inout NetworkMaker, _ values: [Int64], _ type: ElementType) -> String {
      maker.store(Tensor(shape: [2], elementType: type, elements: .integer(values)))
    }
    for function in ["Abs", "Neg"] {
      #expect(
        refusal { $0.node(function, [bytes(&$0, [1, -128], .int8)], name: "n") } == [
          "node 'n' (\(function)): the negative of -128 has no place in int8"
        ])
      #expect(
        refusal { $0.node(function, [$0.integers([Int.min])], name: "n") } == [
          "node 'n' (\(function)): the negative of -9223372036854775808 has no place in int64"
        ])
    }
    #expect(
      refusal { $0.node("Neg", [bytes(&$0, [0, 1], .uint8)], name: "n") } == [
        "node 'n' (Neg): the negative of 1 has no place in uint8"
      ])
  }
}
