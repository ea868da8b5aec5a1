import ChainImport
import NetworkGraph
import ReLUChain
import TestSupport
import Testing

@Suite struct HeldNumberTests {
  private func obstacles(
    _ type: ElementType, _ build: (inout NetworkMaker) -> Void
  ) throws -> [String] {
    var maker = NetworkMaker([1, 2], type: .float64)
    build(&maker)
    return try maker.chain().obstacles(in: try #require(type.format)).map(\.description)
  }

  @Test("a divisor that is infinite or vanishes in the deployed type is named")
  func divisors() throws {
    func divided(by value: Double, _ type: ElementType) throws -> [String] {
      try obstacles(type) { $0.then("Div", [$0.doubles([2], [value, 1])], name: "div") }
    }
    #expect(try divided(by: 1e39, .float64) == [])
    #expect(
      try divided(by: 1e39, .float32) == [
        "node 'div' (Div): divisor reaches 1e+39; expected at most 8.5070587e+37"
      ])
    #expect(
      try divided(by: 1e-46, .float32).contains {
        $0.contains("divisor is as small as 1e-46; expected at least")
      })
    #expect(try divided(by: 1e-37, .float32) == [])
    #expect(try divided(by: 2e4, .float16).count == 1)
    #expect(try divided(by: 2e4, .bfloat16) == [])
  }

  @Test(
    "what a batch-norm holds on its way is held against the deployed type: statistics and folded factors"
  )
  func batchNorm() throws {
    func norm(
      gamma: Double = 1, mean: Double = 0, variance: Double = 1, _ type: ElementType
    ) throws -> [String] {
      try obstacles(type) { maker in
        let constants = [[gamma, 1], [0, 0], [mean, 0], [variance, 1]].map {
          maker.doubles([2], $0)
        }
        maker.then("BatchNormalization", constants, ["epsilon": .float(0)], name: "bn")
      }
    }
    #expect(try norm(.float16) == [])
    #expect(try norm(variance: 1e5, .float16).contains { $0.contains("variance reaches") })
    #expect(try norm(variance: 1e5, .float32) == [])
    #expect(try norm(variance: 1e-8, .float16).contains { $0.contains("as small as") })
    #expect(try norm(mean: 2e4, .float16).contains { $0.contains("mean reaches") })
    #expect(
      try norm(gamma: 1e20, variance: 1e-37, .float32).contains {
        $0.contains("gamma / sigma reaches")
      })
    #expect(try norm(gamma: 1e20, variance: 1e-37, .float64) == [])
  }

  @Test("Gemm's C is held before beta multiplies it, --mean and --std as they are typed")
  func others() throws {
    let product = try obstacles(.float16) { maker in
      let weight = maker.doubles([2, 2], [1, 1, 1, 1])
      let bias = maker.doubles([2], [1e6, 0])
      maker.then("Gemm", [weight, bias], ["beta": .float(1e-3)])
    }
    #expect(product.contains { $0.contains("bias reaches 1000000.0") })
    var maker = NetworkMaker([1, 2])
    maker.then("Relu")
    let chain = try maker.chain().normalizing(mean: [1e5], std: [1e-9])
    let reasons = chain.obstacles(in: try #require(ElementType.float16.format)).map(\.description)
    #expect(reasons.contains { $0.contains("'--mean' (Sub): mean reaches 100000.0") })
    #expect(reasons.contains { $0.contains("'--std' (Div): std is as small as 1e-09") })
  }

  @Test(
    "ends of a clip that a coarser deployment rounds are refused as that",
    arguments: [
      ("Clip", "min 'c' has -0.25048828125"), ("Max", "operand 'c' has -0.25048828125"),
      ("PRelu", "slope 'c' has -0.25048828125"),
    ])
  func roundedEnds(type: String, words: String) throws {
    var maker = NetworkMaker([1, 2])
    maker.then(
      type, [maker.floats(type == "PRelu" ? [1] : [], [-0.25048828125], name: "c")], name: "n")
    #expect(maker.refusals.isEmpty)
    _ = try ReLUChain(validating: maker.finished, deployed: .float16)
    let refused = #expect(throws: ChainRefusals.self) {
      try ReLUChain(validating: maker.finished, deployed: .bfloat16)
    }
    #expect(
      refused?.reasons.map(\.description) == [
        "node 'n' (\(type)): \(words), which the deployed network's type rounds; expected numbers of that"
          + " type"
      ])
  }

  @Test(
    "constants are read for the file's own types, or for a coarser deployment where it is named")
  func reading() throws {
    var maker = NetworkMaker([1, 2])
    maker.then("Add", [maker.node("Mul", [maker.floats([2], [0.1, 3]), maker.floats([], [3])])])
    let half = try #require(ElementType.float16.format)
    let own = try maker.chain()
    #expect(own.isRead(for: .binary32))
    #expect(own.isRead(for: try #require(ElementType.float64.format)))
    #expect(!own.isRead(for: half))
    let deployed = try ReLUChain(validating: maker.finished, deployed: .float16)
    #expect(deployed.isRead(for: half))
    guard case .scaling(let coarse) = deployed.stages[0].operators[0].kind,
      case .scaling(let fine) = own.stages[0].operators[0].kind
    else {
      Issue.record("expected scalings")
      return
    }
    let product = half.rounded(half.rounded(Double(Float(0.1))) * 3)
    #expect(coarse.uncertainty.perUnit >= abs(product - coarse.shift[0]))
    // Held as the file's type has it, and no further from the exact product than it says.
    #expect(fine.shift == [Double(Float(0.1) * 3), 9])
    let exact = Double(Float(0.1)) * 3
    #expect(fine.uncertainty.perUnit >= abs(exact - fine.shift[0]))
    #expect(fine.uncertainty.perUnit < 0x1p-24 * 18.1)
    // Constants that are only moved are read for any.
    var moved = NetworkMaker([1, 2])
    moved.then(
      "Add", [moved.node("Reshape", [moved.floats([2], [0.1, 3]), moved.integers([1, 2])])])
    #expect(try moved.chain().isRead(for: half))
  }

  @Test("an end of Clip at the largest binary32 number is left for the run to prove idle")
  func limits() throws {
    let largest = Double(Float.greatestFiniteMagnitude)
    func limit(_ low: Double, _ high: Double) throws -> [Double] {
      var maker = NetworkMaker([1, 2], type: .float64)
      maker.then("Add", [maker.doubles([2], [1, 2])])
      maker.then("Clip", [maker.doubles([], [low]), maker.doubles([], [high])])
      return try maker.chain().stages.flatMap(\.operators).map(\.outputLimit)
    }
    #expect(try limit(-.infinity, .infinity) == [.infinity])
    #expect(try limit(-largest, .infinity) == [largest])
    #expect(try limit(-.infinity, largest) == [largest])
    #expect(try limit(0, largest).first == largest)
    #expect(try limit(0, .infinity).first == .infinity)
    func clip(_ low: Double, _ high: Double) throws -> ClosedRange<Double>? {
      var maker = NetworkMaker([1, 2], type: .float64)
      maker.then("Add", [maker.doubles([2], [1, 2])])
      maker.then("Clip", [maker.doubles([], [low]), maker.doubles([], [high])])
      return try maker.chain().stages[0].operators.first?.outputClip
    }
    #expect(try clip(-.infinity, .infinity) == -.infinity ... .infinity)
    #expect(try clip(-2 * largest, largest) == -2 * largest...largest)
    #expect(try clip(0, largest) == -.infinity...largest)
    // Of two that limit one operator the nearer holds, behind a ReLU as well.
    for ends in [[largest, 1e300], [1e300, largest]] {
      for isBehind in [false, true] {
        var twice = NetworkMaker([1, 2], type: .float64)
        twice.then("Add", [twice.doubles([2], [1, 2])])
        if isBehind { twice.then("Relu") }
        for end in ends {
          twice.then("Clip", [twice.doubles([], [-end]), twice.doubles([], [end])])
        }
        #expect(try twice.chain().stages[0].operators.map(\.outputLimit) == [largest])
      }
    }
    // In front of everything there is no operator to limit: one that does nothing is added.
    var first = NetworkMaker([1, 2], type: .float64)
    first.then("Clip", [first.doubles([], [-largest]), first.doubles([], [largest])])
    first.then("Add", [first.doubles([2], [1, 2])])
    #expect(
      try first.chain().stages[0].operators.map(\.outputLimit) == [largest, .infinity])
  }
}
