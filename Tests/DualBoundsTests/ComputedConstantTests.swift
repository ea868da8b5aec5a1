import DualBounds
import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// Constants that a graph computes, of which the file says one thing and the arithmetic of its types
/// another, far away: wherever one is used, both lie within the bounds.
@Suite struct ComputedConstantTests {
  /// One use of a constant `c` on the path of the data 12.
  struct Use: CustomTestStringConvertible, Sendable {
    var name: String
    var build: @Sendable (inout NetworkMaker, String) -> Void
    var value: @Sendable (Rational) -> Rational

    init(
      _ name: String, _ build: @escaping @Sendable (inout NetworkMaker, String) -> Void,
      _ value: @escaping @Sendable (Rational) -> Rational
    ) {
      (self.name, self.build, self.value) = (name, build, value)
    }

    var testDescription: String { name }
  }

  /// What the file says: `(large + 2.0625) - large + 16`, where the last place of `large` is 8.
  private static let exact = Rational(289, over: 16)
  /// What every type makes of it.
  private static let typed = Rational(16)
  private static let x = Rational(12)

  private static let types: [(type: ElementType, format: DeployedFormat, large: Double)] = [
    (.float32, .binary32, 0x1p26), (.float16, .binary16, 0x1p13), (.bfloat16, .bfloat16, 0x1p10),
  ]

  /// The constant, as one of these dimensions.
  private static func constant(
    _ maker: inout NetworkMaker, _ shape: [Int], large: Double
  ) -> String {
    let large = maker.numbers([], [large])
    let sum = maker.node("Add", [large, maker.numbers(shape, [2.0625])])
    let rest = maker.node("Sub", [sum, large])
    return maker.node("Add", [rest, maker.numbers([], [16])])
  }

  /// Both have a rational root.
  private static func root(_ value: Rational) -> Rational {
    value == exact ? Rational(17, over: 4) : Rational(4)
  }

  private static func ofNorm(_ place: Int, _ value: @escaping @Sendable (Rational) -> Rational)
    -> Use
  {
    Use(
      "batch-norm, constant \(place)",
      { maker, c in
        let c = maker.node("Reshape", [c, maker.integers([1])])
        var numbers = [3.0, 5, 7, 4].map { maker.numbers([1], [$0]) }
        numbers[place] = c
        maker.then("BatchNormalization", numbers, ["epsilon": .float(0)])
      }, value)
  }

  private static func folded(
    _ name: String, _ build: @escaping @Sendable (inout NetworkMaker, String) -> String,
    _ value: @escaping @Sendable (Rational) -> Rational
  ) -> Use {
    Use(
      name, { maker, c in maker.then("Add", [build(&maker, c)]) }, { x + value($0) })
  }

  static let onData: [Use] = [
    Use("x + c", { $0.then("Add", [$1]) }, { x + $0 }),
    Use("c - x", { maker, c in maker.last = maker.node("Sub", [c, maker.last]) }, { $0 - x }),
    Use("x c", { $0.then("Mul", [$1]) }, { x * $0 }),
    Use("x / c", { $0.then("Div", [$1]) }, { x / $0 }),
    Use("x + 1 + c", { $0.then("Sum", [$0.numbers([], [1]), $1]) }, { x + .one + $0 }),
    Use("MatMul", { $0.then("MatMul", [$1]) }, { x * $0 }),
    Use("MatMul, first", { $0.last = $0.node("MatMul", [$1, $0.last]) }, { x * $0 }),
    Use("Gemm, weight", { $0.then("Gemm", [$1]) }, { x * $0 }),
    Use(
      "Gemm, bias", { $0.then("Gemm", [$0.numbers([1, 1], [2]), $1]) }, { x * Rational(2) + $0 }),
    Use(
      "Gemm, bias under beta",
      { $0.then("Gemm", [$0.numbers([1, 1], [2]), $1], ["beta": .float(3)]) },
      { x * Rational(2) + Rational(3) * $0 }),
    Use(
      "Gemm, bias behind alpha",
      { $0.then("Gemm", [$0.numbers([1, 1], [2]), $1], ["alpha": .float(3)]) },
      { x * Rational(6) + $0 }),
    Use(
      "Gemm, bias of several positions",
      { maker, c in
        maker.then("Reshape", [maker.integers([1, 1])])
        let two = maker.numbers([2, 1], [1, 1])
        maker.last = maker.node("MatMul", [two, maker.last])
        maker.then("Gemm", [maker.numbers([1, 1], [2]), c])
      }, { x * Rational(2) + $0 }),
    ofNorm(0) { $0 * (x - Rational(7)) / Rational(2) + Rational(5) },
    ofNorm(1) { Rational(3) * (x - Rational(7)) / Rational(2) + $0 },
    ofNorm(2) { Rational(3) * (x - $0) / Rational(2) + Rational(5) },
    ofNorm(3) { Rational(3) * (x - Rational(7)) / root($0) + Rational(5) },
  ]

