/// A tensor that does not depend on the network's input: stored in the file, or computed from such.
public struct Constant: Sendable {
  /// The value's name in the file, for messages.
  public var name: String
  /// The dimensions; empty for a scalar.
  public var shape: [Int]
  /// The type that the file gives the value. Computed floating-point values are held in binary64
  /// whatever their type is; `errors` says how good they are.
  public var elementType: ElementType
  /// The elements, row-major.
  public var elements: Tensor.Elements
  /// `[count]`, each >= 0 and rounded up: how far the value of an element may lie from the one held,
  /// whether the file's operators are evaluated exactly, or each operation rounded to its element
  /// type (and to that of the network's deployment), in any order of summation; infinite where it
  /// may overflow. Nil where the elements are what the file says: a Cast of such numbers is one, too.
  public private(set) var errors: [Double]?

  /// Creates a constant; the number of elements must be the product of the shape.
  public init(
    name: String, shape: [Int], elementType: ElementType, elements: Tensor.Elements,
    errors: [Double]? = nil
  ) {
    (self.name, self.shape, self.elementType, self.elements) = (name, shape, elementType, elements)
    setErrors(errors)
  }

  /// Sets the errors; none where all are 0.
  public mutating func setErrors(_ errors: [Double]?) {
    self.errors = errors.flatMap { $0.allSatisfy { $0 == 0 } ? nil : $0 }
  }

  /// The constant that a file stores.
  public init(name: String, tensor: Tensor) {
    self.init(
      name: name, shape: tensor.shape, elementType: tensor.elementType, elements: tensor.elements)
  }

  /// A list of integers, as Shape gives.
  public init(name: String, integers: [Int]) {
    self.init(
      name: name, shape: [integers.count], elementType: .int64,
      elements: .integer(integers.map(Int64.init)))
  }

  /// The number of elements.
  public var count: Int {
    switch elements {
    case .float(let values): values.count
    case .double(let values): values.count
    case .integer(let values): values.count
    }
  }

  /// The elements as binary64; exact for every floating-point type.
  public var doubles: [Double] {
    switch elements {
    case .float(let values): values.map(Double.init)
    case .double(let values): values
    case .integer(let values): values.map(Double.init)
    }
  }

  /// The elements, where they are integers.
  public var integers: [Int]? {
    guard case .integer(let values) = elements else { return nil }
    return values.map(Int.init)
  }

  /// Whether the elements are exactly the file's.
  public var isExact: Bool { errors == nil }

  /// The errors, 0 where there are none.
  var allErrors: [Double] { errors ?? [Double](repeating: 0, count: count) }
}

extension Constant {
  /// The elements as weights of a linear operator.
  ///
  /// - Parameter role: What the operator calls it, for messages: `weight`, `bias`.
  /// - Returns: Finite numbers with finite errors, `[count]`.
  public func weights(as role: String) throws(NodeRefusal) -> [Double] {
    guard elementType.isFloatingPoint else {
      throw NodeRefusal(
        "\(role) '\(name)' is \(elementType.rawValue); expected a floating-point tensor")
    }
    let values = doubles
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      let value = values[index]
      let text = value.isNaN ? "NaN" : value < 0 ? "-infinity" : "infinity"
      throw NodeRefusal(
        "\(role) '\(name)'\(positionText(index, in: shape)) is \(text); expected a finite number")
    }
    if let index = errors?.firstIndex(where: { !($0 < .infinity) }) {
      throw NodeRefusal(
        "\(role) '\(name)'\(positionText(index, in: shape)) is \(values[index]), computed in"
          + " \(elementType.rawValue), which may overflow on the way; expected a finite number")
    }
    return values
  }
}
