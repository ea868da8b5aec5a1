import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// The attributes of a convolution over `axes` spatial axes, drawn at random.
private struct Window {
  var kernel, strides, dilations, before, after: [Int]

  init(axes: Int, _ random: inout SeededGenerator) {
    kernel = (0..<axes).map { _ in random.draw(1...3) }
    strides = (0..<axes).map { _ in random.draw(1...3) }
    dilations = (0..<axes).map { _ in random.draw(1...2) }
    before = (0..<axes).map { _ in random.draw(0...2) }
    after = (0..<axes).map { _ in random.draw(0...2) }
  }

  var attributes: [String: Attribute] {
    [
      "kernel_shape": .ints(kernel.map(Int64.init)), "strides": .ints(strides.map(Int64.init)),
      "dilations": .ints(dilations.map(Int64.init)),
      "pads": .ints((before + after).map(Int64.init)),
    ]
  }
}

extension Window {
  /// The input place that a tap of a window reads, along every axis.
  func place(window: ArraySlice<Int>, tap: ArraySlice<Int>) -> [Int] {
    var result: [Int] = []
    for (axis, (position, offset)) in zip(window, tap).enumerated() {
      result.append(position * strides[axis] - before[axis] + offset * dilations[axis])
    }
    return result
  }

  /// The extent of the window along an axis.
  func extent(_ axis: Int) -> Int { (kernel[axis] - 1) * dilations[axis] + 1 }
}

@Suite struct ConvolutionTests {
  @Test(
    "Conv is its definition: strides, pads, dilations, groups, 1-D and 2-D",
    arguments: UInt64(0)..<200)
  func convolution(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let axes = random.draw(1...2)
    let groups = random.draw(1...3)
    let (depth, outputs) = (random.draw(1...2), groups * random.draw(1...2))
    let sizes = (0..<axes).map { _ in random.draw(3...6) }
    let window = Window(axes: axes, &random)
    let x = Grid(
      shape: [depth * groups] + sizes, values: random.draw(depth * groups * sizes.reduce(1, *)))
    let weight = Grid(
      shape: [outputs, depth] + window.kernel,
      values: random.draw(outputs * depth * window.kernel.reduce(1, *)))
    let bias = random.draw(outputs)
    let counts = (0..<axes).map { axis -> Int in
      let room = sizes[axis] + window.before[axis] + window.after[axis] - window.extent(axis)
      return room < 0 ? 0 : room / window.strides[axis] + 1
    }
    var maker = NetworkMaker([1] + x.shape)
    let hasBias = random.chance(0.5)
    let inputs =
      [maker.floats(weight.shape, weight.values)]
      + (hasBias ? [maker.floats([outputs], bias)] : [])
    var attributes = window.attributes
    attributes["group"] = .int(Int64(groups))
    maker.then("Conv", inputs, attributes)
    guard !counts.contains(0) else {
      #expect(maker.refusals.count == 1)
      return
    }
    var expected: [Double] = []
    for place in Grid(shape: [outputs] + counts, values: []).indices {
      let group = place[0] / (outputs / groups)
      var sum = hasBias ? bias[place[0]] : 0
      for tap in Grid(shape: [depth] + window.kernel, values: []).indices {
        let at = window.place(window: place[1...], tap: tap[1...])
        sum += weight[[place[0]] + tap] * x[[group * depth + tap[0]] + at]
      }
      expected.append(sum)
    }
    guard expected.count > 1 else { return }
    #expect(try maker.flatChain().logits(of: x.values) == expected)
  }

  @Test("ConvTranspose scatters every input over its window", arguments: UInt64(0)..<200)
  func transposedConvolution(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let axes = random.draw(1...2)
    let groups = random.draw(1...2)
    let (inputs, depth) = (groups * random.draw(1...2), random.draw(1...2))
    let sizes = (0..<axes).map { _ in random.draw(1...4) }
    let window = Window(axes: axes, &random)
    let extra = window.strides.map { random.draw(0...($0 - 1)) }
    let x = Grid(shape: [inputs] + sizes, values: random.draw(inputs * sizes.reduce(1, *)))
    let weight = Grid(
      shape: [inputs, depth] + window.kernel,
      values: random.draw(inputs * depth * window.kernel.reduce(1, *)))
    let counts = (0..<axes).map { axis -> Int in
      let full = (sizes[axis] - 1) * window.strides[axis] + extra[axis] + window.extent(axis)
      return full - window.before[axis] - window.after[axis]
    }
    var maker = NetworkMaker([1] + x.shape)
    var attributes = window.attributes
    attributes["group"] = .int(Int64(groups))
    attributes["output_padding"] = .ints(extra.map(Int64.init))
    maker.then("ConvTranspose", [maker.floats(weight.shape, weight.values)], attributes)
    guard counts.allSatisfy({ $0 > 0 }) else {
      #expect(maker.refusals.count == 1)
      return
    }
    var expected = Grid(shape: [depth * groups] + counts, values: [])
    expected.values = [Double](repeating: 0, count: expected.shape.reduce(1, *))
    for source in x.indices {
      for tap in Grid(shape: [depth] + window.kernel, values: []).indices {
        let at = window.place(window: source[1...], tap: tap[1...])
        guard zip(at, counts).allSatisfy({ $0 >= 0 && $0 < $1 }) else { continue }
        let group = source[0] / (inputs / groups)
        let place = expected.place([group * depth + tap[0]] + at)
        expected.values[place] += weight[[source[0]] + tap] * x[source]
      }
    }
    guard expected.values.count > 1 else { return }
    #expect(try maker.flatChain().logits(of: x.values) == expected.values)
  }

