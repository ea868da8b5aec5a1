import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// Gemm of constants: every number that a runtime may make of it lies within what is charged.
@Suite struct ConstantProductTests {
  /// `alpha a b + beta c`, one number, in binary32.
  private struct Product {
    var a: [Float]
    var b: [Float]
    var c: Float
    var alpha: Float
    var beta: Float

    init(_ random: inout SeededGenerator) {
      func number(_ exponents: ClosedRange<Int>) -> Float {
        Float(
          sign: random.chance(0.5) ? .plus : .minus, exponent: random.draw(exponents),
          significand: Float.random(in: 1..<2, using: &random))
      }
      let count = random.draw(1...5)
      (a, b) = ((0..<count).map { _ in number(-2...2) }, (0..<count).map { _ in number(-2...2) })
      alpha = random.chance(0.4) ? 1 : number(-3...3)
      beta = random.chance(0.4) ? 1 : number(-3...3)
      c = number(-3...3)
      // What cancels is charged on what was added up.
      if random.chance(0.5) { c = -alpha * zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / beta }
    }

    /// As some runtime computes it.
    func value(_ random: inout SeededGenerator) -> Float {
      let isFused = random.chance(0.5)
      let place = random.draw(0...3)
      let addend = beta * c
      // Behind the sum that alpha multiplies, else anywhere in it.
      let isLast = place == 3 || random.chance(0.3)
      var sum: Float = 0
      let order = (0..<(isLast ? a.count : a.count + 1)).shuffled(using: &random)
      for index in order {
        guard index < a.count else {
          sum += addend
          continue
        }
        var (x, y) = (a[index], b[index])
        switch place {
        case 0: x *= alpha
        case 1: y *= alpha
        case 2: (x, y) = (x * y, alpha)
        default: break
        }
        sum = isFused ? sum.addingProduct(x, y) : sum + x * y
      }
      if place == 3 { sum *= alpha }
      return isLast ? sum + addend : sum
    }

    /// The network that adds it to its input.
    var network: NetworkMaker {
      func stored(_ shape: [Int], _ values: [Float]) -> String {
        maker.floats(shape, values.map(Double.init))
      }
      var maker = NetworkMaker([1, 1])
      let inputs = [stored([1, a.count], a), stored([b.count, 1], b), stored([1, 1], [c])]
      let attributes: [String: Attribute] = [
        "alpha": .float(Double(alpha)), "beta": .float(Double(beta)),
      ]
      maker.then("Add", [maker.node("Gemm", inputs, attributes)])
      return maker
    }
  }

  @Test("every order, and every place of alpha, lies within what is charged", arguments: seeds(300))
  func orders(seed: UInt64) throws {
    var random = SeededGenerator(state: seed)
    let product = Product(&random)
    guard case .scaling(let scaling) = try product.network.chain().stages[0].operators[0].kind
    else { throw ChainRefusal(.graph, "expected a scaling") }
    let held = Rational(scaling.shift[0])
    let charged =
      Rational(scaling.uncertainty.relative) * Rational(scaling.shiftMagnitude[0])
      + Rational(scaling.uncertainty.perUnit)
    for _ in 0..<40 {
      let value = product.value(&random)
      #expect((Rational(Double(value)) - held).magnitude <= charged, "seed \(seed): \(value)")
    }
  }

  @Test("what is added is a term of the sum, and rounded with it")
  func addend() throws {
    var maker = NetworkMaker([1, 1])
    let inputs = [
      maker.floats([1, 3], [1, 2, 3]), maker.floats([3, 1], [2, 4, 6]), maker.floats([1], [10]),
    ]
    maker.then("Add", [maker.node("Gemm", inputs)])
    guard case .scaling(let scaling) = try maker.chain().stages[0].operators[0].kind else {
      throw ChainRefusal(.graph, "expected a scaling")
    }
    #expect(scaling.shift == [38])
    #expect(scaling.uncertainty.perUnit >= 4 * 38 * 0x1p-24)
  }

  @Test("a sum that overflows before alpha makes it small is refused")
  func overflow() {
    var maker = NetworkMaker([1, 1])
    let inputs = [maker.floats([1, 1], [1e30]), maker.floats([1, 1], [1e30])]
    maker.then("Add", [maker.node("Gemm", inputs, ["alpha": .float(Double(Float(1e-30)))])])
    #expect(maker.refusals.count == 1)
    #expect(maker.refusals.first?.contains("which may overflow on the way") == true)
  }

  @Test("factors and terms that do not fit are refused by their shapes")
  func shapes() {
    func reason(_ shapes: [[Int]], _ attributes: [String: Attribute] = [:]) -> String {
      var maker = NetworkMaker([1, 1])
      let inputs = shapes.map { shape in
        maker.floats(shape, Array(repeating: 1, count: shape.reduce(1, *)))
      }
      maker.then("Add", [maker.node("Gemm", inputs, attributes)])
      return maker.refusals.joined(separator: "\n")
    }
    #expect(reason([[1, 2], [3, 1]]).contains("multiplies [1, 2] and [3, 1]"))
    #expect(
      reason([[1, 2], [2, 1]], ["transB": .int(1)]).contains("multiplies [1, 2] and [1, 2]"))
    #expect(
      reason([[2], [2, 1]]).contains("its first input is [2]; expected a matrix of rank 2"))
    #expect(
      reason([[1, 2], [2, 1], [3]]).contains(
        "adds float32 [3]; expected float32 that broadcasts to [1, 1]"))
  }
}
