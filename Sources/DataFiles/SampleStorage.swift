/// The elements of an array as the bytes of its file: nothing is widened before it is asked for, so
/// that ten thousand images of 28x28 bytes stay 8 MB.
struct SampleStorage: Sendable {
  let bytes: [UInt8]
  /// Where the first element begins.
  let offset: Int
  let type: SampleType
  let isBigEndian: Bool

  /// The elements `start + offsets[0], start + offsets[1], ...`, as binary64.
  func gather(
    from start: Int, offsets: [Int], into target: UnsafeMutableBufferPointer<Double>
  ) {
    read(into: target) { start + offsets[$0] }
  }

  /// The elements `start, start + 1, ...`, as binary64.
  func copy(from start: Int, into target: UnsafeMutableBufferPointer<Double>) {
    read(into: target) { start + $0 }
  }

  /// The first element, in the file's order, that is not finite or that binary64 cannot hold.
  func firstUnusable() -> (element: Int, words: String)? {
    if type.isAlwaysExact { return nil }
    let count = (bytes.count - offset) / type.byteCount
    return bytes.withUnsafeBytes { source in
      for element in 0..<count {
        let position = offset + element * type.byteCount
        if type == .int64 {
          let value = Int64(bitPattern: word(source, position, UInt64.self))
          if Int64(exactly: Double(value)) != value {
            return (element, "\(value), which binary64 cannot hold")
          }
        } else {
          let value = float(source, position)
          if value.isNaN { return (element, "NaN") }
          if value.isInfinite { return (element, value < 0 ? "-infinity" : "infinity") }
        }
      }
      return nil
    }
  }

  @inline(__always)
  private func read(
    into target: UnsafeMutableBufferPointer<Double>, element: (Int) -> Int
  ) {
    bytes.withUnsafeBytes { source in
      let size = type.byteCount
      switch type {
      case .uint8:
        for k in target.indices { target[k] = Double(source[offset + element(k)]) }
      case .int8:
        for k in target.indices {
          target[k] = Double(Int8(bitPattern: source[offset + element(k)]))
        }
      case .int16:
        for k in target.indices {
          let position = offset + element(k) * size
          target[k] = Double(Int16(bitPattern: word(source, position, UInt16.self)))
        }
      case .int32:
        for k in target.indices {
          let position = offset + element(k) * size
          target[k] = Double(Int32(bitPattern: word(source, position, UInt32.self)))
        }
      case .int64:
        for k in target.indices {
          let position = offset + element(k) * size
          target[k] = Double(Int64(bitPattern: word(source, position, UInt64.self)))
        }
      case .float32, .float64:
        for k in target.indices { target[k] = float(source, offset + element(k) * size) }
      }
    }
  }

  @inline(__always)
  private func word<Word: FixedWidthInteger & BitwiseCopyable>(
    _ source: UnsafeRawBufferPointer, _ position: Int, _: Word.Type
  ) -> Word {
    let stored = source.loadUnaligned(fromByteOffset: position, as: Word.self)
    return isBigEndian ? Word(bigEndian: stored) : Word(littleEndian: stored)
  }

  @inline(__always)
  private func float(_ source: UnsafeRawBufferPointer, _ position: Int) -> Double {
    type == .float32
      ? Double(Float(bitPattern: word(source, position, UInt32.self)))
      : Double(bitPattern: word(source, position, UInt64.self))
  }
}
