import ModelFiles
import NetworkGraph
import Testing

@Suite struct JSONTests {
  @Test("JSON is strict, and a refusal says where and what")
  func syntax() {
    let cases: [(String, String)] = [
      ("{", "byte 1 ($): the end of the file; expected a key in quotes"),
      ("{a: 1}", "byte 1 ($): 'a'; expected a key in quotes"),
      (#"{"a" 1}"#, "byte 5 ($.a): '1'; expected ':' after the key"),
      (#"{"a":1,}"#, "byte 7 ($): '}'; expected a key in quotes"),
      (#"{"a":[1,]}"#, "byte 8 ($.a[1]): ']'; expected a JSON value"),
      (#"{"a":1} x"#, "byte 8 ($): 'x'; expected the end of the file"),
      (#"{"a":1 /* */}"#, "byte 7 ($): '/'; expected ',' or '}'"),
      (#"{'a':1}"#, #"byte 1 ($): '\''; expected a key in quotes"#),
      (
        #"{"a":01}"#,
        "byte 7 ($.a): a number that starts with 0; expected a number without leading zeros"
      ),
      (#"{"a":1.}"#, "byte 7 ($.a): '}'; expected a digit after '.'"),
      (#"{"a":1e}"#, "byte 7 ($.a): '}'; expected a digit of the exponent"),
      (#"{"a":+1}"#, "byte 5 ($.a): '+'; expected a JSON value"),
      (#"{"a":tru}"#, "byte 8 ($.a): 'tru'; expected a JSON value"),
      (#"{"a":[0,NaN]}"#, "$.a[1]: NaN; expected a finite number"),
      (#"{"a":-Infinity}"#, "$.a: -Infinity; expected a finite number"),
      (#"{"a":1,"a":2}"#, "byte 10 ($.a): a second value of the key; expected each key once"),
      (
        #"{"ab":1,"\u0061b":2}"#,
        "byte 17 ($.ab): a second value of the key; expected each key once"
      ),
      (
        #"{"a":99999999999999999999}"#,
        "byte 25 ($.a): the integer 99999999999999999999; "
          + "expected an integer of at most 64 bits, or a decimal point"
      ),
      (
        #"{"a":"\x"}"#,
        #"byte 8 ($.a): an unknown escape; expected one of \" \\ \/ \b \f \n \r \t \u"#
      ),
      (#"{"a":"\u12g4"}"#, "byte 10 ($.a): 'g'; expected four hexadecimal digits"),
      (#"{"a":"\ud800"}"#, "byte 12 ($.a): half of a surrogate pair; expected both halves"),
      (#"{"a":"\u0000"}"#, #"byte 12 ($.a): \u0000; expected a string without NUL"#),
      (
        "{\"a\":\"b\nc\"}",
        #"byte 7 ($.a): a control character in a string; expected an escape such as \n"#
      ),
      (#"{"a":"b"#, #"byte 7 ($.a): the end of the file in a string; expected '"'"#),
      (#"{"a b":[{"c":nope}]}"#, "byte 17 ($['a b'][0].c): 'nope'; expected a JSON value"),
      ("[1]", "$: an array; expected an object"),
      (
        "{}",
        "$: neither 'format' nor 'graph'; expected a plain weight file or the JSON form of ONNX"
      ),
    ]
    for (text, words) in cases { #expect(refusal { try read(json: text) } == "net: " + words) }
  }

  @Test("bytes that are not UTF-8 are refused")
  func encoding() {
    let words = refusal { try read(Array("{\"a".utf8) + [0xff] + Array("\":1}".utf8)) }
    #expect(words == "net: byte 5 ($): a string that is not UTF-8; expected UTF-8")
  }

  @Test("depth and memory have limits")
  func limits() {
    var limits = ModelLimits()
    limits.jsonDepth = 3
    let deep = "{\"a\":" + String(repeating: "[", count: 100_000)
    #expect(
      refusal(.limit) { try read(json: deep, limits: limits) }
        == "net: byte 7 ($.a[0][0]): more than 3 levels of nesting; expected at most 3\n"
        + "nothing that this program reads is nested as deep")
    // However high the limit, the stack is safe.
    limits.jsonDepth = .max
    let refused = refusal(.limit) { try read(json: deep, limits: limits) }
    #expect(refused.contains("more than 256 levels"))
    limits.jsonTreeBytes = 10_000
    let wide = "{\"a\":[" + String(repeating: "{},", count: 100) + "{}]}"
    #expect(
      refusal(.limit) { try read(json: wide, limits: limits) }
        .contains("takes more than 10000 bytes in memory; expected at most that"))
  }

  /// The model of `smallModel()` in ONNX's JSON form.
  private func onnx(_ replacements: [String: String] = [:]) -> String {
    var text = """
      {"irVersion": "8", "producerName": "test", "graph": {"node": [
        {"input": ["x", "w", "b"], "output": ["h"], "name": "fc1", "opType": "Gemm", "attribute": [
          {"name": "alpha", "f": 1.0, "type": "FLOAT"},
          {"name": "transB", "i": "1", "type": "INT"}]},
        {"input": ["h"], "output": ["y"], "opType": "Relu"}],
       "name": "net", "initializer": [
        {"dims": ["2", "2"], "dataType": 1, "name": "w", "rawData": "AACAPwAAAEAAAEBAAACAQA=="},
        {"dims": ["2"], "dataType": 1, "name": "b", "floatData": [0.5, -0.5]}],
       "input": [{"name": "x", "type": {"tensorType": {"elemType": 1, "shape": {"dim": [
          {}, {"dimValue": "2"}]}}}}],
       "output": [{"name": "y", "type": {"tensorType": {"elemType": 1, "shape": {"dim": [
          {}, {"dimValue": "2"}]}}}}]},
       "opsetImport": [{"domain": "", "version": "13"}]}
      """
    for (old, new) in replacements {
      #expect(text.contains(old), "\(old)")
      text = text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
    return text
  }

  private func sameGraph(_ left: Graph, _ right: Graph) -> Bool {
    left.name == right.name && left.inputs == right.inputs && left.outputs == right.outputs
      && left.initializers == right.initializers && left.opsetVersion == right.opsetVersion
      && left.nodes.map(\.name) == right.nodes.map(\.name)
      && left.nodes.map(\.operatorType) == right.nodes.map(\.operatorType)
      && left.nodes.map(\.inputs) == right.nodes.map(\.inputs)
      && left.nodes.map(\.outputs) == right.nodes.map(\.outputs)
      && left.nodes.map(\.attributes) == right.nodes.map(\.attributes)
  }

  @Test("ONNX's JSON form gives the same graph as its protobuf form, in every spelling")
  func onnxJSON() throws {
    let expected = try read(smallModel()).graph
    let spellings: [[String: String]] = [
      [:],
      [
        "rawData": "raw_data", "floatData": "float_data", "opType": "op_type",
        "elemType": "elem_type", "dataType": "data_type", "dimValue": "dim_value",
        "opsetImport": "opset_import", "tensorType": "tensor_type", "irVersion": "ir_version",
      ],
      ["\"2\"": "2", "\"13\"": "13", "\"i\": \"1\"": "\"i\": 1"],
      ["\"FLOAT\"": "1", "\"dataType\": 1": "\"dataType\": \"FLOAT\""],
      ["\"i\": \"1\"": "\"i\": 1.0", "{\"domain\": \"\", ": "{\"domain\": null, "],
      // Padding is optional, and floats may be strings.
      ["AACAQA==": "AACAQA", "[0.5, -0.5]": "[\"0.5\", -5e-1]"],
    ]
    for spelling in spellings {
      let file = try read(json: onnx(spelling))
      #expect(file.format == .onnxJSON)
      #expect(sameGraph(file.graph, expected), "\(spelling)")
    }
  }

  @Test("texts of a constant are base64, as all bytes are")
  func onnxTexts() throws {
    let file = try read(
      json: onnx([
        "\"dims\": [\"2\"], \"dataType\": 1": "\"dims\": [\"2\"], \"dataType\": 8",
        "\"floatData\": [0.5, -0.5]": "\"stringData\": [\"MTA=\", \"Mg==\"]",
      ]))
    #expect(file.graph.texts == ["b": ["10", "2"]])
    #expect(file.graph.unusableConstants == ["b": "a tensor of string"])
  }

  @Test("what is wrong in ONNX's JSON form is refused with its path")
  func onnxRefusals() {
    let cases: [([String: String], String)] = [
      (["\"opType\": \"Gemm\"": "\"opTyp\": \"Gemm\""], "$.graph.node[0].opTyp: an unknown key"),
      (
        ["{\"name\": \"alpha\"": "{\"colour\": 1, \"name\": \"alpha\""],
        "$.graph.node[0].attribute[0].colour: an unknown key"
      ),
      (
        ["\"rawData\": \"": "\"raw_data\": \"\", \"rawData\": \""],
        "$.graph.initializer[0].rawData: a second spelling of the key"
      ),
      (
        ["AACAPwAA": "AACA*wAA"],
        "$.graph.initializer[0].rawData: '*' at character 4"
      ),
      (
        ["AACAQA==": "AACAQ==="],
        "$.graph.initializer[0].rawData: padding that does not fit at character 21"
      ),
      (
        ["AACAPwAAAEAAAEBAAACAQA==": "AACAPw=="],
        "$.graph.initializer[0] 'w': raw_data holds 4 bytes; expected 16 for float32 [2, 2]"
      ),
      (
        ["-0.5]": "1e39]"],
        "$.graph.initializer[1].floatData[1]: 1e39; expected a finite number of binary32"
      ),
      (
        ["-0.5]": "\"NaN\"]"],
        "$.graph.initializer[1].floatData[1]: 'NaN'; expected a finite number"
      ),
      (["-0.5]": "null]"], "$.graph.initializer[1].floatData[1]: null; expected a finite number"),
      (
        ["\"dataType\": 1": "\"dataType\": \"FLOTA\""],
        "$.graph.initializer[0].dataType: 'FLOTA'; expected one of UNDEFINED, FLOAT"
      ),
      (
        ["\"i\": \"1\"": "\"i\": \"1.5\""],
        "$.graph.node[0].attribute[1].i: '1.5'; expected an integer of 64 bits"
      ),
      (
        ["\"i\": \"1\"": "\"i\": 18446744073709551615"],
        "$.graph.node[0].attribute[1].i: 18446744073709551615; expected an integer"
      ),
      (["\"INT\"": "15"], "$.graph.node[0].attribute[1].type: attribute kind 15; expected 1 to 14"),
      (
        ["\"version\": \"13\"": "\"version\": true"],
        "$.opsetImport[0].version: true; expected an integer"
      ),
      (
        ["[\"y\"]": "[\"h\"]"],
        "$.graph.node[1] (Relu): value 'h', which $.graph.node[0] 'fc1' (Gemm) defines too"
      ),
      (["[\"y\"]": "{}"], "$.graph.node[1].output: an object; expected an array"),
      (["[\"y\"]": "[1]"], "$.graph.node[1].output[0]: 1; expected a string"),
    ]
    for (replacement, words) in cases {
      let found = refusal { try read(json: onnx(replacement)) }
      #expect(found.hasPrefix("net: " + words), "\(found)")
    }
  }

  @Test("a decimal is rounded to binary32 once, not by way of binary64")
  func singleRounding() throws {
    // 1 + 2^-24 + 2^-60 lies above the middle of two floats; binary64 rounds it onto the middle.
    let text = onnx(["-0.5]": "1.00000005960464477539149]"])
    let file = try read(json: text)
    #expect(try constant("b", of: file).elements == .float([0.5, Float(1).nextUp]))
  }
}
