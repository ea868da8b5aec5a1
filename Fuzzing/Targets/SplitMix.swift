import FuzzDriver

/// A generator that repeats: Steele, Lea and Flood 2014.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number from 0 to `bound - 1`; 0 where that is none.
  mutating func below(_ bound: Int) -> Int {
    bound > 0 ? Int(next() % UInt64(bound)) : 0
  }

  /// One of several; there is at least one.
  mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
}

/// Changes bytes in one of libFuzzer's own ways.
func libFuzzerChange(_ buffer: UnsafeMutableBufferPointer<UInt8>, _ count: Int) -> Int {
  LLVMFuzzerMutate(buffer.baseAddress, count, buffer.count)
}
