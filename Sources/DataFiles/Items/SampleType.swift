/// The element types that a data file can hold.
public enum SampleType: String, Sendable, CaseIterable {
  case bool, uint8, int8, uint16, int16, uint32, int32, uint64, int64, float16, float32, float64

  /// The size of one element.
  public var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .uint16, .int16, .float16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// Whether every element is finite and binary64 holds it exactly, whatever its bits.
  var isAlwaysExact: Bool {
    switch self {
    case .uint8, .int8, .uint16, .int16, .uint32, .int32: true
    case .bool, .uint64, .int64, .float16, .float32, .float64: false
    }
  }

  /// Whether elements are whole numbers, whatever their bits.
  public var isWhole: Bool {
    switch self {
    case .bool, .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64: true
    case .float16, .float32, .float64: false
    }
  }
}
