import NetworkGraph
import ReLUChain
import TestSupport
import Testing

@Suite struct RefusalTests {
  private static let pattern = "a chain alternates linear operators with Relu"

  @Test(
    "operators that no chain has are refused with what they are",
    arguments: [
      ("LpPool", "pooling by a norm is neither linear nor a ReLU; \(pattern)"),
      ("Elu", "the ELU is neither linear nor a ReLU; \(pattern)"),
      ("Tanh", "the hyperbolic tangent is neither linear nor a ReLU; \(pattern)"),
      (
        "LRN",
        "local response normalisation scales by a statistic of the data, which is not linear;"
          + " \(pattern)"
      ),
      ("QuantizeLinear", "quantised arithmetic; expected a network exported in float32 or float64"),
      ("SplitToSequence", "splits the data path; a chain does not branch"),
      ("Loop", "control flow; expected a fixed sequence of operators"),
      ("LSTM", "a recurrent or attention layer multiplies data by data; \(pattern)"),
      ("Resize", "its scales (input 2) is missing"),
      ("Sqrt", "not linear in the data; \(pattern)"),
      ("Frobnicate", "unknown operator; \(pattern)"),
      ("ArgMin", "the smallest score decides; expected the scores alone, with --decision argmin"),
      (
        "TopK",
        "numbers in the order of their size; expected the scores alone, of which the largest decides"
      ),
    ])
  func operators(type: String, reason: String) {
    var maker = NetworkMaker([1, 2, 4, 4])
    maker.then(type, name: "n1")
    #expect(maker.refusals == ["node 'n1' (\(type)): \(reason)"])
  }

  @Test("an unknown operator is named as such wherever it takes the data")
  func secondInput() {
    var maker = NetworkMaker([1, 2])
    let weight = maker.floats([1, 2], [1, 2])
    let plain = maker
    for (type, reason) in [
      ("StatefulPartitionedCall", "unknown operator; \(Self.pattern)"),
      ("Gather", "its input 1 depends on the network's input; expected a constant there"),
    ] {
      var other = plain
      other.last = other.node(type, [weight, "x"], name: "n")
      #expect(other.refusals == ["node 'n' (\(type)): \(reason)"])
    }
  }

