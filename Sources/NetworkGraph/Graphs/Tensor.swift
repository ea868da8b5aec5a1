/// The element types that a model file can name.
public enum ElementType: String, Sendable, CaseIterable {
  case float16, bfloat16, float32, float64
  case int8, int16, int32, int64, uint8, uint16, uint32, uint64
  case bool

  /// Whether values of this type are real numbers.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }
}

extension ElementType {
  /// The bits of an integer type; 64 for anything that is none.
  public var integerBits: Int {
    switch self {
    case .int8, .uint8: 8
    case .int16, .uint16: 16
    case .int32, .uint32: 32
    default: 64
    }
  }

  /// The whole numbers of an integer type of at most 32 bits; nil for any other type.
  public var wholeNumbers: ClosedRange<Double>? {
    switch self {
    case .int8: -0x1p7...0x1p7 - 1
    case .uint8: 0...0x1p8 - 1
    case .int16: -0x1p15...0x1p15 - 1
    case .uint16: 0...0x1p16 - 1
    case .int32: -0x1p31...0x1p31 - 1
    case .uint32: 0...0x1p32 - 1
    default: nil
    }
  }
}

/// A constant: a shape and its elements in row-major order.
public struct Tensor: Sendable, Equatable {
  /// The elements, in the narrowest storage that holds every value of the type exactly.
  public enum Elements: Sendable, Equatable {
    /// float16, bfloat16 and float32.
    case float([Float])
    /// float64.
    case double([Double])
    /// Every integer type and bool; a uint64 above `Int64.max` is refused by the importers.
    case integer([Int64])
  }

  /// The dimensions; empty for a scalar.
  public var shape: [Int]
  /// The type that the file gave the tensor.
  public var elementType: ElementType
  /// `shape`'s product many values, row-major.
  public var elements: Elements

  /// Creates a tensor; the number of elements must be the product of the shape.
  public init(shape: [Int], elementType: ElementType, elements: Elements) {
    (self.shape, self.elementType, self.elements) = (shape, elementType, elements)
    precondition(shape.reduce(1, *) == count, "elements do not fill the shape")
  }

  /// The number of elements.
  public var count: Int {
    switch elements {
    case .float(let values): values.count
    case .double(let values): values.count
    case .integer(let values): values.count
    }
  }

  /// The elements as binary64: exact for every floating-point type.
  public var doubles: [Double] {
    switch elements {
    case .float(let values): values.map(Double.init)
    case .double(let values): values
    case .integer(let values): values.map(Double.init)
    }
  }
}
