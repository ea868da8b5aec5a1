import FileAccess
import Foundation
import ModelFiles
import NetworkGraph
import Testing

/// Models whose weights lie in files of more than 2 GiB; the files are holes, and take no disk.
@Suite struct LargeExternalDataTests {
  private func external(_ name: String, _ dims: [Int64], offset: Int? = nil) -> Proto {
    tensor(name, dims) { tensor in
      for (key, value) in [("location", "net.data"), ("offset", offset.map { "\($0)" })] {
        guard let value else { continue }
        var entry = Proto()
        entry.string(1, key)
        entry.string(2, value)
        tensor.message(13, entry)
      }
      tensor.integer(14, 1)
    }
  }

  private func read(
    _ tensors: [Proto], size: Int, parts: [Int: [Float]] = [:], limits: ModelLimits = ModelLimits()
  ) throws -> ModelFile {
    try withFolder { folder in
      let bytes = model(nodes: [node("Add", ["x", "a"], ["y"])], initializers: tensors)
      try write(bytes, to: folder + "/net.onnx")
      try write([], to: folder + "/net.data")
      let file = try FileHandle(forWritingTo: URL(fileURLWithPath: folder + "/net.data"))
      try file.truncate(atOffset: UInt64(size))
      for (offset, values) in parts {
        try file.seek(toOffset: UInt64(offset))
        try file.write(contentsOf: Data(littleEndian(values)))
      }
      try file.close()
      do {
        return try ModelFile.read(path: folder + "/net.onnx", limits: limits)
      } catch var error as InputError {
        error.file = "net.onnx"
        error.found = error.found.replacingOccurrences(of: folder, with: "FOLDER")
        throw error
      }
    }
  }

  @Test("tensors that lie beyond 2^31 and 2^32 bytes are read from there")
  func offsets() throws {
    let places = ["a": 1 << 31 - 4, "b": 1 << 31 + 12, "c": 1 << 32 - 4, "d": 1 << 32 + 28]
    let size = 1 << 32 + 36
    var values: [Int: [Float]] = [:]
    for (index, (_, place)) in places.sorted(by: { $0.value < $1.value }).enumerated() {
      values[place] = [Float(index) + 0.5, Float(index) + 0.75]
    }
    let file = try read(
      places.map { external($0.key, [2], offset: $0.value) }, size: size, parts: values)
    for (name, place) in places {
      #expect(try constant(name, of: file).elements == .float(values[place] ?? []), "\(name)")
    }
    #expect(file.externalFiles.count == 1)
    // What lies past the end is refused, however large the numbers are.
    #expect(
      refusal { try read([external("a", [2], offset: size - 4)], size: size) }
        == "net.onnx: initializer 'a': 8 bytes from byte 4294967328 of 'FOLDER/net.data'; "
        + "expected a part of its 4294967332 bytes")
  }

  @Test("tensors of more than 16 GiB in all are refused before one of them is read")
  func total() {
    // Two take 16 GiB less 8 bytes, and the third 12.
    let tensors = zip(["a", "b", "c"], [Int64(1) << 31 - 1, 1 << 31 - 1, 3]).map {
      external($0, [$1])
    }
    #expect(
      refusal(.limit) { try read(tensors, size: 1 << 33) }
        == "net.onnx: initializer 'c': tensors of more than 17179869184 bytes together; "
        + "expected at most that")
  }

  @Test("one tensor of more than 2^31 elements, and a file of more than 64 GiB, are refused")
  func single() {
    #expect(
      refusal(.limit) { try read([external("a", [(1 << 31) + 1])], size: 1 << 35) }
        == "net.onnx: initializer 'a': dimensions [2147483649]; expected at most 2147483648 elements"
    )
    #expect(
      refusal(.limit) { try read([external("a", [2])], size: 1 << 36 + 1) }
        == "net.onnx: initializer 'a': external data in 'FOLDER/net.data' of 68719476737 bytes; "
        + "expected at most 68719476736")
  }
}
