import FileAccess
import NetworkGraph

/// One tensor as a file writes it: declared, but not yet trusted.
struct TensorFields {
  /// Where it stands, for messages.
  var place: String
  /// `TensorProto.DataType`.
  var dataType: Int64 = 0
  var dims: [Int64] = []
  var isSegment = false
  /// The entries of `external_data` where the data lies in a file of its own.
  var external: [(key: String, value: String)]?
  /// Every field that holds data, with the format's name for it; more than one is refused.
  var payloads: [(field: String, payload: TensorPayload)] = []
}

/// The data of a tensor in one of the format's spellings.
enum TensorPayload {
  /// Little-endian bytes of a file that outlives the decoding.
  case borrowed(UnsafeRawBufferPointer)
  /// Little-endian bytes.
  case bytes([UInt8])
  case floats([Float])
  case doubles([Double])
  case int32s([Int32])
  case int64s([Int64])
  case uint64s([UInt64])
  case strings

  var count: Int {
    switch self {
    case .borrowed(let values): values.count
    case .bytes(let values): values.count
    case .floats(let values): values.count
    case .doubles(let values): values.count
    case .int32s(let values): values.count
    case .int64s(let values): values.count
    case .uint64s(let values): values.count
    case .strings: 0
    }
  }
}

/// Turns tensors as files write them into constants, within stated limits.
///
/// Sizes are checked against the declared shape before anything is allocated.
struct TensorDecoder {
  private let file: String
  private let limits: ModelLimits
  private var decodedBytes = 0
  /// The files beside the model that tensors were read from.
  private(set) var externalData: ExternalData

  init(file: String, limits: ModelLimits) {
    self.file = file
    self.limits = limits
    externalData = ExternalData(model: file, limits: limits)
  }

  /// Decodes one tensor; a type that no chain can use is an answer, not an error.
  mutating func decode(_ fields: TensorFields) throws(InputError) -> OnnxContent {
    guard let type = OnnxElement.type(fields.dataType) else {
      return .unsupported("a tensor of \(OnnxElement.words(fields.dataType))")
    }
    if fields.isSegment {
      throw refusal(fields, "a segment of a tensor", "a whole tensor")
    }
    let (shape, count) = try shape(of: fields)
    let payload = try payload(of: fields, type: type, count: count, shape: shape)
    return .tensor(
      Tensor(
        shape: shape, elementType: type,
        elements: try elements(payload, type: type, count: count, fields, shape)))
  }

  private mutating func shape(
    of fields: TensorFields
  ) throws(InputError) -> (shape: [Int], count: Int) {
    var count = 1
    for dimension in fields.dims {
      guard dimension >= 0, let value = Int(exactly: dimension) else {
        throw refusal(fields, "dimensions \(shapeText(fields.dims))", "none below 0")
      }
      let product = count.multipliedReportingOverflow(by: value)
      // A zero elsewhere does not excuse an overflow: consumers multiply in any order.
      guard !product.overflow, max(product.partialValue, value) <= limits.tensorElements else {
        throw InputError(
          .limit, file: file, place: fields.place, found: "dimensions \(shapeText(fields.dims))",
          expected: "at most \(limits.tensorElements) elements")
      }
      count = max(product.partialValue, 1)
    }
    return (fields.dims.map { Int($0) }, fields.dims.contains(0) ? 0 : count)
  }

