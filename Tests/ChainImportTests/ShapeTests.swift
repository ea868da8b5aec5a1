import NetworkGraph
import ReLUChain
import TestSupport
import Testing

@Suite struct ShapeTests {
  /// The values 0, 1, 2, ... through a network without arithmetic: where each output comes from.
  private func places(
    _ shape: [Int], opset: Int = 17, _ build: (inout NetworkMaker) -> Void
  ) throws -> [Double] {
    var maker = NetworkMaker(shape, opset: opset)
    build(&maker)
    return try maker.flatChain().logits(of: (0..<shape.reduce(1, *)).map(Double.init))
  }

  @Test("operators that keep row-major order make no operator at all")
  func pureShapes() throws {
    var maker = NetworkMaker([1, 2, 3, 1])
    maker.then("Flatten", [], ["axis": .int(2)])
    maker.then("Reshape", [maker.integers([0, 1, -1])])
    maker.then("Unsqueeze", [maker.integers([0, -1])])
    maker.then("Squeeze", [maker.integers([0, 4])])
    maker.then("Transpose", [], ["perm": .ints([1, 0, 2])])
    maker.then("Cast", [], ["to": .int(11)])
    maker.then("Relu", name: "r")
    let chain = try maker.flatChain()
    #expect(chain.layers.map(\.operatorType) == ["Identity", "Relu", "Identity"])
    #expect(chain.inputShape == [2, 3, 1])
    #expect(chain.elementType == .float32)
  }

