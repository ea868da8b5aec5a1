import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// Every rewriting against the operator's definition, on small whole numbers: all sums are exact, so
/// that equality is exact.
@Suite struct RewritingTests {
  /// The values that a chain of one operator makes of an input, between two that are linear.
  private func values(
    _ shape: [Int], _ x: [Double], behindReLU: Bool = false,
    _ build: (inout NetworkMaker) -> Void
  ) throws -> [Double] {
    var maker = NetworkMaker(shape)
    maker.then("Add", [maker.floats([], [1])])
    if behindReLU { maker.then("Relu") }
    build(&maker)
    maker.then("Mul", [maker.floats([], [2])])
    return try maker.flatChain().logits(of: x)
  }

  @Test("MaxPool is the maximum of every window, whatever its shape", arguments: UInt64(0)..<150)
  func maxPool(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let (height, width) = (random.draw(3...6), random.draw(3...6))
    let kernel = [random.draw(1...3), random.draw(1...3)]
    let stride = [random.draw(1...3), random.draw(1...3)]
    let dilation = [random.chance(0.2) ? 2 : 1, random.chance(0.2) ? 2 : 1]
    let reach = (0..<2).map { (kernel[$0] - 1) * dilation[$0] }
    guard reach[0] < height, reach[1] < width else { return }
    let pads = (0..<4).map { random.chance(0.3) ? min(1, kernel[$0 % 2] - 1) : 0 }
    let (behindReLU, inFront) = (random.chance(0.5), random.chance(0.3))
    let ceil = random.chance(0.3)
    let x = random.draw(2 * height * width)
    let found: [Double]
    do {
      found = try values([1, 2, height, width], x, behindReLU: behindReLU) { maker in
        maker.then(
          "MaxPool", [],
          [
            "kernel_shape": .ints(kernel.map(Int64.init)), "strides": .ints(stride.map(Int64.init)),
            "dilations": .ints(dilation.map(Int64.init)), "pads": .ints(pads.map(Int64.init)),
            "ceil_mode": .int(ceil ? 1 : 0),
          ], name: "pool")
        if inFront { maker.then("Relu") }
      }
    } catch let refusals as ChainRefusals {
      #expect(refusals.description.contains("padding alone"), "seed \(seed): \(refusals)")
      return
    }
    let grid = Grid(
      shape: [2, height, width], values: x.map { behindReLU ? max($0 + 1, 0) : $0 + 1 })
    var expected: [Double] = []
    func count(_ axis: Int, _ size: Int) -> Int {
      let room = size + pads[axis] + pads[axis + 2] - reach[axis] - 1
      var count = (room + (ceil ? stride[axis] - 1 : 0)) / stride[axis] + 1
      if ceil, (count - 1) * stride[axis] >= size + pads[axis] { count -= 1 }
      return count
    }
    for place in Grid(shape: [2, count(0, height), count(1, width)], values: []).indices {
      var most = -Double.infinity
      for tap in Grid(shape: kernel, values: []).indices {
        let y = place[1] * stride[0] - pads[0] + tap[0] * dilation[0]
        let x = place[2] * stride[1] - pads[1] + tap[1] * dilation[1]
        guard (0..<height).contains(y), (0..<width).contains(x) else { continue }
        most = max(most, grid[[place[0], y, x]])
      }
      expected.append(2 * (inFront ? max(most, 0) : most))
    }
    #expect(found == expected, "seed \(seed)")
  }

  @Test(
    "maxima over windows side by side keep them, each channel for itself, if their weights are few",
    arguments: [(3, 2), (101, 2), (12, 16)])
  func pooledWindows(channels: Int, size: Int) throws {
    var random = SeededGenerator(state: UInt64(channels))
    let shape = [channels, 2 * size, 2 * size]
    let x = random.draw(shape.reduce(1, *))
    var maker = NetworkMaker([1] + shape)
    maker.then("Relu")
    let ints = [Int64](repeating: Int64(size), count: 2)
    maker.then("MaxPool", [], ["kernel_shape": .ints(ints), "strides": .ints(ints)])
    maker.then("Mul", [maker.floats([], [2])])
    let chain = try maker.flatChain()
    let grid = Grid(shape: shape, values: x.map { max($0, 0) })
    let expected = Grid(shape: [channels, 2, 2], values: []).indices.map { place in
      let taps = Grid(shape: [size, size], values: []).indices
      let window = taps.map { grid[[place[0], size * place[1] + $0[0], size * place[2] + $0[1]]] }
      return 2 * (window.max() ?? 0)
    }
    #expect(chain.logits(of: x) == expected)
    let operators = chain.stages.flatMap(\.operators).filter { $0.operatorType == "MaxPool" }
    var selections = 0
    for linear in operators {
      switch linear.kind {
      case .convolution(let c): #expect(c.groups == (size == 2 ? channels : 1))
      default: selections += 1
      }
    }
    #expect(selections == (size == 2 ? 0 : 1))
    // A level of ReLUs halves a window, and the last sum stands behind them.
    #expect(operators.count == selections + (size == 2 ? 3 : 9))
  }

