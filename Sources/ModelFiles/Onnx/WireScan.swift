import COnnx
import CProtobufC
import FileAccess

/// The first reading of a protobuf file: its form is checked, and its cost is bounded, before
/// protobuf-c sees it.
///
/// protobuf-c limits neither nesting nor memory, cuts strings at NUL and keeps the last of several
/// values; its refusals come without a place. This scan follows the same descriptors and refuses
/// all of that, with the byte's offset. Nesting needs no counter: the schema has no recursive
/// message (see `onnx.proto`), and this scan, like protobuf-c, enters only declared ones.
///
/// - Complexity: O(bytes), no allocation per field except for strings.
struct WireScan {
  private let bytes: UnsafeRawBufferPointer
  private let file: String
  private let limit: Int
  private let textLimit: Int
  private var fieldCount = 0
  /// How often each field of each open message was seen, one run a message.
  private var seen: [Int] = []
  /// The fields that lead to the current place.
  private var trail: [(field: UnsafePointer<ProtobufCFieldDescriptor>, index: Int)] = []

  /// Checks a whole file against the message that it should hold.
  static func check(
    _ bytes: UnsafeRawBufferPointer, as descriptor: UnsafePointer<ProtobufCMessageDescriptor>,
    file: String, limits: ModelLimits
  ) throws(InputError) {
    var scan = WireScan(bytes: bytes, file: file, limits: limits)
    try scan.message(descriptor, in: 0..<bytes.count)
  }

  private init(bytes: UnsafeRawBufferPointer, file: String, limits: ModelLimits) {
    (self.bytes, self.file) = (bytes, file)
    limit = limits.fields
    textLimit = limits.textBytes
  }

  private mutating func message(
    _ descriptor: UnsafePointer<ProtobufCMessageDescriptor>, in range: Range<Int>
  ) throws(InputError) {
    let base = seen.count
    seen.append(contentsOf: repeatElement(0, count: Int(descriptor.pointee.n_fields)))
    defer { seen.removeLast(seen.count - base) }
    var at = range.lowerBound
    while at < range.upperBound {
      fieldCount += 1
      if fieldCount > limit {
        throw InputError(
          .limit, file: file, place: place(at), found: "more than \(limit) fields",
          expected: "at most \(limit) in all")
      }
      let start = at
      let tag = try varint(&at, end: range.upperBound, longest: 5)
      guard let position = position(of: tag >> 3, in: descriptor) else {
        _ = try payload(of: tag, from: start, &at, end: range.upperBound)
        continue
      }
      let field = descriptor.pointee.fields + position
      trail.append((field, seen[base + position]))
      seen[base + position] += 1
      let payload = try payload(of: tag, from: start, &at, end: range.upperBound)
      try known(field, wireType: tag & 7, payload, from: start)
      trail.removeLast()
    }
  }

  /// Where a field stands in its message's descriptor; nil for one that the schema leaves out.
  private func position(
    of number: UInt64, in descriptor: UnsafePointer<ProtobufCMessageDescriptor>
  ) -> Int? {
    (0..<Int(descriptor.pointee.n_fields)).first {
      UInt64(descriptor.pointee.fields[$0].id) == number
    }
  }

  /// Steps over one field's content and returns where it lies.
  private func payload(
    of tag: UInt64, from start: Int, _ at: inout Int, end: Int
  ) throws(InputError) -> Range<Int> {
    guard tag >> 3 >= 1, tag >> 3 < 1 << 29 else {
      throw refusal(start, "field number \(tag >> 3)", "1 to 536870911")
    }
    var content = at
    switch tag & 7 {
    case 0:
      _ = try varint(&at, end: end, longest: 10)
    case 1, 5:
      at += tag & 7 == 1 ? 8 : 4
    case 2:
      let length = try varint(&at, end: end, longest: 5)
      content = at
      at += Int(length)
    default:
      throw refusal(start, "wire type \(tag & 7)", "0, 1, 2 or 5")
    }
    guard at <= end else {
      let (needs, has) = (counted(at - content, "byte"), counted(end - content, "byte"))
      throw refusal(
        start, "a field of \(needs), of which \(has) are there",
        end == bytes.count ? "the rest of the file" : "a field that ends within its message")
    }
    return content..<at
  }

