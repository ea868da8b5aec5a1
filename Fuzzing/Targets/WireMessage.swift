/// A protobuf message taken apart, and put together again with lengths that fit.
struct WireMessage {
  /// The messages of ONNX that are taken apart.
  enum Kind {
    case model, operatorSet, graph, node, attribute, tensor, entry, value, type, tensorType, shape
    case dimension

    /// The kind of message in a field; nil for all others.
    func inside(_ number: UInt64) -> Kind? {
      switch (self, number) {
      case (.model, 7): .graph
      case (.model, 8): .operatorSet
      case (.graph, 1): .node
      case (.graph, 5): .tensor
      case (.graph, 11), (.graph, 12): .value
      case (.node, 5): .attribute
      case (.attribute, 5): .tensor
      case (.tensor, 13): .entry
      case (.value, 2): .type
      case (.type, 1): .tensorType
      case (.tensorType, 2): .shape
      case (.shape, 1): .dimension
      default: nil
      }
    }
  }

  enum Value {
    case integer(UInt64)
    case fixed([UInt8])
    case bytes([UInt8])
    case message(WireMessage)
  }

  struct Field {
    var number: UInt64
    var value: Value
  }

  let kind: Kind
  var fields: [Field] = []

  /// Takes bytes apart; nil where they are no message.
  init?(_ bytes: ArraySlice<UInt8>, _ kind: Kind) {
    self.kind = kind
    var rest = bytes
    while !rest.isEmpty {
      guard let key = Self.integer(&rest) else { return nil }
      switch key & 7 {
      case 0:
        guard let value = Self.integer(&rest) else { return nil }
        fields.append(Field(number: key >> 3, value: .integer(value)))
      case 1, 5:
        let count = key & 7 == 1 ? 8 : 4
        guard rest.count >= count else { return nil }
        fields.append(Field(number: key >> 3, value: .fixed(Array(rest.prefix(count)))))
        rest = rest.dropFirst(count)
      case 2:
        guard let count = Self.integer(&rest), count <= rest.count else { return nil }
        let content = rest.prefix(Int(count))
        rest = rest.dropFirst(Int(count))
        let message = kind.inside(key >> 3).flatMap { WireMessage(content, $0) }
        let value = message.map(Value.message) ?? .bytes(Array(content))
        fields.append(Field(number: key >> 3, value: value))
      default: return nil
      }
    }
  }

  /// The message as it stands in a file.
  var bytes: [UInt8] {
    var result: [UInt8] = []
    for field in fields {
      switch field.value {
      case .integer(let value):
        result += Self.varint(field.number << 3) + Self.varint(value)
      case .fixed(let bytes):
        result += Self.varint(field.number << 3 | (bytes.count == 8 ? 1 : 5)) + bytes
      case .bytes(let bytes):
        result += Self.varint(field.number << 3 | 2) + Self.varint(UInt64(bytes.count)) + bytes
      case .message(let message):
        let bytes = message.bytes
        result += Self.varint(field.number << 3 | 2) + Self.varint(UInt64(bytes.count)) + bytes
      }
    }
    return result
  }

  /// The number of fields, those of inner messages included.
  var fieldCount: Int {
    fields.reduce(0) { count, field in
      guard case .message(let message) = field.value else { return count + 1 }
      return count + 1 + message.fieldCount
    }
  }

  /// The short texts of the file: names and types, with which nodes are wired.
  var texts: [[UInt8]] {
    fields.flatMap { field -> [[UInt8]] in
      switch field.value {
      case .message(let message): message.texts
      case .bytes(let bytes) where bytes.count <= 40: [bytes]
      default: []
      }
    }
  }

  /// One of the messages of a kind.
  func part(like kind: Kind, _ random: inout SplitMix) -> WireMessage? {
    let parts = parts(like: kind)
    return parts.isEmpty ? nil : random.pick(parts)
  }

  private func parts(like kind: Kind) -> [WireMessage] {
    let inner = fields.flatMap { field -> [WireMessage] in
      if case .message(let message) = field.value { message.parts(like: kind) } else { [] }
    }
    return (self.kind == kind ? [self] : []) + inner
  }

  /// Calls the body with the message that holds field `target`, counted depth first, and with the
  /// field's index in it.
  mutating func change(
    at target: Int, _ random: inout SplitMix,
    _ body: (inout WireMessage, Int, inout SplitMix) -> Void
  ) {
    var passed = 0
    for index in fields.indices {
      if passed == target { return body(&self, index, &random) }
      passed += 1
      guard case .message(var message) = fields[index].value else { continue }
      let count = message.fieldCount
      if target < passed + count {
        message.change(at: target - passed, &random, body)
        fields[index].value = .message(message)
        return
      }
      passed += count
    }
  }

  private static func integer(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var (rest, bytes) = (value, [UInt8]())
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
