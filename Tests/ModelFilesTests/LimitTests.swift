import Foundation
import ModelFiles
import Testing

/// The limits that hold where nobody says otherwise, each at its number and one beyond.
@Suite struct LimitTests {
  @Test("65536 nodes or layers are read, one more is refused, in every format")
  func nodes() throws {
    let limit = 1 << 16
    for (count, isRead) in [(limit, true), (limit + 1, false)] {
      let words = "; expected at most 65536"
      let relu = node("Relu", ["x"], ["y"])
      let binary = model(nodes: [Proto](repeating: relu, count: count))
      let found = refusal(isRead ? .content : .limit) { try read(binary) }
      // The scan and the count come first: what is wrong with the names is said afterwards.
      #expect(found.contains(isRead ? "defines too" : "net: graph: \(count) nodes" + words))

      let layers = [String](repeating: "{\"type\":\"relu\"}", count: count).joined(separator: ",")
      let plain = """
        {"format":"certify-weights","version":1,"input":{"shape":[1]},"layers":[\(layers)]}
        """
      #expect(
        refusal(.limit) { try read(json: plain) }
          == (isRead ? "accepted: 65536 nodes" : "net: $.layers: \(count) layers" + words))

      let empty = [String](repeating: "{\"opType\":\"Relu\"}", count: count).joined(separator: ",")
      let json = "{\"graph\":{\"node\":[\(empty)]},\"opsetImport\":[{\"version\":13}]}"
      #expect(
        refusal(isRead ? .content : .limit) { try read(json: json) }
          == (isRead ? "accepted: 65536 nodes" : "net: $.graph: \(count) nodes" + words))

      let sizes = String(repeating: "1,", count: count + 1)
      let units = String(repeating: "1,\n", count: 2 * count)
      let text = "//\n\(count),1,1,1,\n\(sizes)\n0,\n0,\n0,\n0,0,\n1,1,\n\(units)"
      #expect(
        refusal(.limit) { try read(Array(text.utf8)) }
          == (isRead ? "accepted: 131071 nodes" : "net: line 2: \(count) layers" + words))
    }
  }

  @Test("a text of 65536 bytes is read, one of 65537 is refused, before it is looked at")
  func texts() {
    for length in [65536, 65537] {
      let name = String(repeating: "n", count: length)
      let words = refusal(.limit) { try read(model(nodes: [node("Relu", ["x"], [name])])) }
      #expect(
        words
          == (length == 65536
            ? "accepted: 1 nodes"
            : "net: byte 23 (graph.node[0].output[0]): a text of 65537 bytes; expected at most 65536")
      )
    }
  }

  @Test("a tensor of 64 dimensions is read, one of 65 is refused, in every format")
  func dimensions() {
    for rank in [64, 65] {
      let dims = [Int64](repeating: 1, count: rank)
      let bytes = model(
        nodes: [node("Add", ["x", "t"], ["y"])], initializers: [floatTensor("t", dims, [1])])
      let words = "initializer 't': 65 dimensions; expected at most 64"
      #expect(
        refusal { try read(bytes) } == (rank == 64 ? "accepted: 1 nodes" : "net: " + words))
      let ones = [String](repeating: "1", count: rank).joined(separator: ",")
      let plain = """
        {"format":"certify-weights","version":1,"input":{"shape":[\(ones)]},
        "layers":[{"type":"relu"}]}
        """
      #expect(
        refusal { try read(json: plain) }
          == (rank == 64
            ? "accepted: 1 nodes"
            : "net: $.input.shape: 65 dimensions; expected at most 64"))
    }
  }

  @Test("64 levels of JSON are read, 65 are refused")
  func depth() {
    for depth in [64, 65] {
      let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      let words = refusal(depth == 64 ? .content : .limit) { try read(json: arrays) }
      #expect(words.contains(depth == 64 ? "an object" : "more than 64 levels"), "\(words)")
    }
  }

  @Test("a line of commas costs no more than itself, and a long list is cut in messages")
  func longLists() {
    let commas = [UInt8](repeating: UInt8(ascii: ","), count: 1_000_000)
    #expect(
      refusal { try ModelFile.decode(commas, path: "net.nnet") }
        == "net.nnet: line 1: 1000000 numbers; expected 4: "
        + "the numbers of layers, inputs, outputs and units")
    let axes = [Int64](repeating: 1, count: 1000)
    let words = refusal {
      try read(
        model(
          nodes: [node("Add", ["x", "t"], ["y"])],
          initializers: [tensor("t", axes) { _ in }]))
    }
    #expect(words.count < 200, "\(words)")
  }
}
