import ModelFiles
import NetworkGraph
import Testing

@Suite struct TensorTests {
  /// A model whose only constant is `t`.
  private func file(_ tensor: Proto, limits: ModelLimits = ModelLimits()) throws -> ModelFile {
    try read(
      model(nodes: [node("Add", ["x", "t"], ["y"])], initializers: [tensor]), limits: limits)
  }

  @Test("raw data of every type is read, least significant byte first")
  func rawData() throws {
    let cases: [(Int64, ElementType, [UInt8], Tensor.Elements)] = [
      (1, .float32, littleEndian([1.5, -.infinity]), .float([1.5, -.infinity])),
      (
        11, .float64, littleEndian((0.1).bitPattern) + littleEndian((-2.0).bitPattern),
        .double([0.1, -2])
      ),
      // 0x3c00 is 1 and 0x0001 the least subnormal, 2^-24.
      (10, .float16, [0x00, 0x3c, 0x01, 0x00], .float([1, 0x1p-24])),
      (16, .bfloat16, [0x80, 0x3f, 0x00, 0xc0], .float([1, -2])),
      (3, .int8, [0xff, 0x80], .integer([-1, -128])),
      (2, .uint8, [0xff, 0x80], .integer([255, 128])),
      (5, .int16, [0xfe, 0xff, 1, 0], .integer([-2, 1])),
      (4, .uint16, [0xfe, 0xff, 1, 0], .integer([65534, 1])),
      (6, .int32, [0, 0, 0, 0x80, 1, 0, 0, 0], .integer([-2_147_483_648, 1])),
      (12, .uint32, [0, 0, 0, 0x80, 1, 0, 0, 0], .integer([2_147_483_648, 1])),
      (7, .int64, littleEndian(Int64.min) + littleEndian(Int64(5)), .integer([.min, 5])),
      (13, .uint64, littleEndian(Int64.max) + littleEndian(Int64(5)), .integer([.max, 5])),
      (9, .bool, [0, 1], .integer([0, 1])),
    ]
    for (type, elementType, bytes, elements) in cases {
      let file = try file(tensor("t", type: type, [1, 2]) { $0.data(9, bytes) })
      let expected = Tensor(shape: [1, 2], elementType: elementType, elements: elements)
      #expect(try constant("t", of: file) == expected)
    }
  }

  @Test("the typed fields hold the types that the format gives them")
  func typedFields() throws {
    let floats = littleEndian([1, 2])
    let doubles = littleEndian((1.5).bitPattern) + littleEndian((0.1).bitPattern)
    let cases: [(Int64, (inout Proto) -> Void, Tensor.Elements)] = [
      (1, { $0.data(4, floats) }, .float([1, 2])),
      // Not packed, as some writers do.
      (
        1,
        {
          $0.float(4, 1)
          $0.float(4, 2)
        }, .float([1, 2])
      ),
      (11, { $0.data(10, doubles) }, .double([1.5, 0.1])),
      (7, { $0.packed(7, [-1, 2]) }, .integer([-1, 2])),
      (6, { $0.packed(5, [-1, 2]) }, .integer([-1, 2])),
      (3, { $0.packed(5, [-128, 127]) }, .integer([-128, 127])),
      (2, { $0.packed(5, [0, 255]) }, .integer([0, 255])),
      (9, { $0.packed(5, [0, 1]) }, .integer([0, 1])),
      (10, { $0.packed(5, [0x3c00, 0xc000]) }, .float([1, -2])),
      (16, { $0.packed(5, [0x3f80, 0xc000]) }, .float([1, -2])),
      (12, { $0.packed(11, [1, 4_294_967_295]) }, .integer([1, 4_294_967_295])),
      (13, { $0.packed(11, [1, .max]) }, .integer([1, .max])),
    ]
    for (type, fill, elements) in cases {
      let file = try file(tensor("t", type: type, [2], fill))
      #expect(try constant("t", of: file).elements == elements)
    }
  }

