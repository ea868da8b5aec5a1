import Foundation
import ReportTestSupport
import Testing

/// What of a file is the network: one of several outputs, dimensions that the file only names.
@Suite struct NetworkChoiceTests {
  /// A model in ONNX's JSON form: the input's dimensions, a Flatten, a Gemm of so many features, and
  /// two outputs of it where `outputs` has two.
  static func model(_ dimensions: [String], features: Int, outputs: [String] = ["y"]) -> String {
    let dims = dimensions.map {
      Int($0).map { "{\"dim_value\": \($0)}" } ?? "{\"dim_param\": \"\($0)\"}"
    }.joined(separator: ", ")
    let weights = (0..<2 * features).map { "\(Double($0 % 5) - 1.5)" }.joined(separator: ", ")
    let declared = outputs.map { "{\"name\": \"\($0)\"}" }.joined(separator: ", ")
    return """
      {"ir_version": 8, "opset_import": [{"version": 17}], "graph": {"name": "g",
      "input": [{"name": "x", "type": {"tensor_type": {"elem_type": 1, "shape": {"dim": [\(dims)]}}}}],
      "output": [\(declared)],
      "initializer": [{"name": "w", "data_type": 1, "dims": [2, \(features)], "float_data": [\(weights)]}],
      "node": [
      {"op_type": "Flatten", "input": ["x"], "output": ["f"], "name": "flat"},
      {"op_type": "Gemm", "input": ["f", "w"], "output": ["y"], "name": "fc",
       "attribute": [{"name": "transB", "type": "INT", "i": 1}]},
      {"op_type": "Relu", "input": ["y"], "output": ["z"], "name": "last"}]}}
      """
  }

  private func run(
    _ model: String, data: [String], in scratch: Scratch, _ more: String...
  ) throws -> Outcome {
    try Data(model.utf8).write(to: scratch.file("model.json"))
    try Data(data.joined(separator: "\n").utf8).write(to: scratch.file("x.csv"))
    return try Command.run(
      Command.program,
      [
        "model.json", "--data", "x.csv", "--eps", "0.001", "--label-column", "none", "--radii",
        "off", "-o", "r.json",
      ] + more,
      in: scratch.folder)
  }

  @Test("dimensions that the file names are those of the data, or of the first weights")
  func openDimensions() throws {
    let scratch = try Scratch()
    let rows = ["1,2,3,4", "4,3,2,1"]
    let one = try run(Self.model(["batch", "features"], features: 4), data: rows, in: scratch)
    #expect(one.status == 0, "\(one.errors)")
    #expect(one.errors.contains("'features' is 4, as in the data"))
    let inspected = try Command.run("inspect", "model.json", in: scratch.folder)
    #expect(inspected.status == 0 && inspected.output.contains("features' is 4, as 'fc' has it"))
    let two = try run(Self.model(["batch", "2", "w"], features: 4), data: rows, in: scratch)
    #expect(two.status == 0, "\(two.errors)")
    // Nothing says how 4 are shared out.
    let open = try run(Self.model(["batch", "h", "w"], features: 4), data: rows, in: scratch)
    #expect(open.status == 65 && open.errors.contains("dimension 1 is 'h'; expected a number"))
    // The data do not fit.
    let odd = try run(Self.model(["batch", "3", "w"], features: 4), data: rows, in: scratch)
    #expect(odd.status == 65 && odd.errors.contains("dimension 2 is 'w'"), "\(odd.errors)")
  }