  /// Checks a field that the schema declares.
  private mutating func known(
    _ field: UnsafePointer<ProtobufCFieldDescriptor>, wireType: UInt64, _ payload: Range<Int>,
    from start: Int
  ) throws(InputError) {
    let repeated = field.pointee.label == PROTOBUF_C_LABEL_REPEATED
    if !repeated, let last = trail.last, last.index > 0 {
      throw refusal(start, "a second value", "one value")
    }
    let natural: UInt64
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_MESSAGE: natural = 2
    case PROTOBUF_C_TYPE_FLOAT: natural = 5
    case PROTOBUF_C_TYPE_DOUBLE: natural = 1
    default: natural = 0
    }
    if wireType != natural {
      guard repeated, wireType == 2 else {
        throw refusal(start, "wire type \(wireType)", "\(natural)")
      }
      return try packed(natural, payload)
    }
    switch field.pointee.type {
    case PROTOBUF_C_TYPE_STRING:
      try string(payload)
    case PROTOBUF_C_TYPE_MESSAGE:
      guard let descriptor = field.pointee.descriptor else { return }
      let inner = descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
      try message(inner, in: payload)
    default:
      break
    }
  }

  /// Checks a run of numbers without tags.
  private func packed(_ natural: UInt64, _ payload: Range<Int>) throws(InputError) {
    if natural == 0 {
      var at = payload.lowerBound
      while at < payload.upperBound {
        _ = try varint(&at, end: payload.upperBound, longest: 10)
      }
      return
    }
    let size = natural == 1 ? 8 : 4
    if !payload.count.isMultiple(of: size) {
      throw refusal(
        payload.lowerBound, counted(payload.count, "byte"), "a multiple of \(size)")
    }
  }

  /// protobuf-c hands strings out as C strings, which a NUL would cut short in silence.
  private func string(_ payload: Range<Int>) throws(InputError) {
    guard payload.count <= textLimit else {
      throw InputError(
        .limit, file: file, place: place(payload.lowerBound),
        found: "a text of \(payload.count) bytes", expected: "at most \(textLimit)")
    }
    let text = UnsafeRawBufferPointer(rebasing: bytes[payload])
    if text.contains(0) {
      throw refusal(payload.lowerBound, "a string with a NUL byte", "UTF-8 without NUL")
    }
    guard String(validating: text, as: UTF8.self) != nil else {
      throw refusal(payload.lowerBound, "a string that is not UTF-8", "UTF-8 without NUL")
    }
  }

  private func varint(
    _ at: inout Int, end: Int, longest: Int
  ) throws(InputError) -> UInt64 {
    let start = at
    var value: UInt64 = 0
    while at < end, at - start < longest {
      let byte = bytes[at]
      value |= UInt64(byte & 0x7f) << UInt64(7 * (at - start))
      at += 1
      if byte & 0x80 == 0 { return value }
    }
    throw refusal(
      start, "an integer that does not end within \(counted(at - start, "byte"))",
      "at most \(longest) bytes")
  }

  /// `byte 120 (graph.node[3].name)`.
  private func place(_ offset: Int) -> String {
    let steps = trail.map { step in
      let name = step.field.pointee.name.map { String(cString: $0) } ?? ""
      let repeated = step.field.pointee.label == PROTOBUF_C_LABEL_REPEATED
      return repeated ? "\(name)[\(step.index)]" : name
    }
    return "byte \(offset)" + (steps.isEmpty ? "" : " (\(steps.joined(separator: ".")))")
  }

  private func refusal(_ offset: Int, _ found: String, _ expected: String) -> InputError {
    InputError(
      file: file, place: place(offset), found: found, expected: expected,
      remedy: trail.count <= 1 ? "the file is not an ONNX model, or it is damaged" : "")
  }
}
