/// Which number an operation makes: its type, and whether it depends on the network's input.
public struct Role: Sendable {
  /// The type that the file gives the result.
  public var type: OracleType
  /// Whether the result depends on the input; constants may be computed long before.
  public var isData: Bool
  /// Whether the operation is one that runtimes fuse with its neighbours: their results need not be
  /// stored in between.
  public var isElementwise = false

  /// Creates a role.
  public init(_ type: OracleType, isData: Bool, isElementwise: Bool = false) {
    (self.type, self.isData, self.isElementwise) = (type, isData, isElementwise)
  }
}

/// One term of a sum.
public enum Term<Number: Sendable>: Sendable {
  case number(Number)
  case product(Number, Number)
}

/// What numbers are and how they are computed with: exactly, or rounded in one of many ways.
public protocol NumberSystem {
  /// The numbers; infinities and NaN are among them.
  associatedtype Number: Sendable

  /// Whether the operation at hand is one that a folding runtime adds.
  var isFolding: Bool { get set }

  /// An exact number.
  func stored(_ value: Double) -> Number
  /// A number of the file, of a type of its own.
  func initial(_ value: Double, _ type: OracleType) -> Number
  /// The negative, exactly.
  func negative(_ value: Number) -> Number
  /// A sum of numbers and products, at least one.
  mutating func sum(_ terms: [Term<Number>], _ role: Role) -> Number
  /// A quotient.
  mutating func quotient(_ left: Number, _ right: Number, _ role: Role) -> Number
  /// A square root.
  mutating func root(_ value: Number, _ role: Role) -> Number
  /// An elementary function: `Exp`, `Log` or `Pow`.
  mutating func function(_ name: String, _ operands: [Number], _ role: Role) -> Number
  /// The number in another type.
  mutating func cast(_ value: Number, to role: Role) -> Number
  /// A constant as an operation on the data takes it.
  mutating func loaded(_ value: Number) -> Number
  /// Whether the left number is the smaller one; false for NaN.
  func isLess(_ left: Number, _ right: Number) -> Bool
  /// Whether the value is no number at all.
  func isNaN(_ value: Number) -> Bool
  /// The number rounded to an integer by a rule.
  func whole(_ value: Number, _ rule: FloatingPointRoundingRule) -> Number
  /// The number as an integer, for shapes.
  func integer(_ value: Number) -> Int
  /// Which of several equivalent ways is taken, below `count`; 0 is the operator's definition.
  mutating func way(of count: Int) -> Int
}

extension NumberSystem {
  mutating func product(_ left: Number, _ right: Number, _ role: Role) -> Number {
    sum([.product(left, right)], role)
  }

  mutating func total(_ left: Number, _ right: Number, _ role: Role) -> Number {
    sum([.number(left), .number(right)], role)
  }

  func largest(_ left: Number, _ right: Number) -> Number {
    if isNaN(left) { return left }
    return isNaN(right) || isLess(left, right) ? right : left
  }

  func smallest(_ left: Number, _ right: Number) -> Number {
    if isNaN(left) { return left }
    return isNaN(right) || isLess(right, left) ? right : left
  }
}

/// A tensor of a number system.
public struct Values<Number: Sendable>: Sendable {
  /// The dimensions.
  public var shape: [Int]
  /// The type that the file gives it.
  public var type: OracleType
  /// Whether it depends on the input.
  public var isData: Bool
  /// The elements, row-major.
  public var numbers: [Number]

  /// Creates a tensor.
  public init(_ shape: [Int], _ type: OracleType, isData: Bool, _ numbers: [Number]) {
    precondition(shape.reduce(1, *) == numbers.count, "numbers do not fill the shape")
    (self.shape, self.type, self.isData, self.numbers) = (shape, type, isData, numbers)
  }

  /// The same elements in another number system.
  public func mapped<Other: Sendable>(_ change: (Number) -> Other) -> Values<Other> {
    Values<Other>(shape, type, isData: isData, numbers.map(change))
  }
}

/// All index tuples of a shape, row-major.
func indices(of shape: [Int]) -> [[Int]] {
  shape.reduce([[]]) { partial, size in
    partial.flatMap { head in (0..<size).map { head + [$0] } }
  }
}

/// The place of an index tuple.
func place(_ index: [Int], in shape: [Int]) -> Int {
  zip(index, shape).reduce(0) { $0 * $1.1 + $1.0 }
}

extension Values {
  /// The element at an index tuple.
  subscript(_ index: [Int]) -> Number { numbers[place(index, in: shape)] }

  /// The element that broadcasting puts at an index of a larger shape.
  func broadcast(at index: [Int]) -> Number {
    let own = index.suffix(shape.count)
    return self[zip(own, shape).map { $1 == 1 ? 0 : $0 }]
  }

  /// A tensor of the same type.
  func with(_ shape: [Int], _ numbers: [Number]) -> Values {
    Values(shape, type, isData: isData, numbers)
  }
}
