/// A tensor that does not depend on the network's input: stored in the file, or computed from such.
public struct Constant: Sendable {
  /// The value's name in the file, for messages.
  public var name: String
  /// The dimensions; empty for a scalar.
  public var shape: [Int]
  /// The type that the file gives the value. Computed floating-point values are held in binary64
  /// whatever their type is; `roundings` says how good they are.
  public var elementType: ElementType
  /// The elements, row-major.
  public var elements: Tensor.Elements
  /// What lies between these elements and the exact ones.
  public var roundings: Roundings
  /// `[count]`: the magnitudes that `roundings` are relative to, where cancellation makes them
  /// larger than the elements themselves; nil where they are the elements' own.
  public var magnitudes: [Double]?

  /// How many roundings an element carries: `|held - exact| <= g(stored) * magnitude` with
  /// binary64's `g(n) = n u / (1 - n u)`, and `|deployed - exact| <= g(deployed) * magnitude` in
  /// the arithmetic of a network that computes the constant in its own element type.
  ///
  /// Exact is what the file's operators say of the file's numbers; a Cast of file numbers counts as
  /// such a number, a Cast of computed ones as the identity.
  public struct Roundings: Sendable, Equatable {
    /// Roundings of binary64.
    public var stored: Int
    /// Roundings of the element type.
    public var deployed: Int

    /// Creates a count.
    public init(stored: Int = 0, deployed: Int = 0) {
      self.stored = stored
      self.deployed = deployed
    }
  }

  /// Creates a constant; the number of elements must be the product of the shape.
  public init(
    name: String, shape: [Int], elementType: ElementType, elements: Tensor.Elements,
    roundings: Roundings = Roundings(), magnitudes: [Double]? = nil
  ) {
    self.name = name
    self.shape = shape
    self.elementType = elementType
    self.elements = elements
    self.roundings = roundings
    self.magnitudes = magnitudes
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
  public var isExact: Bool { roundings == Roundings() }
}

extension Constant {
  /// The elements as weights of a linear operator.
  ///
  /// - Parameter role: What the operator calls it, for messages: `weight`, `bias`.
  /// - Returns: Finite numbers, `[count]`.
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
    return values
  }

  /// The largest factor by which cancellation may raise a count of roundings: 2^20.
  static let cancellationLimit = 0x1p20

  /// The counts of roundings relative to the elements' own magnitudes.
  ///
  /// `g(n) r <= g(n r)` for r >= 1, so that a count multiplied by the largest ratio of `magnitudes`
  /// to elements pays for the cancellation.
  public func relativeRoundings() throws(NodeRefusal) -> Roundings {
    guard let magnitudes else { return roundings }
    var ratio = 1.0
    for (value, magnitude) in zip(doubles, magnitudes) where magnitude > abs(value) {
      ratio = max(ratio, magnitude / abs(value))
    }
    guard ratio <= Self.cancellationLimit else {
      throw NodeRefusal(
        "'\(name)' is the difference of rounded constants that nearly cancel; expected constants"
          + " that are folded before export")
    }
    let factor = Int(ratio.rounded(.up)) + 1
    return Roundings(
      stored: roundings.stored * factor, deployed: roundings.deployed * factor)
  }
}
