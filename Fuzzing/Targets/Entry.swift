import Glibc

/// The target that the command line names, and what it is given to read.
///
/// libFuzzer calls from C, one input after the other, on one thread.
nonisolated(unsafe) private var chosen: FuzzTarget?

/// Called once: finds `--target=NAME`, which libFuzzer itself passes over.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>>>
) -> Int32 {
  let words = (0..<Int(count.pointee)).map { String(cString: arguments.pointee[$0]) }
  let prefix = "--target="
  let name = words.first { $0.hasPrefix(prefix) }?.dropFirst(prefix.count)
  chosen = name.flatMap { FuzzTarget(rawValue: String($0)) }
  if chosen == nil {
    let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
    let words = Array("say \(prefix)NAME, one of: \(names)\n".utf8)
    _ = write(STDERR_FILENO, words, words.count)
    exit(64)
  }
  return 0
}

/// Called for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  chosen?.run(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// Called instead of libFuzzer's own changes.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
  _ bytes: UnsafeMutablePointer<UInt8>, _ count: Int, _ limit: Int, _ seed: UInt32
) -> Int {
  var random = SplitMix(state: UInt64(seed))
  let buffer = UnsafeMutableBufferPointer(start: bytes, count: limit)
  if chosen == .onnx, random.below(4) != 0,
    let changed = ProtobufMutation.changed(Array(buffer[..<count]), &random),
    changed.count <= limit
  {
    _ = buffer.update(from: changed)
    return changed.count
  }
  return libFuzzerChange(buffer, count)
}