  static let onImages: [Use] = ["Conv", "ConvTranspose"].flatMap { type in
    [
      Use("\(type), kernel", { $0.then(type, [$1]) }, { x * $0 }),
      Use(
        "\(type), bias",
        { maker, c in
          let bias = maker.node("Reshape", [c, maker.integers([1])])
          maker.then(type, [maker.numbers([1, 1, 1], [2]), bias])
        }, { x * Rational(2) + $0 }),
    ]
  }

  static let inConstants: [Use] = [
    folded("7 / c", { $0.node("Div", [$0.numbers([], [7]), $1]) }, { Rational(7) / $0 }),
    folded("c / 7", { $0.node("Div", [$1, $0.numbers([], [7])]) }, { $0 / Rational(7) }),
    folded("1 / c", { $0.node("Reciprocal", [$1]) }, { .one / $0 }),
    folded("sqrt c", { $0.node("Sqrt", [$1]) }, root),
    folded("c c", { $0.node("Mul", [$1, $1]) }, { $0 * $0 }),
    folded("5 - c", { $0.node("Sub", [$0.numbers([], [5]), $1]) }, { Rational(5) - $0 }),
    folded("-c", { $0.node("Neg", [$1]) }, { -$0 }),
    folded("|c|", { $0.node("Abs", [$1]) }, { $0 }),
    folded("max(c, -9)", { $0.node("Max", [$1, $0.numbers([], [-9])]) }, { $0 }),
    folded("max(-9, c)", { $0.node("Max", [$0.numbers([1, 1], [-9]), $1]) }, { $0 }),
    folded("min(20, c)", { $0.node("Min", [$0.numbers([1, 1], [20]), $1]) }, { $0 }),
    folded("relu(c)", { $0.node("Relu", [$1]) }, { $0 }),
    folded(
      "clip(1, c, 30)", { $0.node("Clip", [$0.numbers([1, 1], [1]), $1, $0.numbers([], [30])]) },
      { $0 }),
    folded(
      "clip(c, 1, 30)", { $0.node("Clip", [$1, $0.numbers([], [1]), $0.numbers([], [30])]) }, { $0 }
    ),
    folded("Sum", { $0.node("Sum", [$0.numbers([], [2]), $1]) }, { Rational(2) + $0 }),
    folded("Mean", { $0.node("Mean", [$0.numbers([], [1]), $1]) }, { (.one + $0) / Rational(2) }),
    folded("ReduceSum", { $0.node("ReduceSum", [$1]) }, { $0 }),
    folded("ReduceMean", { $0.node("ReduceMean", [$1]) }, { $0 }),
    folded("ReduceMax", { $0.node("ReduceMax", [$1]) }, { $0 }),
    folded("ReduceL1", { $0.node("ReduceL1", [$1]) }, { $0 }),
    folded("ReduceSumSquare", { $0.node("ReduceSumSquare", [$1]) }, { $0 * $0 }),
    folded(
      "MatMul, first", { $0.node("MatMul", [$1, $0.numbers([1, 1], [-3])]) }, { Rational(-3) * $0 }),
    folded(
      "MatMul, second", { $0.node("MatMul", [$0.numbers([1, 1], [-3]), $1]) },
      { Rational(-3) * $0 }),
    folded("Transpose", { $0.node("Transpose", [$1]) }, { $0 }),
    folded(
      "Concat", { $0.node("Concat", [$1], ["axis": .int(0)]) }, { $0 }),
    folded(
      "Where",
      { maker, c in
        let condition = maker.node("Equal", [maker.integers([1]), maker.integers([1])])
        return maker.node("Where", [condition, c, maker.numbers([], [0])])
      }, { $0 }),
    folded(
      "a scale of integers",
      { maker, c in
        let codes = Tensor(shape: [1, 1], elementType: .int8, elements: .integer([-3]))
        let scale = maker.node("Reshape", [c, maker.integers([1])])
        return maker.node("DequantizeLinear", [maker.store(codes), scale], ["axis": .int(0)])
      }, { Rational(-3) * $0 }),
  ]

