import NetworkGraph
import ReLUChain
import TestSupport
import Testing

@Suite struct DenseTests {
  @Test("Gemm is alpha A'B' + beta C, with the data on either side", arguments: UInt64(0)..<200)
  func gemm(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let (m, k, n) = (random.draw(1...3), random.draw(1...4), random.draw(2...4))
    let (transA, transB) = (random.chance(0.5), random.chance(0.5))
    let dataIsA = random.chance(0.5)
    let (alpha, beta) = (Double(random.draw(-2...2)), Double(random.draw(-2...2)))
    let a = Grid(shape: transA ? [k, m] : [m, k], values: random.draw(m * k))
    let b = Grid(shape: transB ? [n, k] : [k, n], values: random.draw(k * n))
    let biasShape = random.pick([[m, n], [n], [1], [m, 1], [1, n], []], or: [n])
    let bias = Grid(shape: biasShape, values: random.draw(biasShape.reduce(1, *)))

    var maker = NetworkMaker([1, m * k])
    if !dataIsA { maker = NetworkMaker([1, k * n]) }
    maker.then("Reshape", [maker.integers(dataIsA ? a.shape : b.shape)])
    let constant =
      dataIsA ? maker.floats(b.shape, b.values) : maker.floats(a.shape, a.values)
    let inputs = dataIsA ? [maker.last, constant] : [constant, maker.last]
    let c = maker.floats(bias.shape, bias.values)
    maker.last = maker.node(
      "Gemm", inputs + [c],
      [
        "alpha": .float(alpha), "beta": .float(beta), "transA": .int(transA ? 1 : 0),
        "transB": .int(transB ? 1 : 0),
      ])
    let chain = try maker.flatChain()

    var expected: [Double] = []
    for row in 0..<m {
      for column in 0..<n {
        let sum = (0..<k).reduce(0.0) { sum, i in
          sum + a[transA ? [i, row] : [row, i]] * b[transB ? [column, i] : [i, column]]
        }
        let place = [row, column].suffix(biasShape.count)
        let added = bias[zip(place, biasShape).map { $1 == 1 ? 0 : $0 }]
        expected.append(alpha * sum + beta * added)
      }
    }
    #expect(chain.logits(of: dataIsA ? a.values : b.values) == expected)
  }

  @Test("MatMul follows NumPy's rules for ranks 1 to 4", arguments: UInt64(0)..<200)
  func matrixProduct(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let (outer, rows, k) = (random.draw(1...2), random.draw(1...3), random.draw(1...4))
    let outputs = random.draw(2...4)
    let dataIsA = random.chance(0.5)
    let rank = random.draw(1...4)
    let isVector = random.chance(0.3) && rank > 1
    let matrix = dataIsA ? [rows, k] : [k, rows]
    let shape = rank == 1 ? [k] : rank == 2 ? matrix : [1, outer].suffix(rank - 2) + matrix
    let weightShape = isVector ? [k] : dataIsA ? [k, outputs] : [outputs, k]
    let x = Grid(shape: Array(shape), values: random.draw(shape.reduce(1, *)))
    let weight = Grid(shape: weightShape, values: random.draw(weightShape.reduce(1, *)))
    var maker = NetworkMaker([1, x.values.count])
    maker.then("Reshape", [maker.integers(x.shape)])
    let name = maker.floats(weight.shape, weight.values)
    maker.last = maker.node("MatMul", dataIsA ? [maker.last, name] : [name, maker.last])

    // The definition, with vectors as matrices: x[o, r, k] w[k, m] or w[m, k] x[o, k, r].
    let (sides, count) = (rank == 1 ? 1 : rows, isVector ? 1 : outputs)
    let blocks = x.values.count / (sides * k)
    var expected: [Double] = []
    for block in 0..<blocks {
      for first in 0..<(dataIsA ? sides : count) {
        for second in 0..<(dataIsA ? count : sides) {
          let (side, output) = dataIsA ? (first, second) : (second, first)
          expected.append(
            (0..<k).reduce(0.0) { sum, i in
              let place = dataIsA ? side * k + i : i * sides + side
              let w = isVector ? [i] : dataIsA ? [i, output] : [output, i]
              return sum + x.values[block * sides * k + place] * weight[w]
            })
        }
      }
    }
    guard expected.count > 1 else { return }
    #expect(try maker.flatChain().logits(of: x.values) == expected)
  }