  @Test("foreign domains are refused, whatever they call their operators")
  func domains() {
    var maker = NetworkMaker([1, 2])
    maker.last = maker.node("Relu", [maker.last], name: "r", domain: "com.example")
    #expect(
      maker.refusals == [
        "node 'r' (Relu): unknown operator of the domain 'com.example'; \(Self.pattern)"
      ])
  }

  @Test("every reason is found at once, and one cause gives one reason")
  func allAtOnce() {
    var maker = NetworkMaker([1, 1, 8, 8])
    maker.then("Conv", [maker.floats([2, 1, 3, 3], Array(repeating: 1, count: 18))], name: "c1")
    maker.then("LpPool", [], ["kernel_shape": .ints([2, 2])], name: "pool")
    maker.then("Conv", [maker.floats([2, 2, 3, 3], Array(repeating: 1, count: 36))], name: "c2")
    maker.then("Flatten")
    let weight = maker.floats([2, 2], [1, .infinity, 1, 1], name: "w")
    maker.then("MatMul", [weight], name: "fc")
    maker.then("Sigmoid", name: "s")
    maker.then("Relu")
    #expect(
      maker.refusals == [
        "node 'pool' (LpPool): pooling by a norm is neither linear nor a ReLU; \(Self.pattern)",
        "node 'fc' (MatMul): weight 'w'[0, 1] is infinity; expected a finite number",
        "node 's' (Sigmoid): the sigmoid is neither linear nor a ReLU; \(Self.pattern)",
      ])
  }

  @Test("behind an operator that keeps the shape, shapes are still checked")
  func checksGoOn() {
    var maker = NetworkMaker([1, 3])
    maker.then("Elu", name: "e")
    maker.then("MatMul", [maker.floats([4, 2], Array(repeating: 1, count: 8))], name: "fc")
    #expect(
      maker.refusals == [
        "node 'e' (Elu): the ELU is neither linear nor a ReLU; \(Self.pattern)",
        "node 'fc' (MatMul): weight is [4, 2]; expected [3, 2] after 'e'",
      ])
  }

  @Test("skip connections are named, one reason each")
  func skips() {
    var maker = NetworkMaker([1, 2])
    let start = maker.last
    let weights = maker.floats([2, 2], [1, 2, 3, 4])
    maker.then("MatMul", [weights])
    maker.then("Relu")
    maker.then("Add", [start], name: "add1")
    let middle = maker.last
    maker.then("MatMul", [weights])
    maker.then("Relu")
    maker.then("Add", [middle], name: "add2")
    maker.then("Concat", [start, middle], ["axis": .int(1)], name: "cat")
    #expect(
      maker.refusals == [
        "node 'add1' (Add): both inputs depend on the network's input; a chain has no skip"
          + " connections",
        "node 'add2' (Add): both inputs depend on the network's input; a chain has no skip"
          + " connections",
        "node 'cat' (Concat): 3 inputs depend on the network's input; a chain does not branch",
      ])
  }

  @Test("Concat of constants of another rank than the data's is refused, wherever they stand")
  func ranks() {
    for place in 0...2 {
      var maker = NetworkMaker([1, 1, 2])
      let data = maker.last
      var parts = [maker.floats([1], [1]), maker.floats([2], [1, 2])]
      parts.insert(data, at: place)
      maker.last = maker.node("Concat", parts, ["axis": .int(2)], name: "cat")
      let words = ["[1, 1, 2] and [1]", "[1] and [1, 1, 2]", "[1] and [1, 1, 2]"][place]
      #expect(
        maker.refusals == ["node 'cat' (Concat): joins \(words); expected one rank"], "\(place)")
    }
  }

  @Test("Clip by no numbers, Max with computed constants and Dropout in training are refused")
  func nearReLUs() {
    func refusal(_ type: String, _ values: [Double]) -> [String] {
      var maker = NetworkMaker([1, 2])
      let constants = values.map { maker.floats([], [$0], name: "c\($0)") }
      maker.then(type, constants, name: "n")
      return maker.refusals
    }
    #expect(
      refusal("Clip", [0, .nan]) == ["node 'n' (Clip): clips to 0...nan; expected numbers"])
    #expect(refusal("Clip", [-1]).isEmpty)
    #expect(refusal("Clip", [0, .infinity]).isEmpty)
    #expect(refusal("Clip", []).isEmpty)
    #expect(refusal("Max", [1]).isEmpty)
    var computed = NetworkMaker([1, 2])
    let third = computed.node("Div", [computed.floats([], [1]), computed.floats([], [3])])
    computed.then("Max", [third], name: "n")
    #expect(computed.refusals.count == 1)
    #expect(computed.refusals.first?.contains("is computed or larger than the data") == true)
    var dropout = NetworkMaker([1, 2])
    let yes = dropout.store(Tensor(shape: [], elementType: .bool, elements: .integer([1])))
    dropout.then("Dropout", ["", yes], name: "d")
    #expect(
      dropout.refusals == [
        "node 'd' (Dropout): training_mode is true; expected a network exported for inference"
      ])
  }

  @Test("an attribute that could change the meaning is not passed over")
  func attributes() {
    var legacy = NetworkMaker([1, 2], opset: 6)
    legacy.then(
      "Add", [legacy.floats([2], [1, 2])], ["broadcast": .int(1), "axis": .int(1)], name: "a")
    #expect(
      legacy.refusals == [
        "node 'a' (Add): broadcasts by attribute 'axis'; expected an operator set of 7 or later"
      ])
    var unknown = NetworkMaker([1, 2])
    unknown.then("Flatten", [], ["axes": .int(1)], name: "f")
    #expect(
      unknown.refusals == ["node 'f' (Flatten): attribute 'axes' is not known; expected axis"])
  }

  @Test("a chain's node, operator and reason can be read apart")
  func parts() {
    let refusal = ChainRefusal(.node("pool1", operatorType: "MaxPool"), "why")
    #expect(refusal.node == "pool1")
    #expect(refusal.operatorType == "MaxPool")
    #expect(refusal.description == "node 'pool1' (MaxPool): why")
    #expect(ChainRefusal(.graph, "why").node.isEmpty)
    #expect(
      ChainRefusals(reasons: [refusal, ChainRefusal(.input("x"), "why")]).description
        == "node 'pool1' (MaxPool): why\ninput 'x': why")
  }
}
