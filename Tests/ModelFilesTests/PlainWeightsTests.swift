import ModelFiles
import NetworkGraph
import Testing

@Suite struct PlainWeightsTests {
  private func file(
    _ layers: String, shape: String = "[1, 4, 4]", head: String = ""
  ) -> String {
    """
    {"format": "certify-weights", "version": 1, \(head)"input": {"shape": \(shape)},
     "layers": [\(layers)]}
    """
  }

  @Test("layers become nodes that are named after their places")
  func layers() throws {
    let text = file(
      """
      {"type": "normalize", "mean": [0.5], "std": [0.25]},
      {"type": "conv2d", "weights": [[[[1, 2], [3, 4]]], [[[5, 6], [7, 8]]]], "bias": [0.1, -1],
       "stride": 2, "padding": [1, 0], "dilation": [1, 2], "groups": 1},
      {"type": "batchnorm", "gamma": [1, 2], "beta": [3, 4], "mean": [5, 6], "var": [7, 8]},
      {"type": "relu"},
      {"type": "avgpool2d", "kernel": 2, "padding": [1, 2, 3, 4], "count_include_pad": false},
      {"type": "flatten"},
      {"type": "dense", "weights": [[1, 2, 3], [4, 5, 6]], "bias": [7, 8]}
      """)
    let read = try read(json: text)
    #expect(read.format == .plainWeights)
    let graph = read.graph
    #expect(
      graph.inputs == [
        ValueInfo(
          name: "input", elementType: .float64,
          dimensions: [.symbolic("batch"), .fixed(1), .fixed(4), .fixed(4)])
      ])
    #expect(
      graph.nodes.map { "\($0.name) \($0.operatorType)" } == [
        "layers[0] Sub", "layers[0] Div", "layers[1] Conv", "layers[2] BatchNormalization",
        "layers[3] Relu", "layers[4] AveragePool", "layers[5] Flatten", "layers[6] Gemm",
      ])
    for (node, next) in zip(graph.nodes, graph.nodes.dropFirst()) {
      #expect(node.outputs == [next.inputs[0]])
    }
    #expect(graph.outputs.map(\.name) == graph.nodes.last?.outputs)
    #expect(
      graph.initializers["layers[0].mean"]
        == Tensor(shape: [1, 1, 1], elementType: .float64, elements: .double([0.5])))
    #expect(
      graph.nodes[2].attributes == [
        "strides": .ints([2, 2]), "pads": .ints([1, 0, 1, 0]), "dilations": .ints([1, 2]),
        "group": .int(1),
      ])
    #expect(graph.nodes[2].inputs.dropFirst() == ["layers[1].weights", "layers[1].bias"])
    #expect(
      graph.initializers["layers[1].weights"]
        == Tensor(
          shape: [2, 1, 2, 2], elementType: .float64, elements: .double([1, 2, 3, 4, 5, 6, 7, 8])))
    #expect(graph.initializers["layers[1].bias"]?.doubles == [0.1, -1])
    #expect(
      graph.nodes[3].inputs.dropFirst().map { graph.initializers[$0]?.doubles } == [
        [1, 2], [3, 4], [5, 6], [7, 8],
      ])
    #expect(
      graph.nodes[5].attributes == [
        "kernel_shape": .ints([2, 2]), "strides": .ints([2, 2]), "pads": .ints([1, 2, 3, 4]),
        "count_include_pad": .int(0),
      ])
    #expect(graph.nodes[7].attributes == ["transB": .int(1)])
  }

  @Test("numbers are binary64 unless dtype says float32")
  func dtype() throws {
    let layer = #"{"type": "dense", "weights": [[0.1]]}"#
    let double = try read(json: file(layer, shape: "[1]"))
    #expect(try constant("layers[0].weights", of: double).elements == .double([0.1]))
    let float = try read(
      json: file(layer, shape: "[1]", head: #""dtype": "float32", "name": "net", "#))
    #expect(try constant("layers[0].weights", of: float).elements == .float([0.1]))
    #expect(float.graph.name == "net")
    #expect(float.graph.inputs[0].elementType == .float32)
  }

  @Test("a refusal says which layer, which key, what and what instead")
  func refusals() {
    let dense = #"{"type": "dense", "weights": [[1, 2], [3, 4]]"#
    let cases: [(layer: String, words: String)] = [
      (dense + #", "bias": [1, NaN]}"#, "$.layers[1].bias[1]: NaN; expected a finite number"),
      (
        dense + #", "bias": [1, 1e400]}"#,
        "$.layers[1].bias[1]: 1e400; expected a finite number of binary64"
      ),
      (dense + #", "bias": [1, null]}"#, "$.layers[1].bias[1]: null; expected a finite number"),
      (dense + #", "bias": null}"#, "$.layers[1].bias: null; expected an array"),
      (dense + #", "bias": [1, "2"]}"#, "$.layers[1].bias[1]: a string; expected a finite number"),
      (dense + #", "bias": [1]}"#, "$.layers[1].bias: 1 value; expected 2"),
      (
        dense + #", "baes": [1]}"#,
        "$.layers[1].baes: an unknown key; expected one of type, weights, bias"
      ),
      (
        dense + #", "Bias": [1]}"#,
        "$.layers[1].Bias: an unknown key; expected one of type, weights, bias"
      ),
      (
        #"{"type": "dense", "weights": [[1, 2], [3]]}"#,
        "$.layers[1].weights[1]: 1 element; expected 2, as in its neighbours"
      ),
      (
        #"{"type": "dense", "weights": [[]]}"#,
        "$.layers[1].weights[0]: an empty array; expected at least one element"
      ),
      (#"{"type": "dense", "weights": [1, 2]}"#, "$.layers[1].weights[0]: 1; expected an array"),
      (
        #"{"type": "dense", "weights": [[[1]]]}"#,
        "$.layers[1].weights[0][0]: an array; expected a finite number"
      ),
      (#"{"type": "dense"}"#, "$.layers[1]: 'weights' is missing"),
      (
        #"{"type": "gelu"}"#,
        "$.layers[1].type: 'gelu'; expected one of dense, conv2d, avgpool2d, normalize, batchnorm, relu, flatten"
      ),
      (#"{"weights": [[1]]}"#, "$.layers[1]: 'type' is missing"),
      (#"7"#, "$.layers[1]: 7; expected an object"),
      (
        #"{"type": "conv2d", "weights": [[[[1]]]]}"#,
        "$.layers[1]: a layer for images after 1 dimension; expected 3: channels, height, width"
      ),
      (
        #"{"type": "normalize", "mean": 0, "std": [1, 0]}"#,
        "$.layers[1].std[1]: 0; expected a number > 0"
      ),
      (
        #"{"type": "normalize", "mean": 0, "std": -0.5}"#,
        "$.layers[1].std: -0.5; expected a number > 0"
      ),
      (
        #"{"type": "normalize", "mean": [0, 0], "std": [1, 1, 1]}"#,
        "$.layers[1].std: 3 values; expected 2, as in 'mean'"
      ),
      (
        #"{"type": "normalize", "mean": [0, 0], "std": 1}"#,
        "$.layers[1].mean: 2 values; expected 1, or 1 for each of 16 channels"
      ),
    ]
    for (layer, words) in cases {
      let text = file(#"{"type": "flatten"}, "# + layer)
      #expect(refusal { try read(json: text) } == "net: " + words)
    }
    let images: [(layer: String, words: String)] = [
      (
        #"{"type": "dense", "weights": [[1]]}"#,
        "$.layers[0]: a dense layer after 3 dimensions; expected 1\nput {\"type\": \"flatten\"} before it"
      ),
      (
        #"{"type": "conv2d", "weights": [[[[1]]]], "stride": 0}"#,
        "$.layers[0].stride: 0; expected an integer, 1 to 2147483647"
      ),
      (
        #"{"type": "conv2d", "weights": [[[[1]]]], "padding": [0, -1]}"#,
        "$.layers[0].padding[1]: -1; expected an integer, 0 to 2147483647"
      ),
      (
        #"{"type": "conv2d", "weights": [[[[1]]]], "padding": [0, 1, 2]}"#,
        "$.layers[0].padding: 3 numbers; expected one number or [vertical, horizontal]"
      ),
      (
        #"{"type": "conv2d", "weights": [[[[1]]]], "stride": 1.5}"#,
        "$.layers[0].stride: 1.5; expected an integer, 1 to 2147483647"
      ),
      (
        #"{"type": "conv2d", "weights": [[[[1]]]], "groups": 2}"#,
        "$.layers[0].weights: 1 output channel; expected a multiple of the 2 groups"
      ),
      (#"{"type": "avgpool2d"}"#, "$.layers[0]: 'kernel' is missing"),
      // Which would make three channels of one.
      (
        #"{"type": "normalize", "mean": [0, 1, 2], "std": [1, 1, 1]}"#,
        "$.layers[0].mean: 3 values; expected 1: there is 1 channel"
      ),
      (
        #"{"type": "conv2d", "weights": [[[[1]]], [[[1]]]]}, {"type": "normalize", "mean": 0, "std": [1, 1, 1]}"#,
        "$.layers[1].std: 3 values; expected 1, or 1 for each of 2 channels"
      ),
      // One pixel is left.
      (
        #"{"type": "conv2d", "weights": [[[[1, 1], [1, 1]]]], "dilation": 2, "padding": 1}, {"type": "avgpool2d", "kernel": 3}, {"type": "flatten"}, {"type": "normalize", "mean": [0, 1], "std": 1}"#,
        "$.layers[3].mean: 2 values; expected 1: there is 1 channel"
      ),
      (
        #"{"type": "avgpool2d", "kernel": 2, "count_include_pad": 1}"#,
        "$.layers[0].count_include_pad: 1; expected true or false"
      ),
    ]
    for (layer, words) in images {
      #expect(refusal { try read(json: file(layer)) } == "net: " + words)
    }
  }

  @Test("the head of the file is checked")
  func head() {
    let relu = #"{"type": "relu"}"#
    let cases: [(text: String, words: String)] = [
      (#"{"format": "other"}"#, "$.format: 'other'; expected 'certify-weights'"),
      (#"{"format": 3}"#, "$.format: 3; expected a string"),
      (#"{"format": "certify-weights"}"#, "$: 'version' is missing"),
      (#"{"format": "certify-weights", "version": 2}"#, "$.version: 2; expected 1"),
      (#"{"format": "certify-weights", "version": 1}"#, "$: 'input' is missing"),
      (file("", shape: "[]"), "$.input.shape: no dimensions; expected at least one"),
      (file("", shape: "[0]"), "$.input.shape[0]: 0; expected an integer, 1 to 2147483647"),
      (
        file("", shape: "[4.5]"),
        "$.input.shape[0]: 4.5; expected an integer, 1 to 2147483647"
      ),
      (
        file("", shape: "[2147483647, 2]"),
        "$.input.shape[1]: 2, which makes the input too large; expected at most 2147483648 elements"
      ),
      (file(""), "$.layers: no layers; expected at least one"),
      (
        file(relu, head: #""colour": 1, "#),
        "$.colour: an unknown key; expected one of format, version, name, dtype, input, layers"
      ),
      (
        file(relu, head: #""dtype": "float16", "#),
        "$.dtype: 'float16'; expected 'float32' or 'float64'"
      ),
    ]
    for (text, words) in cases { #expect(refusal { try read(json: text) } == "net: " + words) }
  }
}