  @Test("a product of one position is dense, of several a 1x1 convolution: no zeros are stored")
  func productKinds() throws {
    var single = NetworkMaker([1, 4])
    single.then("MatMul", [single.floats([4, 3], Array(repeating: 1, count: 12))])
    #expect(try single.flatChain().layers.map(\.kind) == ["dense"])
    var several = NetworkMaker([1, 4, 6])
    let weight = several.floats([3, 4], Array(repeating: 1, count: 12))
    several.last = several.node("MatMul", [weight, several.last])
    #expect(try several.flatChain().layers.map(\.kind) == ["convolution"])
    #expect(try several.flatChain().parameterCount == 12)
  }

  @Test("alpha stands behind the product, which a deployed network may hold: weights stay exact")
  func alphaIsCounted() throws {
    func operators(alpha: Double) throws -> [LinearOperator] {
      var maker = NetworkMaker([1, 2], type: .float64)
      let weight = maker.doubles([2, 2], [0.3, 1, 1, 1])
      maker.then("Gemm", [weight], ["alpha": .float(alpha)])
      return try maker.chain().stages[0].operators
    }
    #expect(try operators(alpha: 1).count == 1)
    let scaled = try operators(alpha: Double(Float(0.1)))
    #expect(scaled.count == 2)
    for linear in scaled {
      switch linear.kind {
      case .dense(let dense):
        #expect(dense.weights == [0.3, 1, 1, 1])
        #expect(dense.uncertainty == .none)
      case .scaling(let scaling):
        #expect(scaling.scale == [Double](repeating: Double(Float(0.1)), count: 2))
        #expect(scaling.uncertainty == .none)
        #expect(scaling.deployedRoundings == 1)
      default: Issue.record("expected a product and a scaling")
      }
    }
  }

  @Test("weights that do not fit are refused with both shapes and what comes before")
  func mismatches() {
    var gemm = NetworkMaker([1, 100])
    gemm.then("Relu", name: "relu1")
    gemm.then(
      "Gemm", [gemm.floats([10, 84], Array(repeating: 0, count: 840))],
      [
        "transB": .int(1)
      ], name: "fc2")
    #expect(
      gemm.refusals == ["node 'fc2' (Gemm): weight is [10, 84]; expected [10, 100] after 'relu1'"])

    var product = NetworkMaker([1, 100])
    product.then("MatMul", [product.floats([84, 10], Array(repeating: 0, count: 840))], name: "m")
    #expect(
      product.refusals == [
        "node 'm' (MatMul): weight is [84, 10]; expected [100, 10] for input 'x'"
      ])

    var bias = NetworkMaker([1, 2])
    let weight = bias.floats([2, 3], Array(repeating: 0, count: 6))
    bias.then("Gemm", [weight, bias.floats([7], Array(repeating: 0, count: 7))], name: "fc")
    #expect(
      bias.refusals == [
        "node 'fc' (Gemm): bias is [7]; expected a shape that broadcasts to [1, 3]"
      ])
  }

  @Test("Einsum whose result mixes small and capital letters without saying their order is refused")
  func mixedLetters() throws {
    func contracted(_ equation: String) throws -> [Double] {
      var maker = NetworkMaker([1, 2])
      let matrix = maker.floats([2, 2], [1, 2, 3, 4])
      maker.then("Einsum", [matrix], ["equation": .string(equation)])
      return try maker.flatChain().logits(of: [4, 6])
    }
    // (4, 6) times the matrix, and times its transpose.
    #expect(try contracted("bc,cd") == [22, 32])
    #expect(try contracted("BC,CD") == [22, 32])
    #expect(try contracted("Bc,cd->Bd") == [22, 32])
    #expect(try contracted("bC,dC->bd") == [16, 36])
    do {
      _ = try contracted("bC,Cd")
      _ = try contracted("Bc,cd")
      Issue.record("an order that runtimes disagree on was taken")
    } catch let refusals as ChainRefusals {
      #expect(refusals.description.contains("'Bc,cd' orders its result by small and capital"))
    }
  }
}