  @Test("inspect takes open dimensions from the data, too, from standard input as well")
  func openDimensionsOfData() throws {
    let scratch = try Scratch()
    let rows = "1,2,3,4\n4,3,2,1"
    try Data(Self.model(["batch", "2", "w"], features: 4).utf8).write(
      to: scratch.file("model.json"))
    let alone = try Command.run("inspect", "model.json", in: scratch.folder)
    #expect(alone.status == 65 && alone.errors.contains("dimension 2 is 'w'; expected a number"))
    for data in ["x.csv", "-"] {
      try Data(rows.utf8).write(to: scratch.file("x.csv"))
      let outcome = try Command.run(
        Command.program,
        [
          "inspect", "model.json", "--data", data, "--data-format", "csv", "--label-column", "none",
          "--emit-logits", "logits.npy",
        ],
        input: data == "-" ? Data(rows.utf8) : nil, in: scratch.folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("input      [2, 2], 4 features"), "\(outcome.output)")
      #expect(outcome.output.contains("dimension 'w' is 2, as in the data"))
    }
  }

  @Test("one of several outputs is chosen by its name")
  func outputs() throws {
    let scratch = try Scratch()
    let model = Self.model(["1", "4"], features: 4, outputs: ["y", "z"])
    let rows = ["1,2,3,4"]
    let neither = try run(model, data: rows, in: scratch)
    #expect(neither.status == 65)
    #expect(
      neither.errors.contains(
        "2 outputs depend on the input: 'y', 'z'; expected one, which --output-name"))
    let wrong = try run(model, data: rows, in: scratch, "--output-name", "q")
    #expect(
      wrong.status == 64 && wrong.errors.contains("expected an output of model.json: \"y\", \"z\""))
    for (name, units) in [("y", "0 ReLUs"), ("z", "2 ReLUs")] {
      let chosen = try run(model, data: rows, in: scratch, "--output-name", name)
      #expect(chosen.status == 0, "\(chosen.errors)")
      #expect(chosen.errors.contains("output '\(name)' chosen, of 2"))
      let shown = try Command.run(
        "inspect", "model.json", "--output-name", name, in: scratch.folder)
      #expect(shown.output.contains("units      \(units)\n"), "\(shown.output)")
    }
  }

  @Test("runs of two outputs are different questions: a table has a row for each")
  func otherQuestion() throws {
    let scratch = try Scratch()
    let model = Self.model(["1", "4"], features: 4, outputs: ["y", "z"])
    try Data("0\n1\n".utf8).write(to: scratch.file("labels.csv"))
    for name in ["y", "z"] {
      let outcome = try run(
        model, data: ["1,2,3,4", "4,1,2,0"], in: scratch, "--labels", "labels.csv",
        "--output-name", name)
      #expect(outcome.status == 0, "\(outcome.errors)")
      try FileManager.default.moveItem(
        at: scratch.file("r.json"), to: scratch.file("\(name).json"))
      let report = try Command.report(try scratch.text("\(name).json"))
      #expect(report["options"]?["output"]?.string == name)
    }
    let table = try Command.run("table", "y.json", "z.json", in: scratch.folder)
    #expect(table.status == 0, "\(table.errors)")
    let lines = table.output.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(lines.count == 3 && lines[0].contains("output"), "\(table.output)")
    #expect(lines[1].contains("y") && lines[2].contains("z"))
  }

  @Test("nodes that are refused for one reason are named together, and the file once")
  func grouped() throws {
    let scratch = try Scratch()
    let model = Self.model(["1", "4"], features: 4, outputs: ["v"]).replacing(
      "{\"op_type\": \"Relu\", \"input\": [\"y\"], \"output\": [\"z\"], \"name\": \"last\"}",
      with: (0..<3).map { index in
        "{\"op_type\": \"Tanh\", \"input\": [\"\(index == 0 ? "y" : "t\(index)")\"],"
          + " \"output\": [\"\(index == 2 ? "v" : "t\(index + 1)")\"], \"name\": \"tanh\(index)\"}"
      }.joined(separator: ","))
    let outcome = try run(model, data: ["1,2,3,4"], in: scratch)
    #expect(outcome.status == 65)
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.count == 1, "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("certify: error: model.json: node 'tanh0' (Tanh): "))
    #expect(outcome.errors.contains("(and 2 more: 'tanh1', 'tanh2')"))
  }
}
