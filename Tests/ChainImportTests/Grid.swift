import TestSupport

extension SeededGenerator {
  /// Small integers: every product and sum of a test is exact, so that equality is exact.
  mutating func draw(_ count: Int) -> [Double] {
    (0..<count).map { _ in Double(Int.random(in: -9...9, using: &self)) }
  }

  mutating func draw(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }
}

/// An array addressed by its indices, for computations written from an operator's definition.
struct Grid {
  var shape: [Int]
  var values: [Double]

  subscript(_ index: [Int]) -> Double {
    zip(index, shape).contains { $0 < 0 || $0 >= $1 } ? 0 : values[place(index)]
  }

  func place(_ index: [Int]) -> Int {
    zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// All indices, in row-major order.
  var indices: [[Int]] {
    shape.reduce([[]]) { partial, size in
      partial.flatMap { head in (0..<size).map { head + [$0] } }
    }
  }
}