  @Test("global and one-dimensional maxima, of windows of any size", arguments: 1...9)
  func otherPools(size: Int) throws {
    var random = SeededGenerator(state: UInt64(size))
    let x = random.draw(3 * size)
    let global = try values([1, 3, size], x) { $0.then("GlobalMaxPool") }
    let expected = (0..<3).map { channel in
      2 * (x[channel * size..<(channel + 1) * size].max() ?? 0) + 2
    }
    #expect(global == expected)
    let local = try values([1, 3, size], x) {
      $0.then("MaxPool", [], ["kernel_shape": .ints([Int64(size)])])
    }
    #expect(local == expected)
  }

  @Test("Clip, Min and Max have any ends")
  func ends() throws {
    let x: [Double] = [-9, -3, -1, 0, 1, 2, 5, 9]
    func clip(_ low: Double?, _ high: Double?, behindReLU: Bool = false) throws -> [Double] {
      try values([1, 8], x, behindReLU: behindReLU) { maker in
        maker.then(
          "Clip",
          [low.map { maker.floats([], [$0]) } ?? "", high.map { maker.floats([], [$0]) } ?? ""])
      }
    }
    for (low, high) in [(0, 6), (-1, 1), (2, 3), (-5, -2), (3, 3), (4, 2)] as [(Double, Double)] {
      for behind in [false, true] {
        let inputs = x.map { behind ? max($0 + 1, 0) : $0 + 1 }
        #expect(
          try clip(low, high, behindReLU: behind) == inputs.map { 2 * min(max($0, low), high) },
          "\(low)...\(high)")
        #expect(
          try clip(low, nil, behindReLU: behind) == inputs.map { 2 * max($0, low) }, "\(low)...")
        #expect(
          try clip(nil, high, behindReLU: behind) == inputs.map { 2 * min($0, high) }, "...\(high)")
      }
    }
    // An upper end alone keeps what is below 0, and a ReLU behind it has work to do.
    let rectified = try values([1, 8], x) {
      $0.then("Clip", ["", $0.floats([], [5])])
      $0.then("Relu")
    }
    #expect(rectified == x.map { 2 * max(min($0 + 1, 5), 0) })
    for end in [-2.0, 3] {
      let largest = try values([1, 8], x) {
        $0.then("Max", [$0.floats([], [end])])
        $0.then("Relu")
      }
      #expect(largest == x.map { 2 * max($0 + 1, end, 0) })
    }
    let ends: [Double] = [1, 2, 3, -4, 5, 6, 7, 8]
    let least = try values([1, 8], x) { $0.then("Min", [$0.floats([8], ends)]) }
    #expect(least == zip(x, ends).map { 2 * min($0 + 1, $1) })
    let most = try values([1, 8], x) { $0.then("Max", [$0.floats([8], ends), $0.floats([], [3])]) }
    #expect(most == zip(x, ends).map { 2 * max($0 + 1, $1, 3) })
  }

  @Test("LeakyRelu, PRelu, Abs, HardSigmoid and ThresholdedRelu at 0 are what they say")
  func bends() throws {
    let x: [Double] = [-9, -3, -1, 0, 1, 2, 5, 9]
    func check(
      _ type: String, _ attributes: [String: Attribute] = [:], slope: [Double]? = nil,
      _ expected: (Double) -> Double
    ) throws {
      for behind in [false, true] {
        let found = try values([1, 8], x, behindReLU: behind) { maker in
          maker.then(type, slope.map { [maker.floats([$0.count], $0)] } ?? [], attributes)
        }
        #expect(
          found == x.map { 2 * expected(behind ? max($0 + 1, 0) : $0 + 1) }, "\(type)")
      }
    }
    try check("LeakyRelu", ["alpha": .float(0.25)]) { $0 < 0 ? 0.25 * $0 : $0 }
    try check("LeakyRelu", ["alpha": .float(-2)]) { $0 < 0 ? -2 * $0 : $0 }
    try check("PRelu", slope: [3]) { $0 < 0 ? 3 * $0 : $0 }
    try check("Abs") { abs($0) }
    try check("ThresholdedRelu", ["alpha": .float(0)]) { max($0, 0) }
    try check("HardSigmoid", ["alpha": .float(0.25), "beta": .float(0.5)]) {
      min(max(0.25 * $0 + 0.5, 0), 1)
    }
    let slopes: [Double] = [1, 2, 3, 4, 5, 6, 7, 8]
    let each = try values([1, 8], x) { $0.then("PRelu", [$0.floats([8], slopes)]) }
    #expect(each == zip(x, slopes).map { $0 + 1 < 0 ? 2 * $1 * ($0 + 1) : 2 * ($0 + 1) })
  }

  @Test("every rewriting is noted, and what is no sum of ReLUs keeps its reason")
  func notes() throws {
    var maker = NetworkMaker([1, 1, 4, 4])
    maker.then("MaxPool", [], ["kernel_shape": .ints([2, 2])], name: "pool1")
    maker.then("Relu", name: "relu1")
    maker.then("LeakyRelu", name: "leaky")
    let notes = try maker.flatChain().notes
    #expect(
      notes.contains(
        "'pool1' (MaxPool) written as pairwise maxima of windows of 4, max(a, b) = a + relu(b - a),"
          + " exactly; the Relu behind it is taken first"), "\(notes)")
    #expect(notes.contains("'leaky' dropped: what it reads is never negative"), "\(notes)")
    var jump = NetworkMaker([1, 2])
    jump.then("ThresholdedRelu", name: "jump")
    #expect(
      jump.refusals == [
        "node 'jump' (ThresholdedRelu): its threshold is 1: it jumps there, which no sum of ReLUs"
          + " does; expected 0, which is Relu"
      ])
  }

  @Test("float16 and bfloat16 on one path are refused: neither has the other's range and digits")
  func bothHalves() {
    for (first, second) in [(Int64(10), Int64(16)), (16, 10)] {
      var maker = NetworkMaker([1, 2])
      maker.then("Cast", [], ["to": .int(first)])
      maker.then("Cast", [], ["to": .int(1)])
      maker.then("Relu")
      maker.then("Cast", [], ["to": .int(second)], name: "other")
      #expect(
        maker.refusals == [
          "node 'other' (Cast): the data pass through float16 and bfloat16; expected one type of"
            + " half precision"
        ])
    }
  }

  @Test("a Cast to half precision and back is a network in half precision")
  func halfInside() throws {
    var maker = NetworkMaker([1, 2])
    maker.then("Cast", [], ["to": .int(10)])
    maker.then("Relu")
    maker.then("Cast", [], ["to": .int(1)])
    maker.then("Add", [maker.floats([], [1])])
    let chain = try maker.chain()
    #expect(chain.elementType == .float16 && chain.narrowsData)
    #expect(chain.logits(of: [3, -5]) == [4, 1])
  }

  @Test("what a ReLU made is no longer known to be above 0 behind anything that moves it")
  func movedBehindReLU() throws {
    let x: [Double] = [-3, -1, 0, 2, 5, 7]
    func moved(_ build: (inout NetworkMaker) -> Void) throws -> [Double] {
      var maker = NetworkMaker([1, 1, 6])
      maker.then("Relu")
      build(&maker)
      maker.then("Relu")
      maker.then("Mul", [maker.floats([], [2])])
      return try maker.flatChain().logits(of: x)
    }
    let kept = x.map { max($0, 0) }
    #expect(
      try moved { $0.then("Add", [$0.floats([], [-4])]) } == kept.map { 2 * max($0 - 4, 0) })
    #expect(
      try moved { $0.then("Sub", [$0.floats([], [4])]) } == kept.map { 2 * max($0 - 4, 0) })
    #expect(
      try moved { $0.then("Sum", [$0.floats([], [-4]), $0.floats([], [1])]) }
        == kept.map { 2 * max($0 - 3, 0) })
    #expect(
      try moved { $0.then("Mul", [$0.floats([], [-1])]) } == kept.map { _ in 0 })
    #expect(try moved { $0.then("Neg") } == kept.map { _ in 0 })
    #expect(
      try moved { maker in
        maker.then("Concat", [maker.floats([1, 1, 2], [-1, 3])], ["axis": .int(2)])
      } == kept.map { 2 * $0 } + [0, 6])
    #expect(
      try moved { maker in
        maker.then("Concat", [maker.floats([1, 1, 2], [-1, -3])], ["axis": .int(2)])
        maker.then("MaxPool", [], ["kernel_shape": .ints([2]), "strides": .ints([2])])
        maker.then("Add", [maker.floats([], [2])])
      } == [2 * 2, 2 * 4, 2 * 9, 2].map { Double($0) })
    #expect(
      try moved { maker in
        maker.then(
          "Pad", [maker.integers([0, 0, 1, 0, 0, 0]), maker.floats([], [-2])])
      } == [0] + kept.map { 2 * $0 })
    #expect(
      try moved { $0.then("Min", [$0.floats([], [-1])]) } == kept.map { _ in 0 })
    #expect(
      try moved { $0.then("Clip", [$0.floats([], [-5]), $0.floats([], [-2])]) }
        == kept.map { _ in 0 })
  }
}