  @Test(
    "what the file says and what its types make of it both lie within the bounds",
    arguments: onData + onImages + inConstants)
  func bothMeanings(use: Use) throws {
    let isImage = Self.onImages.contains { $0.name == use.name }
    let shape = isImage ? [1, 1, 1] : [1, 1]
    for (type, format, large) in Self.types {
      let sum = format.sum(large, 2.0625)
      #expect(Rational(format.sum(format.sum(sum, -large), 16)) == Self.typed)
      for arithmetic in [.real, try #require(Arithmetic(rawValue: type.rawValue))] {
        var maker = NetworkMaker(shape, type: type)
        use.build(&maker, Self.constant(&maker, shape, large: large))
        let bounds = try GraphBounds(
          of: maker, at: [12], arithmetic, deployed: arithmetic.elementType)
        #expect(
          bounds.contain(use.value(Self.exact)) && bounds.contain(use.value(Self.typed)),
          "\(type), \(arithmetic)")
        #expect(bounds.areNarrower(than: 4000), "\(type), \(arithmetic): nothing said")
      }
    }
  }

  /// 1, and slivers that a sum of binary32 loses one by one.
  private static let losing = [1] + [Double](repeating: 0x1p-24, count: 63)

  private static func sum(_ numbers: [Double]) -> (exact: Rational, typed: Float) {
    (numbers.reduce(.zero) { $0 + Rational($1) }, numbers.reduce(0) { $0 + Float($1) })
  }

  @Test(
    "sums and products of constants lose a rounding for every term, also where the largest cancel",
    arguments: ["MatMul", "ReduceSum", "ReduceMean"], [false, true])
  func sumsOfConstants(type: String, cancels: Bool) throws {
    let terms = Self.losing + (cancels ? [-1] : [])
    var maker = NetworkMaker([1, 1])
    let row = maker.floats([1, terms.count], terms)
    let ones = maker.floats([terms.count, 1], terms.map { _ in 1 })
    let value = type == "MatMul" ? maker.node(type, [row, ones]) : maker.node(type, [row])
    maker.then("Add", [value])
    let bounds = try GraphBounds(of: maker, at: [0])
    let count = type == "ReduceMean" ? terms.count : 1
    let (exact, typed) = Self.sum(terms)
    #expect(bounds.contain(exact / Rational(count)))
    #expect(bounds.contain(Rational(Double(typed / Float(count)))))
    #expect(bounds.areNarrower(than: 0x1p-14))
  }

  @Test("a sum that binary64 cannot hold has an error, though its type holds what is left")
  func sumsBeyondBinary64() throws {
    for (large, small) in [(1.0, 0x1p-60), (-3, 0x1p-70), (0x1p40, -0x1p-30)] {
      var maker = NetworkMaker([1, 1])
      let first = maker.floats([], [large])
      let sum = maker.node("Add", [first, maker.floats([1, 1], [small])])
      maker.then("Add", [maker.node("Sub", [sum, first])])
      #expect(try GraphBounds(of: maker, at: [0]).contain(Rational(small)))
    }
  }

  @Test("a product that its type rounds is as good as its rounding", arguments: seeds(40))
  func roundedProducts(seed: UInt64) throws {
    // Of 40 pairs near 1 the one that binary32 moves most.
    var random = SeededGenerator(state: seed)
    func draw() -> Float { Float.random(in: 1...1.001, using: &random) }
    func loss(_ a: Float, _ b: Float) -> Double { abs(Double(a * b) - Double(a) * Double(b)) }
    let pairs = (0..<40).map { _ in (draw(), draw()) }
    let (a, b) = try #require(pairs.max { loss($0.0, $0.1) < loss($1.0, $1.1) })
    let uses: [(String, [Int])] = [("Mul", [1, 1]), ("MatMul", [1, 1]), ("Conv", [1, 1, 1])]
    for (type, shape) in uses {
      var maker = NetworkMaker(shape)
      let product = maker.node(
        "Mul", [maker.floats(shape, [Double(a)]), maker.floats([], [Double(b)])])
      maker.then(type, [product])
      let bounds = try GraphBounds(of: maker, at: [-3])
      for factor in [Rational(Double(a)) * Rational(Double(b)), Rational(Double(a * b))] {
        #expect(bounds.contain(Rational(-3) * factor), "\(type), seed \(seed)")
      }
      #expect(bounds.areNarrower(than: 0x1p-19))
    }
  }
}
