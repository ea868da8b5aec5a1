/// The element types that a data file can hold.
public enum SampleType: String, Sendable, CaseIterable {
  case uint8, int8, int16, int32, int64, float32, float64

  /// The size of one element.
  public var byteCount: Int {
    switch self {
    case .uint8, .int8: 1
    case .int16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  /// Whether every element is finite and binary64 holds it exactly, whatever its bits.
  var isAlwaysExact: Bool {
    switch self {
    case .uint8, .int8, .int16, .int32: true
    case .int64, .float32, .float64: false
    }
  }
}
