import ModelFiles
import NetworkGraph
import Testing

@Suite struct NNetTests {
  private let text = """
    // A network of two layers
    // in two comment lines
    2,2,2,3,
    2,3,2,
    0,
    -1.0,-2.0,
    1.0,2.0,
    0.5,0.25,10.0,
    2.0,4.0,3.0,
    1.0,2.0,
    3.0,4.0,
    5.0,6.0,
    0.1,
    0.2,
    0.3,
    1e0,-2.5E-1,3,
    4,5,6,
    -0.5,
    0.5,

    """

  private func vector(_ values: [Double], shape: [Int]) -> Tensor {
    Tensor(shape: shape, elementType: .float64, elements: .double(values))
  }

  @Test("means, ranges and layers become nodes in order of evaluation")
  func network() throws {
    let file = try read(Array(text.utf8))
    #expect(file.format == .nnet)
    let graph = file.graph
    #expect(
      graph.nodes.map(\.operatorType) == ["Sub", "Div", "Gemm", "Relu", "Gemm", "Mul", "Add"])
    let dimensions: [Dimension] = [.symbolic("batch"), .fixed(2)]
    #expect(graph.inputs[0].dimensions == dimensions)
    #expect(graph.initializers["means"] == vector([0.5, 0.25], shape: [2]))
    #expect(graph.initializers["ranges"] == vector([2, 4], shape: [2]))
    #expect(graph.initializers["layer 1 weights"] == vector([1, 2, 3, 4, 5, 6], shape: [3, 2]))
    #expect(graph.initializers["layer 1 biases"] == vector([0.1, 0.2, 0.3], shape: [3]))
    #expect(
      graph.initializers["layer 2 weights"] == vector([1, -0.25, 3, 4, 5, 6], shape: [2, 3]))
    #expect(graph.initializers["layer 2 biases"] == vector([-0.5, 0.5], shape: [2]))
    #expect(graph.initializers["output range"] == vector([3], shape: [1]))
    #expect(graph.initializers["output mean"] == vector([10], shape: [1]))
    #expect(
      file.notes == ["inputs are not clipped to the least and greatest values that the file states"]
    )
  }

  @Test("where nothing is normalised, no node stands for it; Windows line ends are fine")
  func noNormalisation() throws {
    let plain = text.replacing("0.5,0.25,10.0,", with: "0,0,0").replacing(
      "2.0,4.0,3.0,", with: "1,1,1"
    )
    .replacing("\n", with: "\r\n")
    let graph = try read(Array(plain.utf8)).graph
    #expect(graph.nodes.map(\.operatorType) == ["Gemm", "Relu", "Gemm"])
  }

  @Test("a range that was never set normalises nothing, and a person is told")
  func unsetRanges() throws {
    for (range, words) in [("0", "0"), ("-2.5", "-2.5")] {
      let changed = text.replacing("2.0,4.0,3.0,", with: "2.0,\(range),3.0,")
      let file = try read(Array(changed.utf8))
      #expect(file.graph.initializers["means"] == vector([0.5, 0], shape: [2]))
      #expect(file.graph.initializers["ranges"] == vector([2, 1], shape: [2]))
      #expect(
        file.warnings == [
          "line 9: the range of input 1 is \(words): taken as not normalised, range 1 and mean 0"
        ])
    }
    let output = try read(Array(text.replacing("2.0,4.0,3.0,", with: "2.0,4.0,0,").utf8))
    #expect(output.graph.nodes.map(\.operatorType) == ["Sub", "Div", "Gemm", "Relu", "Gemm"])
    #expect(
      output.warnings.count == 1 && output.warnings[0].contains("the range of the outputs is 0"))
  }

  @Test("entries that are missing or too many are said, and the last is that of the outputs")
  func otherCounts() throws {
    let more = text.replacing("0.5,0.25,10.0,", with: "0.5,0.25,7,10.0,").replacing(
      "2.0,4.0,3.0,", with: "2.0,4.0,3.0")
    let file = try read(Array(more.utf8))
    #expect(file.graph.initializers["output mean"] == vector([10], shape: [1]))
    #expect(file.notes.contains { $0.hasPrefix("4 means for 2 inputs: the first 2 are theirs") })
    let fewer = text.replacing("0.5,0.25,10.0,", with: "0.5,0.25")
    let without = try read(Array(fewer.utf8))
    #expect(without.graph.initializers["output mean"] == vector([0], shape: [1]))
    #expect(without.notes.contains("no mean for the outputs: taken as 0"))
  }

  @Test("the name decides where no comment does")
  func name() throws {
    let bare = String(text.drop { $0 != "2" })
    #expect(try read(Array(bare.utf8), name: "ACAS.NNET").format == .nnet)
  }

  @Test("a refusal names the line")
  func refusals() {
    let cases: [(old: String, new: String, words: String)] = [
      (
        "2,2,2,3,", "2,2",
        "line 3: 2 numbers; expected 4: the numbers of layers, inputs, outputs and units"
      ),
      ("2,2,2,3,", "2,2,x,3,", "line 3: 'x'; expected a count of 1 or more"),
      ("2,2,2,3,", "0,2,2,3,", "line 3: '0'; expected a count of 1 or more"),
      (
        "2,2,2,3,", "99999999,2,2,3,", "line 3: 99999999 layers; expected as many as the file holds"
      ),
      (
        "2,3,2,", "2,3,4,",
        "line 4: layers of [2, 3, 4] units; expected 2 first and 2 last, as above"
      ),
      ("2,3,2,", "2,3,3,2,", "line 4: 4 numbers; expected 3: the size of every layer"),
      (
        "0.5,0.25,10.0,", "0.5,",
        "line 8: 1 number; expected 3: the mean of each input and of the outputs"
      ),
      ("0.5,0.25,10.0,", "0.5,nan,10.0,", "line 8: 'nan'; expected a finite number"),
      ("0.5,0.25,10.0,", "0.5,0x1p3,10.0,", "line 8: '0x1p3'; expected a finite number"),
      ("0.5,0.25,10.0,", "0.5,1e999,10.0,", "line 8: '1e999'; expected a finite number"),
      ("3.0,4.0,\n", "3.0,\n", "line 11: 1 number; expected 2: row 1 of the weights of layer 1"),
      ("0.2,\n", "0.2,0.3,\n", "line 14: 2 numbers; expected 1: bias 1 of layer 1"),
      ("\n0.5,\n", "\n", "line 18: the end of the file; expected bias 1 of layer 2"),
      (
        "\n0.5,\n", "\n0.5,\n7\n",
        "line 20: a line after the last bias; expected the end of the file"
      ),
    ]
    for (old, new, words) in cases {
      #expect(text.contains(old))
      let changed = Array(text.replacing(old, with: new, maxReplacements: 1).utf8)
      #expect(refusal { try read(changed) } == "net: " + words)
    }
  }

  @Test("counts that the file cannot hold cost nothing")
  func hugeCounts() {
    let head = "//\n1,2147483647,2147483647,3\n2147483647,2147483647\n"
    #expect(
      refusal(.limit) { try read(Array(head.utf8)) }
        == "net: line 3: a layer of [2147483647, 2147483647]; expected at most 2147483648 weights")
  }
}
