import ChainImport
import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// Graphs as a broken or hostile file could hold them: whatever stands in them, the answer is a
/// chain or reasons.
@Suite struct HostileGraphTests {
  private static let operators = [
    "Gemm", "MatMul", "Conv", "ConvTranspose", "AveragePool", "GlobalAveragePool", "ReduceMean",
    "ReduceSum", "BatchNormalization", "Add", "Sub", "Mul", "Div", "Sum", "Neg", "Relu", "Clip",
    "Max", "Softmax", "Cast", "Concat", "Identity", "Dropout", "Reshape", "Flatten", "Squeeze",
    "Unsqueeze", "Transpose", "Slice", "Gather", "Expand", "Tile", "Pad", "Shape", "Size",
    "Constant", "ConstantOfShape", "Range", "Equal", "Where", "Sqrt", "Reciprocal", "ReduceProd",
    "ArgMax", "ZipMap", "MaxPool",
  ]
  private static let integerNames = [
    "axis", "transA", "transB", "group", "keepdims", "to", "allowzero", "ceil_mode",
    "count_include_pad", "start", "end",
  ]
  private static let listNames = [
    "axes", "perm", "pads", "strides", "dilations", "kernel_shape", "starts", "ends", "shape",
    "output_padding", "output_shape", "value_ints", "paddings",
  ]
  private static let numbers: [Int64] = [
    -1, 0, 1, 2, 3, 4, 5, -2, 1 << 20, 1 << 31, 1 << 40, 1 << 62, .max, .min, .min + 1,
  ]

  private func number(_ random: inout SeededGenerator) -> Int64 {
    random.chance(0.8) ? Int64(random.draw(-1...4)) : random.pick(Self.numbers, or: 0)
  }

  private func attribute(_ random: inout SeededGenerator) -> (String, Attribute) {
    switch random.draw(0...9) {
    case 0...3:
      return (random.pick(Self.integerNames, or: "axis"), .int(number(&random)))
    case 4...7:
      let values = (0..<random.draw(0...4)).map { _ in number(&random) }
      return (random.pick(Self.listNames, or: "axes"), .ints(values))
    case 8:
      let value = random.pick([0, 1, -1, 1e300, .nan, .infinity], or: 0.0)
      return (random.pick(["alpha", "beta", "epsilon", "min", "max"], or: "alpha"), .float(value))
    default:
      let value = random.pick(["SAME_UPPER", "VALID", "edge", "reflect", ""], or: "")
      return (random.pick(["auto_pad", "mode"], or: "mode"), .string(value))
    }
  }

  private func tensor(_ random: inout SeededGenerator) -> Tensor {
    let shape = (0..<random.draw(0...4)).map { _ in random.draw(0...3) }
    let count = shape.reduce(1, *)
    if random.chance(0.4) {
      return Tensor(
        shape: shape, elementType: random.pick([.int64, .int32, .bool], or: .int64),
        elements: .integer((0..<count).map { _ in number(&random) }))
    }
    if random.chance(0.1) {
      return Tensor(
        shape: shape, elementType: .float64,
        elements: .double(
          (0..<count).map { _ in random.pick([0x1p-1030, 1e308, 0.1, .nan], or: 0.0) }))
    }
    return Tensor(
      shape: shape, elementType: .float32, elements: .float(random.draw(count).map(Float.init)))
  }

  private func graph(_ random: inout SeededGenerator) -> Graph {
    let dimensions = (0..<random.draw(1...4)).map { _ in
      random.chance(0.9) ? Dimension.fixed(random.draw(1...4)) : .fixed(Int(number(&random)))
    }
    var maker = NetworkMaker(dimensions, opset: random.draw(7...21))
    var names = ["x", ""]
    for index in 0..<4 {
      let name = maker.store(tensor(&random), "c\(index)")
      names.append(name)
    }
    for _ in 0..<random.draw(1...6) {
      var attributes: [String: Attribute] = [:]
      for _ in 0..<random.draw(0...2) {
        let (name, value) = attribute(&random)
        attributes[name] = value
      }
      if random.chance(0.1) { attributes["value"] = .tensor(tensor(&random)) }
      var inputs = (0..<random.draw(0...4)).map { _ in random.pick(names, or: "x") }
      if random.chance(0.8) { inputs.insert(maker.last, at: 0) }
      let output = maker.node(
        random.pick(Self.operators, or: "Relu"), inputs, attributes,
        domain: random.chance(0.02) ? "other" : "")
      names.append(output)
      maker.last = output
    }
    return maker.finished
  }

  @Test("20000 random graphs end in a chain that runs, or in reasons", arguments: UInt64(0)..<40)
  func randomGraphs(seed: UInt64) {
    var random = SeededGenerator(state: seed)
    for _ in 0..<500 {
      let graph = graph(&random)
      do {
        let chain = try ReLUChain(validating: graph)
        #expect(chain.logits(of: random.draw(chain.inputCount)).count == chain.classCount)
        #expect(!chain.layers.isEmpty)
      } catch {
        #expect(!error.reasons.isEmpty)
      }
    }
  }

  @Test("tensors whose dimensions hide a product behind a 0 are refused, not multiplied")
  func emptyTensors() {
    var maker = NetworkMaker([1, 2])
    let huge = maker.store(
      Tensor(shape: [0, 1 << 31, 1 << 31], elementType: .float32, elements: .float([])), "huge")
    maker.then("Add", [huge], name: "a")
    #expect(maker.refusals.count == 1)
  }

  @Test("a row of 200000 nodes is read in time proportional to its length")
  func longChains() throws {
    var maker = NetworkMaker([1, 2])
    for _ in 0..<200_000 { maker.then("Relu") }
    let chain = try maker.chain()
    #expect(chain.stages.count == 2)
  }
}
