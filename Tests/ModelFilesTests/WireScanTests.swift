import ModelFiles
import Testing

@Suite struct WireScanTests {
  @Test("damage is refused with the byte and the field where it lies")
  func damage() {
    let damaged = "\nthe file is not an ONNX model, or it is damaged"
    let cases: [([UInt8], String)] = [
      ([0x00], "byte 0: field number 0; expected 1 to 536870911" + damaged),
      ([0x0b], "byte 0 (ir_version): wire type 3; expected 0, 1, 2 or 5" + damaged),
      ([0x0f], "byte 0 (ir_version): wire type 7; expected 0, 1, 2 or 5" + damaged),
      (
        [0x80],
        "byte 0: an integer that does not end within 1 byte; expected at most 5 bytes" + damaged
      ),
      (
        [0x08] + [UInt8](repeating: 0xff, count: 10) + [0],
        "byte 1 (ir_version): an integer that does not end within 10 bytes; expected at most 10 bytes"
          + damaged
      ),
      (
        [0x3a, 5, 0x12, 1],
        "byte 0 (graph): a field of 5 bytes, of which 2 bytes are there; expected the rest of the file"
          + damaged
      ),
      // A graph of 4 bytes whose name claims 9.
      (
        [0x3a, 4, 0x12, 9, 65, 66, 0x08, 0x08],
        "byte 2 (graph.name): a field of 9 bytes, of which 2 bytes are there; "
          + "expected a field that ends within its message"
      ),
      ([0x3a, 0, 0x3a, 0], "byte 2 (graph): a second value; expected one value" + damaged),
      ([0x38, 1], "byte 0 (graph): wire type 0; expected 2" + damaged),
      ([0x0a, 1, 1], "byte 0 (ir_version): wire type 2; expected 0" + damaged),
      (
        [0x3a, 5, 0x0a, 3, 0x1a, 1, 0],
        "byte 6 (graph.node[0].name): a string with a NUL byte; expected UTF-8 without NUL"
      ),
      (
        [0x3a, 7, 0x0a, 0, 0x0a, 3, 0x1a, 1, 0xff],
        "byte 8 (graph.node[1].name): a string that is not UTF-8; expected UTF-8 without NUL"
      ),
      (
        [0x3a, 5, 0x2a, 3, 0x22, 1, 7],
        "byte 6 (graph.initializer[0].float_data[0]): 1 byte; expected a multiple of 4"
      ),
    ]
    for (bytes, words) in cases { #expect(refusal { try read(bytes) } == "net: " + words) }
  }

  @Test("text is not an ONNX model, and is called a text")
  func text() {
    let words = refusal { try read(Array("hello, world".utf8)) }
    #expect(
      words.hasPrefix("net: a text; expected a model in ONNX, JSON or .nnet form\n"), "\(words)")
  }

  @Test("fields that the format does not have yet are passed over")
  func unknownFields() throws {
    let file = try read(
      model(
        nodes: [node("Relu", ["x"], ["y"])],
        inModel: {
          $0.integer(1000, 1)
          $0.string(1001, "not \0 looked at")
          $0.float(1002, 1)
        }))
    #expect(file.graph.nodes.count == 1)
  }

  @Test("messages nested 3000 deep are read past, not into")
  func nesting() throws {
    // A node with an attribute with a graph with a node ...; lengths grow outwards.
    var graph = Proto()
    for _ in 0..<1000 {
      var (attribute, node, outer) = (Proto(), Proto(), Proto())
      attribute.string(1, "body")
      attribute.message(6, graph)
      node.message(5, attribute)
      outer.message(1, node)
      graph = outer
    }
    var model = Proto()
    model.message(7, graph)
    #expect(refusal { try read(model.bytes) }.contains("opset_import"))
  }

  @Test("the number of fields has a limit, and so has protobuf-c's memory")
  func limits() {
    var graph = Proto()
    for _ in 0..<2000 { graph.message(1, Proto()) }
    var model = Proto()
    model.message(7, graph)
    var limits = ModelLimits()
    limits.fields = 1500
    #expect(
      refusal(.limit) { try read(model.bytes, limits: limits) }
        == "net: byte 3001 (graph): more than 1500 fields; expected at most 1500 in all")
    limits = ModelLimits()
    limits.unpackedBytes = 100_000
    #expect(
      refusal(.limit) { try read(model.bytes, limits: limits) }
        == "net: unpacks to more than 100000 bytes; expected at most that")
  }
}