  @Test("Transpose is a selection, and two that cancel leave the order as it was")
  func transposition() throws {
    let perm: [String: Attribute] = ["perm": .ints([0, 2, 3, 1])]
    #expect(
      try places([1, 2, 1, 3]) { $0.then("Transpose", [], perm) } == [0, 3, 1, 4, 2, 5])
    #expect(try places([2, 3]) { $0.then("Transpose") } == [0, 3, 1, 4, 2, 5])
    #expect(
      try places([1, 2, 2, 3]) { maker in
        maker.then("Transpose", [], perm)
        maker.then("Transpose", [], ["perm": .ints([0, 3, 1, 2])])
      } == (0..<12).map(Double.init))
  }

  @Test("Slice counts from either end, clamps, and steps both ways")
  func slices() throws {
    func slice(_ numbers: (Int, Int, Int)) throws -> [Double] {
      try places([1, 6]) { maker in
        maker.then(
          "Slice",
          [
            maker.integers([numbers.0]), maker.integers([numbers.1]), maker.integers([1]),
            maker.integers([numbers.2]),
          ])
      }
    }
    #expect(try slice((1, 4, 1)) == [1, 2, 3])
    #expect(try slice((-3, Int.max, 2)) == [3, 5])
    #expect(try slice((4, Int.min, -2)) == [4, 2, 0])
    #expect(try slice((100, 0, -1)) == [5, 4, 3, 2, 1])
    #expect(try slice((-100, 2, 1)) == [0, 1])
    #expect(
      try places([1, 6], opset: 9) { maker in
        maker.then("Slice", [], ["starts": .ints([1]), "ends": .ints([3]), "axes": .ints([1])])
      } == [1, 2])
    #expect(throws: ChainRefusals.self) { try slice((4, 2, 1)) }
    #expect(throws: ChainRefusals.self) { try slice((1, 4, 0)) }
  }

  @Test("Gather picks by constant indices of any rank; out of range is refused")
  func gathers() throws {
    func gather(_ shape: [Int], _ indices: [Int], axis: Int) throws -> [Double] {
      try places([1, 2, 3]) { maker in
        let table = maker.store(
          Tensor(
            shape: shape, elementType: .int64, elements: .integer(indices.map(Int64.init))))
        maker.then("Gather", [table], ["axis": .int(Int64(axis))])
      }
    }
    #expect(try gather([2], [2, 0], axis: 2) == [2, 0, 5, 3])
    #expect(try gather([], [-1], axis: 1) == [3, 4, 5])
    #expect(try gather([2, 2], [0, 1, 1, 0], axis: 1) == [0, 1, 2, 3, 4, 5, 3, 4, 5, 0, 1, 2])
    #expect(throws: ChainRefusals.self) { try gather([1], [3], axis: 2) }
  }

  @Test("Pad puts constants, mirror images or edges around; negative pads cut off")
  func pads() throws {
    func pad(_ pads: [Int], _ mode: String) throws -> [Double] {
      try places([1, 4]) { maker in
        let value = maker.floats([], [9])
        maker.then("Pad", [maker.integers(pads), value], ["mode": .string(mode)])
      }
    }
    #expect(try pad([0, 1, 0, 2], "constant") == [9, 0, 1, 2, 3, 9, 9])
    #expect(try pad([0, 2, 0, 1], "reflect") == [2, 1, 0, 1, 2, 3, 2])
    #expect(try pad([0, 2, 0, 1], "edge") == [0, 0, 0, 1, 2, 3, 3])
    #expect(try pad([0, -1, 0, 1], "constant") == [1, 2, 3, 9])
    #expect(throws: ChainRefusals.self) { try pad([0, 4, 0, 0], "reflect") }
    #expect(try pad([0, 1, 0, 1], "wrap") == [3, 0, 1, 2, 3, 0])
    #expect(throws: ChainRefusals.self) { try pad([0, 1, 0, 1], "mirror") }
    #expect(throws: ChainRefusals.self) { try pad([0, -1, 0, 1], "edge") }
    #expect(throws: ChainRefusals.self) { try pad([0, Int.max, 0, Int.max], "constant") }
    #expect(throws: ChainRefusals.self) { try pad([0, Int.min, 0, Int.min], "constant") }
  }

  @Test("Concat with constants, Expand and Tile repeat and insert")
  func joins() throws {
    #expect(
      try places([1, 2, 2]) { maker in
        let (left, right) = (maker.floats([1, 2, 1], [7, 8]), maker.floats([1, 2, 1], [5, 6]))
        maker.last = maker.node("Concat", [left, maker.last, right], ["axis": .int(2)])
      } == [7, 0, 1, 5, 8, 2, 3, 6])
    #expect(
      try places([1, 2, 1]) { $0.then("Expand", [$0.integers([2, 1, 3])]) }
        == [0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1])
    #expect(
      try places([1, 2]) { $0.then("Tile", [$0.integers([2, 2])]) } == [0, 1, 0, 1, 0, 1, 0, 1])
  }

  @Test("DepthToSpace and SpaceToDepth move blocks, and undo each other")
  func blocks() throws {
    let size: [String: Attribute] = ["blocksize": .int(2)]
    // Four channels of one pixel become a 2x2 image, in either order of the channels' parts.
    #expect(try places([1, 4, 1, 1]) { $0.then("DepthToSpace", [], size) } == [0, 1, 2, 3])
    #expect(
      try places([1, 8, 1, 1]) { $0.then("DepthToSpace", [], size) } == [0, 2, 4, 6, 1, 3, 5, 7])
    #expect(
      try places([1, 8, 1, 1]) {
        $0.then("DepthToSpace", [], ["blocksize": .int(2), "mode": .string("CRD")])
      } == (0..<8).map(Double.init))
    #expect(
      try places([1, 1, 2, 4]) { $0.then("SpaceToDepth", [], size) } == [0, 2, 1, 3, 4, 6, 5, 7])
    #expect(
      try places([1, 2, 4, 6]) { maker in
        maker.then("SpaceToDepth", [], size)
        maker.then("DepthToSpace", [], size)
      } == (0..<48).map(Double.init))
    #expect(throws: ChainRefusals.self) {
      try places([1, 3, 2, 2]) { $0.then("DepthToSpace", [], size) }
    }
  }

  @Test("shapes that cannot be are refused with the numbers")
  func refused() {
    func refusal(_ type: String, _ values: [Int], _ attributes: [String: Attribute]) -> [String] {
      var maker = NetworkMaker([1, 2, 3])
      maker.then(type, values.isEmpty ? [] : [maker.integers(values)], attributes, name: "n")
      return maker.refusals
    }
    #expect(
      refusal("Reshape", [1, 5], [:]) == [
        "node 'n' (Reshape): the target shape [1, 5] does not hold the 6 elements of [1, 2, 3]"
      ])
    #expect(
      refusal("Reshape", [-1, -1], [:]) == [
        "node 'n' (Reshape): the target shape [-1, -1] is none"
      ])
    #expect(
      refusal("Squeeze", [1], [:]) == [
        "node 'n' (Squeeze): axis 1 of [1, 2, 3] is 2; expected 1"
      ])
    #expect(
      refusal("Transpose", [], ["perm": .ints([0, 1, 1])]) == [
        "node 'n' (Transpose): perm is [0, 1, 1]; expected a permutation of 3 axes"
      ])
    #expect(
      refusal("Flatten", [], ["axis": .int(4)]) == [
        "node 'n' (Flatten): axis 4 is outside a rank of 3"
      ])
    #expect(
      refusal("Cast", [], ["to": .int(7)]) == [
        "node 'n' (Cast): casts the data to int64, which is not linear; expected a floating-point"
          + " type"
      ])
    #expect(refusal("Expand", [Int.max, Int.max, 2, 3], [:]).count == 1)
    #expect(refusal("Expand", [1 << 20, 1 << 20, 2, 3], [:]).count == 1)
    #expect(refusal("Tile", [1, Int.max, Int.max], [:]).count == 1)
    #expect(refusal("Reshape", [Int.max, Int.max], [:]).count == 1)
    #expect(
      refusal("Flatten", [], ["axis": .string("1")]) == [
        "node 'n' (Flatten): attribute 'axis' is a string; expected an integer"
      ])
  }
}
