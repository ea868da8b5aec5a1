import COnnx
import CProtobufC
import FileAccess
import Glibc

/// The single owner of one message tree of protobuf-c; raw pointers live as long as it does.
struct UnpackedMessage<Message>: ~Copyable {
  private let message: UnsafeMutablePointer<ProtobufCMessage>
  private let memory: CappedMemory

  /// Scans and unpacks a message: a file, or one that the schema declares as bytes.
  ///
  /// - Parameter descriptor: that of `Message`.
  init(
    _ bytes: UnsafeRawBufferPointer, as descriptor: UnsafePointer<ProtobufCMessageDescriptor>?,
    file: String, limits: ModelLimits
  ) throws(InputError) {
    guard let descriptor else {
      throw InputError(file: file, found: "no schema for ONNX in this program")
    }
    try WireScan.check(bytes, as: descriptor, file: file, limits: limits)
    let memory = CappedMemory(limit: limits.unpackedBytes)
    let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard
      let message = protobuf_c_message_unpack(descriptor, memory.allocator, bytes.count, start)
    else {
      if memory.wasRefused {
        throw InputError(
          .limit, file: file, found: "unpacks to more than \(limits.unpackedBytes) bytes",
          expected: "at most that")
      }
      throw InputError(
        file: file, found: "\(counted(bytes.count, "byte")) that protobuf-c cannot unpack",
        expected: "an ONNX model")
    }
    (self.message, self.memory) = (message, memory)
  }

  deinit { protobuf_c_message_free_unpacked(message, memory.allocator) }

  /// Lends the message; nothing of it may be kept.
  func read<Result>(
    _ body: (Message) throws(InputError) -> Result
  ) throws(InputError) -> Result {
    try body(UnsafeRawPointer(message).assumingMemoryBound(to: Message.self).pointee)
  }
}

/// A whole file.
typealias UnpackedModel = UnpackedMessage<Onnx__ModelProto>

extension UnpackedMessage where Message == Onnx__ModelProto {
  /// Scans and unpacks a file.
  init(_ bytes: UnsafeRawBufferPointer, file: String, limits: ModelLimits) throws(InputError) {
    var empty = Onnx__ModelProto()
    onnx__model_proto__init(&empty)
    try self.init(bytes, as: empty.base.descriptor, file: file, limits: limits)
  }
}

extension UnpackedMessage where Message == Onnx__GraphProto {
  /// Scans and unpacks a graph inside a file.
  init(_ bytes: UnsafeRawBufferPointer, file: String, limits: ModelLimits) throws(InputError) {
    var empty = Onnx__GraphProto()
    onnx__graph_proto__init(&empty)
    try self.init(bytes, as: empty.base.descriptor, file: file, limits: limits)
  }
}

/// An allocator for protobuf-c that stops at a stated number of bytes.
///
/// protobuf-c frees everything itself, also after a refusal, and then reports a null message.
private final class CappedMemory {
  /// What protobuf-c is given.
  let allocator: UnsafeMutablePointer<ProtobufCAllocator>
  private let tally: UnsafeMutablePointer<Tally>

  private struct Tally {
    var free: Int
    var wasRefused = false
  }

  /// Room for the size of a block in front of it, at the strictest alignment.
  private static let header = 16

  init(limit: Int) {
    tally = .allocate(capacity: 1)
    tally.initialize(to: Tally(free: limit))
    allocator = .allocate(capacity: 1)
    allocator.initialize(
      to: ProtobufCAllocator(
        alloc: { data, size in CappedMemory.allocate(data, size) },
        free: { data, block in CappedMemory.free(data, block) },
        allocator_data: tally))
  }

  deinit {
    allocator.deallocate()
    tally.deallocate()
  }

  /// Whether an allocation was refused.
  var wasRefused: Bool { tally.pointee.wasRefused }

  private static func allocate(
    _ data: UnsafeMutableRawPointer?, _ size: Int
  ) -> UnsafeMutableRawPointer? {
    guard let tally = data?.assumingMemoryBound(to: Tally.self) else { return nil }
    let (total, overflow) = size.addingReportingOverflow(header)
    guard size >= 0, !overflow, total <= tally.pointee.free, let block = malloc(total) else {
      tally.pointee.wasRefused = true
      return nil
    }
    tally.pointee.free -= total
    block.storeBytes(of: total, as: Int.self)
    return block + header
  }

  private static func free(_ data: UnsafeMutableRawPointer?, _ block: UnsafeMutableRawPointer?) {
    guard let block, let tally = data?.assumingMemoryBound(to: Tally.self) else { return }
    let start = block - header
    tally.pointee.free += start.load(as: Int.self)
    Glibc.free(start)
  }
}
