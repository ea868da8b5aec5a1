/// Elements of one type as they lie in a file, and what binary64 makes of them.
struct RawElements {
  let source: UnsafeRawBufferPointer
  let type: SampleType
  let isBigEndian: Bool

  /// The elements whose positions are given, as binary64.
  func read(into target: UnsafeMutableBufferPointer<Double>, element: (Int) -> Int) {
    switch type {
    case .bool, .uint8: for k in target.indices { target[k] = Double(source[element(k)]) }
    case .int8: for k in target.indices { target[k] = Double(Int8(bitPattern: source[element(k)])) }
    case .uint16: for k in target.indices { target[k] = Double(word(element(k), UInt16.self)) }
    case .int16: for k in target.indices { target[k] = Double(word(element(k), Int16.self)) }
    case .uint32: for k in target.indices { target[k] = Double(word(element(k), UInt32.self)) }
    case .int32: for k in target.indices { target[k] = Double(word(element(k), Int32.self)) }
    case .uint64: for k in target.indices { target[k] = Double(word(element(k), UInt64.self)) }
    case .int64: for k in target.indices { target[k] = Double(word(element(k), Int64.self)) }
    case .float16: for k in target.indices { target[k] = half(word(element(k), UInt16.self)) }
    case .float32: for k in target.indices { target[k] = single(element(k)) }
    case .float64: for k in target.indices { target[k] = double(element(k)) }
    }
  }

  /// The first element that is not finite, that binary64 cannot hold, or that its type does not have.
  func firstUnusable() -> (element: Int, words: String)? {
    if type.isAlwaysExact { return nil }
    for element in 0..<(source.count / type.byteCount) {
      if let words = trouble(with: element) { return (element, words) }
    }
    return nil
  }

  @inline(__always)
  private func trouble(with element: Int) -> String? {
    switch type {
    case .bool: source[element] > 1 ? "\(source[element]) as a boolean" : nil
    case .int64: inexact(word(element, Int64.self))
    case .uint64: inexact(word(element, UInt64.self))
    case .float16: infinite(half(word(element, UInt16.self)))
    case .float32: infinite(single(element))
    case .float64: infinite(double(element))
    case .uint8, .int8, .uint16, .int16, .uint32, .int32: nil
    }
  }

  @inline(__always)
  private func inexact<Word: FixedWidthInteger>(_ value: Word) -> String? {
    Word(exactly: Double(value)) == value ? nil : "\(value), which binary64 cannot hold"
  }

  @inline(__always)
  private func infinite(_ value: Double) -> String? {
    if value.isFinite { return nil }
    return value.isNaN ? "NaN" : value < 0 ? "-infinity" : "infinity"
  }

  @inline(__always)
  private func word<Word: FixedWidthInteger & BitwiseCopyable>(_ element: Int, _: Word.Type) -> Word
  {
    let position = element * MemoryLayout<Word>.size
    let stored = source.loadUnaligned(fromByteOffset: position, as: Word.self)
    return isBigEndian ? Word(bigEndian: stored) : Word(littleEndian: stored)
  }

  @inline(__always)
  private func single(_ element: Int) -> Double {
    Double(Float(bitPattern: word(element, UInt32.self)))
  }

  @inline(__always)
  private func double(_ element: Int) -> Double { Double(bitPattern: word(element, UInt64.self)) }

  /// The value of a binary16 number (IEEE 754, 3.6): sign, 5 bits of exponent, 10 of fraction.
  @inline(__always)
  private func half(_ bits: UInt16) -> Double {
    let (exponent, fraction) = (Int(bits >> 10 & 0x1f), Double(bits & 0x3ff))
    let magnitude =
      switch exponent {
      // 2^-24 is the least number.
      case 0: fraction * 0x1p-24
      case 0x1f: fraction == 0 ? Double.infinity : Double.nan
      default: (fraction + 1024) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
      }
    return bits >> 15 == 0 ? magnitude : -magnitude
  }
}