  /// Finds the one payload and charges the memory of its elements.
  private mutating func payload(
    of fields: TensorFields, type: ElementType, count: Int, shape: [Int]
  ) throws(InputError) -> TensorPayload {
    let stored: Int
    switch type {
    case .float16, .bfloat16, .float32: stored = 4
    default: stored = 8
    }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: stored)
    guard !overflow, bytes <= limits.tensorBytes - decodedBytes else {
      throw InputError(
        .limit, file: file, place: fields.place,
        found: "tensors of more than \(limits.tensorBytes) bytes together", expected: "at most that"
      )
    }
    decodedBytes += bytes
    if fields.payloads.count > 1 {
      let names = fields.payloads.map(\.field).joined(separator: " and ")
      throw refusal(fields, "data in \(names)", "data in one field")
    }
    guard let entries = fields.external else {
      if let payload = fields.payloads.first?.payload { return payload }
      if count == 0 { return .bytes([]) }
      throw refusal(fields, "no data", "\(type.rawValue) \(shapeText(shape))")
    }
    if let inline = fields.payloads.first, inline.payload.count > 0 {
      throw refusal(fields, "data in \(inline.field) and in an external file", "data in one place")
    }
    let length = count * type.byteCount
    return .bytes(try externalData.read(entries, length: length, place: fields.place))
  }

  private func elements(
    _ payload: TensorPayload, type: ElementType, count: Int, _ fields: TensorFields, _ shape: [Int]
  ) throws(InputError) -> Tensor.Elements {
    let field = fields.payloads.first?.field ?? "external data"
    func check(_ found: Int, _ expected: Int, _ noun: String) throws(InputError) {
      if found != expected {
        throw refusal(
          fields, "\(field) holds \(counted(found, noun))",
          "\(expected) for \(type.rawValue) \(shapeText(shape))")
      }
    }
    switch (payload, type) {
    case (.borrowed(let bytes), _):
      try check(bytes.count, count * type.byteCount, "byte")
      return try checked(LittleEndian.elements(bytes, type: type, count: count), type, fields)
    case (.bytes(let bytes), _):
      try check(bytes.count, count * type.byteCount, "byte")
      let elements = bytes.withUnsafeBytes {
        LittleEndian.elements($0, type: type, count: count)
      }
      return try checked(elements, type, fields)
    case (.floats(let values), .float32):
      try check(values.count, count, "value")
      return .float(values)
    case (.doubles(let values), .float64):
      try check(values.count, count, "value")
      return .double(values)
    case (.int64s(let values), .int64):
      try check(values.count, count, "value")
      return .integer(values)
    case (.uint64s(let values), .uint32), (.uint64s(let values), .uint64):
      try check(values.count, count, "value")
      return try integers(values, type, fields)
    case (.int32s(let values), .float16), (.int32s(let values), .bfloat16):
      try check(values.count, count, "value")
      return try halves(values, type, fields)
    case (.int32s(let values), .int32), (.int32s(let values), .int16), (.int32s(let values), .int8),
      (.int32s(let values), .uint16), (.int32s(let values), .uint8), (.int32s(let values), .bool):
      try check(values.count, count, "value")
      return try integers(values, type, fields)
    default:
      throw refusal(fields, "data in \(field)", "a field that fits \(type.rawValue)")
    }
  }

  /// 16-bit floats stand as bit patterns in `int32_data`.
  private func halves(
    _ values: [Int32], _ type: ElementType, _ fields: TensorFields
  ) throws(InputError) -> Tensor.Elements {
    if let index = values.firstIndex(where: { UInt16(exactly: $0) == nil }) {
      throw refusal(
        fields, "int32_data[\(index)] is \(values[index])", "the 16 bits of a \(type.rawValue)")
    }
    return .float(
      values.map {
        LittleEndian.float(bits: UInt16(truncatingIfNeeded: $0), isBrain: type == .bfloat16)
      })
  }

  private func integers(
    _ values: [some FixedWidthInteger], _ type: ElementType, _ fields: TensorFields
  ) throws(InputError) -> Tensor.Elements {
    let range = type.integerRange
    var elements: [Int64] = []
    elements.reserveCapacity(values.count)
    for (index, value) in values.enumerated() {
      guard let element = Int64(exactly: value), range.contains(element) else {
        throw refusal(
          fields, "element \(index) is \(value)",
          "\(type.rawValue), \(range.lowerBound) to \(range.upperBound)")
      }
      elements.append(element)
    }
    return .integer(elements)
  }

  /// Bytes hold every value of their type but for bool, and for uint64 beyond what is stored.
  private func checked(
    _ elements: Tensor.Elements, _ type: ElementType, _ fields: TensorFields
  ) throws(InputError) -> Tensor.Elements {
    guard type == .bool || type == .uint64, case .integer(let values) = elements else {
      return elements
    }
    return try integers(values, type, fields)
  }

  private func refusal(_ fields: TensorFields, _ found: String, _ expected: String) -> InputError {
    InputError(file: file, place: fields.place, found: found, expected: expected)
  }
}