  @Test("scalars and empty tensors are tensors")
  func emptyShapes() throws {
    #expect(try constant("t", of: file(floatTensor("t", [], [3]))).shape == [])
    #expect(try constant("t", of: file(tensor("t", [0, 5]) { _ in })).count == 0)
  }

  @Test("data that does not fill the shape, or does not fit the type, is refused with both")
  func refusals() {
    let cases: [(Proto, String)] = [
      (
        tensor("t", [3, 4]) { $0.data(9, [UInt8](repeating: 0, count: 46)) },
        "raw_data holds 46 bytes; expected 48 for float32 [3, 4]"
      ),
      (
        tensor("t", [3]) { $0.data(4, littleEndian([1, 2])) },
        "float_data holds 2 values; expected 3 for float32 [3]"
      ),
      (tensor("t", [3]) { _ in }, "no data; expected float32 [3]"),
      (tensor("t", [-3]) { _ in }, "dimensions [-3]; expected none below 0"),
      (
        tensor("t", [1]) {
          $0.data(9, littleEndian([1]))
          $0.data(4, littleEndian([1]))
        }, "data in raw_data and float_data; expected data in one field"
      ),
      (
        tensor("t", type: 7, [1]) { $0.data(4, littleEndian([1])) },
        "data in float_data; expected a field that fits int64"
      ),
      (
        tensor("t", type: 3, [2]) { $0.packed(5, [1, 128]) },
        "element 1 is 128; expected int8, -128 to 127"
      ),
      (
        tensor("t", type: 13, [1]) { $0.packed(11, [-1]) },
        "element 0 is 18446744073709551615; expected uint64, 0 to 9223372036854775807"
      ),
      (
        tensor("t", type: 13, [1]) { $0.data(9, littleEndian(Int64.min)) },
        "element 0 is 9223372036854775808; expected uint64, 0 to 9223372036854775807"
      ),
      (
        tensor("t", type: 9, [2]) { $0.data(9, [1, 2]) }, "element 1 is 2; expected bool, 0 to 1"
      ),
      (
        tensor("t", type: 10, [1]) { $0.packed(5, [70000]) },
        "int32_data[0] is 70000; expected the 16 bits of a float16"
      ),
      (
        tensor("t", [1]) { $0.data(3, [8, 1]) },
        "a segment of a tensor; expected a whole tensor"
      ),
    ]
    for (tensor, words) in cases {
      #expect(refusal { try file(tensor) } == "net: initializer 't': " + words)
    }
  }

  @Test("a shape beyond the data is refused before anything is allocated")
  func hugeDimensions() {
    let cases: [([Int64], String)] = [
      ([1 << 62], "no data; expected float32 [4611686018427387904]"),
      (
        [1 << 32, 1 << 32],
        "dimensions [4294967296, 4294967296]; expected at most 2147483648 elements"
      ),
      (
        [1 << 32, 1 << 32, 0],
        "dimensions [4294967296, 4294967296, 0]; expected at most 2147483648 elements"
      ),
    ]
    for (dims, words) in cases {
      #expect(refusal { try file(tensor("t", dims) { _ in }) } == "net: initializer 't': " + words)
    }
    let raw = tensor("t", [1 << 62]) { $0.data(9, [0, 0, 0, 0]) }
    #expect(
      refusal { try file(raw) }
        == "net: initializer 't': raw_data holds 4 bytes; expected float32 [4611686018427387904]")
  }

  @Test("the number of elements of one tensor has a limit")
  func tensorElements() {
    var limits = ModelLimits()
    limits.tensorElements = 3
    let words = refusal(.limit) { try file(floatTensor("t", [4], [1, 2, 3, 4]), limits: limits) }
    #expect(words == "net: initializer 't': dimensions [4]; expected at most 3 elements")
  }

  @Test("the memory of all tensors together has a limit")
  func tensorBytes() {
    var limits = ModelLimits()
    limits.tensorBytes = 15
    let words = refusal(.limit) { try file(floatTensor("t", [4], [1, 2, 3, 4]), limits: limits) }
    #expect(
      words == "net: initializer 't': tensors of more than 15 bytes together; expected at most that"
    )
  }
}
