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
  /// Nil for one that is not UTF-8.
  case strings([String?])

  /// The number of bytes, or of values.
  var count: Int {
    switch self {
    case .borrowed(let values): values.count
    case .bytes(let values): values.count
    case .floats(let values): values.count
    case .doubles(let values): values.count
    case .int32s(let values): values.count
    case .int64s(let values): values.count
    case .uint64s(let values): values.count
    case .strings(let values): values.count
    }
  }

  /// Whether `count` counts bytes rather than elements.
  var isBytes: Bool {
    switch self {
    case .borrowed, .bytes: true
    default: false
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
    (self.file, self.limits) = (file, limits)
    externalData = ExternalData(model: file, limits: limits)
  }

  /// Decodes one tensor; a type that no chain can use is an answer, not an error.
  mutating func decode(_ fields: TensorFields) throws(InputError) -> OnnxContent {
    guard let type = OnnxElement.type(fields.dataType) else {
      if let texts = texts(of: fields) { return .texts(texts) }
      return .unsupported("a tensor of \(OnnxElement.words(fields.dataType))")
    }
    if fields.isSegment {
      throw refusal(fields, "a segment of a tensor", "a whole tensor")
    }
    let (shape, count) = try shape(of: fields)
    let declared = "\(type.rawValue) \(shapeText(shape))"
    if fields.payloads.count > 1 {
      let names = fields.payloads.map(\.field).joined(separator: " and ")
      throw refusal(fields, "data in \(names)", "data in one field")
    }
    let inline = fields.payloads.first
    // The data's size is compared before the limits: a damaged shape is damage, not size.
    let payload: TensorPayload
    if let entries = fields.external {
      if let inline {
        throw refusal(
          fields, "data in \(inline.field) and in an external file", "data in one place")
      }
      let (length, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
      if overflow { throw refusal(fields, declared, "fewer elements") }
      let slice = try externalData.locate(entries, length: length, place: fields.place)
      try charge(count, as: type, fields)
      payload = .bytes(try externalData.bytes(of: slice, place: fields.place))
    } else {
      payload = inline?.payload ?? .bytes([])
      if inline == nil, count > 0 { throw refusal(fields, "no data", declared) }
      try check(payload, holds: count, of: type, fields, declared)
      try charge(count, as: type, fields)
    }
    let elements = try elements(payload, type: type, count: count, fields)
    return .tensor(Tensor(shape: shape, elementType: type, elements: elements))
  }

  /// The elements of a tensor of texts; nil for any other, and for one that is damaged or no UTF-8.
  private func texts(of fields: TensorFields) -> [String]? {
    guard OnnxElement.words(fields.dataType) == "string", fields.payloads.count == 1,
      case .strings(let values) = fields.payloads[0].payload, !fields.isSegment,
      fields.external == nil, let shape = try? shape(of: fields), shape.count == values.count
    else { return nil }
    let texts = values.compactMap(\.self)
    return texts.count == values.count ? texts : nil
  }

  /// Refuses tensors that together take more than the limit, before the first of them is read: files
  /// beside the model cost a stranger nothing where they are sparse.
  func checkTotal(_ tensors: some Sequence<TensorFields>) throws(InputError) {
    var total = self
    for fields in tensors {
      guard let type = OnnxElement.type(fields.dataType) else { continue }
      try total.charge(try shape(of: fields).count, as: type, fields)
    }
  }

  private func shape(
    of fields: TensorFields
  ) throws(InputError) -> (shape: [Int], count: Int) {
    guard fields.dims.count <= maximumRank else {
      throw refusal(fields, counted(fields.dims.count, "dimension"), "at most \(maximumRank)")
    }
    var shape: [Int] = []
    // The product of the dimensions above 0: a zero does not excuse an overflow, because
    // whoever multiplies them later may do so in any order.
    var product = 1
    for dimension in fields.dims {
      guard dimension >= 0, let value = Int(exactly: dimension) else {
        throw refusal(fields, "dimensions \(shapeText(fields.dims))", "none below 0")
      }
      let (next, overflow) = product.multipliedReportingOverflow(by: max(value, 1))
      if overflow {
        throw refusal(
          fields, "dimensions \(shapeText(fields.dims))",
          "at most \(limits.tensorElements) elements")
      }
      product = next
      shape.append(value)
    }
    return (shape, shape.contains(0) ? 0 : product)
  }

  /// Compares the size of inline data with what the shape asks for.
  private func check(
    _ payload: TensorPayload, holds count: Int, of type: ElementType, _ fields: TensorFields,
    _ declared: String
  ) throws(InputError) {
    let (size, noun) = payload.isBytes ? (type.byteCount, "byte") : (1, "value")
    let (expected, overflow) = count.multipliedReportingOverflow(by: size)
    if overflow || payload.count != expected {
      let field = fields.payloads.first?.field ?? "raw_data"
      throw refusal(
        fields, "\(field) holds \(counted(payload.count, noun))",
        overflow ? declared : "\(expected) for \(declared)")
    }
  }

  /// Charges the memory of a tensor's elements to the limits.
  private mutating func charge(
    _ count: Int, as type: ElementType, _ fields: TensorFields
  ) throws(InputError) {
    func tooMuch(_ found: String, _ expected: String) -> InputError {
      InputError(.limit, file: file, place: fields.place, found: found, expected: expected)
    }
    guard count <= limits.tensorElements else {
      throw tooMuch(
        "dimensions \(shapeText(fields.dims))", "at most \(limits.tensorElements) elements")
    }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: type.storedByteCount)
    guard !overflow, bytes <= limits.tensorBytes - decodedBytes else {
      throw tooMuch("tensors of more than \(limits.tensorBytes) bytes together", "at most that")
    }
    decodedBytes += bytes
  }

  /// Converts data of the right size.
  private func elements(
    _ payload: TensorPayload, type: ElementType, count: Int, _ fields: TensorFields
  ) throws(InputError) -> Tensor.Elements {
    switch (payload, type) {
    case (.borrowed(let bytes), _):
      return try checked(LittleEndian.elements(bytes, type: type, count: count), type, fields)
    case (.bytes(let bytes), _):
      let elements = bytes.withUnsafeBytes {
        LittleEndian.elements($0, type: type, count: count)
      }
      return try checked(elements, type, fields)
    case (.floats(let values), .float32):
      return .float(values)
    case (.doubles(let values), .float64):
      return .double(values)
    case (.int64s(let values), .int64):
      return .integer(values)
    case (.uint64s(let values), .uint32), (.uint64s(let values), .uint64):
      return try integers(values, type, fields)
    case (.int32s(let values), .float16), (.int32s(let values), .bfloat16):
      return try halves(values, type, fields)
    case (.int32s(let values), .int32), (.int32s(let values), .int16), (.int32s(let values), .int8),
      (.int32s(let values), .uint16), (.int32s(let values), .uint8), (.int32s(let values), .bool):
      return try integers(values, type, fields)
    default:
      let field = fields.payloads.first?.field ?? "no field"
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
    return type == .uint64
      ? try integers(values.map { UInt64(bitPattern: $0) }, type, fields)
      : try integers(values, type, fields)
  }

  private func refusal(_ fields: TensorFields, _ found: String, _ expected: String) -> InputError {
    InputError(file: file, place: fields.place, found: found, expected: expected)
  }
}
