import NetworkGraph

extension ElementType {
  /// The bytes of one element in a file.
  var byteCount: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// The bytes of one element of `Tensor.Elements`.
  var storedByteCount: Int {
    switch self {
    case .float16, .bfloat16, .float32: 4
    default: 8
    }
  }

  /// The values that an integer of this type may have; uint64 ends where `Int64` does.
  var integerRange: ClosedRange<Int64> {
    switch self {
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32768...32767
    case .uint16: 0...65535
    case .int32: Int64(Int32.min)...Int64(Int32.max)
    case .uint32: 0...Int64(UInt32.max)
    case .uint64: 0...Int64.max
    case .bool: 0...1
    default: Int64.min...Int64.max
    }
  }
}

/// Elements of a file's bytes, least significant byte first, at any alignment.
enum LittleEndian {
  /// Reads `count` elements; `bytes` holds exactly that many.
  static func elements(
    _ bytes: UnsafeRawBufferPointer, type: ElementType, count: Int
  ) -> Tensor.Elements {
    switch type {
    case .float32:
      .float(read(bytes, count) { (bits: UInt32) in Float(bitPattern: bits) })
    case .float64:
      .double(read(bytes, count) { (bits: UInt64) in Double(bitPattern: bits) })
    case .float16:
      .float(read(bytes, count) { float(bits: $0, isBrain: false) })
    case .bfloat16:
      .float(read(bytes, count) { float(bits: $0, isBrain: true) })
    case .int8: .integer(read(bytes, count) { (value: Int8) in Int64(value) })
    case .int16: .integer(read(bytes, count) { (value: Int16) in Int64(value) })
    case .int32: .integer(read(bytes, count) { (value: Int32) in Int64(value) })
    case .int64: .integer(read(bytes, count) { (value: Int64) in value })
    case .uint8, .bool: .integer(read(bytes, count) { (value: UInt8) in Int64(value) })
    case .uint16: .integer(read(bytes, count) { (value: UInt16) in Int64(value) })
    case .uint32: .integer(read(bytes, count) { (value: UInt32) in Int64(value) })
    // Values from 2^63 on turn negative here, which the decoder's range check refuses.
    case .uint64: .integer(read(bytes, count) { (value: UInt64) in Int64(bitPattern: value) })
    }
  }

  /// The value of a 16-bit float, exactly.
  static func float(bits: UInt16, isBrain: Bool) -> Float {
    isBrain ? Float(bitPattern: UInt32(bits) << 16) : Float(Float16(bitPattern: bits))
  }

  private static func read<Stored: FixedWidthInteger, Element>(
    _ bytes: UnsafeRawBufferPointer, _ count: Int, _ convert: (Stored) -> Element
  ) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      let size = MemoryLayout<Stored>.size
      for index in 0..<count {
        let stored = bytes.loadUnaligned(fromByteOffset: index * size, as: Stored.self)
        buffer.initializeElement(at: index, to: convert(Stored(littleEndian: stored)))
      }
      initialized = count
    }
  }
}