  @Test("auto_pad SAME keeps ceil(size / stride); the odd pad stands behind or in front")
  func automaticPads() throws {
    // Four values, a window of 2, stride 1: one pad, behind (UPPER) or in front (LOWER).
    func sums(_ mode: String) throws -> [Double] {
      var maker = NetworkMaker([1, 1, 4])
      maker.then("Conv", [maker.floats([1, 1, 2], [1, 1])], ["auto_pad": .string(mode)])
      return try maker.flatChain().logits(of: [1, 2, 4, 8])
    }
    #expect(try sums("SAME_UPPER") == [3, 6, 12, 8])
    #expect(try sums("SAME_LOWER") == [1, 3, 6, 12])
    #expect(try sums("VALID") == [3, 6, 12])
    #expect(throws: ChainRefusals.self) { try sums("SAME") }
  }

  @Test(
    "auto_pad SAME with windows that leave out data, which runtimes place differently, is refused")
  func skippingWindows() throws {
    // Windows of 1, each `stride` behind the other: onnxruntime takes half of what is left out off the
    // front, the definition's reference and TensorFlow nothing. Of one value no half is left.
    func maker(_ size: Int, _ stride: Int64, _ mode: String) -> NetworkMaker {
      var maker = NetworkMaker([1, 1, size])
      maker.then(
        "Conv", [maker.floats([1, 1, 1], [1])],
        ["auto_pad": .string(mode), "strides": .ints([stride])], name: "conv")
      return maker
    }
    for mode in ["SAME_UPPER", "SAME_LOWER"] {
      #expect(try maker(4, 2, mode).flatChain().logits(of: [1, 2, 4, 8]) == [1, 4])
      #expect(try maker(5, 3, mode).flatChain().logits(of: [1, 2, 4, 8, 16]) == [1, 8])
      #expect(
        maker(6, 3, mode).refusals == [
          "node 'conv' (Conv): auto_pad '\(mode)' with strides beyond the window or dilations;"
            + " expected pads"
        ])
    }
  }

  private static let refusedKernels: [(shape: [Int], name: String, value: Int, reason: String)] = [
    ([1, 1, 2, 2], "group", 3, "group is 3; expected a divisor of 2 input channels"),
    ([1, 1, 2, 2], "group", 0, "group is 0; expected a divisor of 2 input channels"),
    ([3, 1, 2, 2], "group", 2, "group is 2; expected a divisor of 3 output channels"),
    ([4, 3, 2, 2], "group", 1, "weight is [4, 3, 2, 2]; expected [4, 2, 2, 2] for input 'x'"),
    (
      [4, 2, 5, 5], "group", 1,
      "a window of 5x5 does not fit the padded data [1, 2, 4, 4] for input 'x'"
    ),
    (
      [4, 2, 2, 2, 2], "group", 1,
      "the data is [1, 2, 4, 4] for input 'x'; expected rank 5"
    ),
    (
      [4, 2, 2, 2], "dilation", 1,
      "attribute 'dilation' is not known; expected auto_pad, dilations, group, kernel_shape, pads,"
        + " strides"
    ),
  ]

  @Test("what a convolution cannot be is refused with the numbers", arguments: refusedKernels)
  func refusedConvolutions(shape: [Int], name: String, value: Int, reason: String) {
    var maker = NetworkMaker([1, 2, 4, 4])
    let weight = maker.floats(shape, [Double](repeating: 1, count: shape.reduce(1, *)))
    maker.then("Conv", [weight], [name: .int(Int64(value))], name: "conv1")
    #expect(maker.refusals == ["node 'conv1' (Conv): \(reason)"])
  }

  @Test("strides, dilations and pads out of range are refused by name")
  func refusedWindows() {
    func refusal(_ name: String, _ values: [Int64]) -> [String] {
      var maker = NetworkMaker([1, 1, 4, 4])
      let weight = maker.floats([1, 1, 2, 2], [1, 1, 1, 1])
      maker.then("Conv", [weight], [name: .ints(values)], name: "c")
      return maker.refusals
    }
    #expect(
      refusal("strides", [0, 1]) == [
        "node 'c' (Conv): strides are [0, 1]; expected numbers from 1 to 16777216"
      ])
    #expect(
      refusal("pads", [0, 0, -1, 0]) == [
        "node 'c' (Conv): pads are [0, 0, -1, 0]; expected numbers from 0 to 16777216"
      ])
    #expect(
      refusal("kernel_shape", [3, 3]) == [
        "node 'c' (Conv): kernel_shape is [3, 3]; expected [2, 2], as its weight has it"
      ])
    #expect(refusal("dilations", [.max, .max]).count == 1)
    #expect(refusal("pads", [.max, .max, .max, .max]).count == 1)
    #expect(refusal("strides", [1]).count == 1)
  }
}
