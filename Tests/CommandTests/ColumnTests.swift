import Foundation
import ReportTestSupport
import Testing

/// Networks with one input for each column of a table, as skl2onnx writes pipelines behind pandas.
@Suite struct ColumnTests {
  private static func model(_ name: String) -> String {
    Command.package.appending(path: "fixtures/zoo/accepted/others-sklearn-\(name).onnx").path
  }

  private func run(
    _ name: String, header: String?, in scratch: Scratch, _ more: String...
  ) throws -> Outcome {
    let rows = (header.map { [$0] } ?? []) + ["0.5,1.5,-0.25,2,1", "1,-1,0.75,0.5,0"]
    try Data(rows.joined(separator: "\n").utf8).write(to: scratch.file("table.csv"))
    return try Command.run(
      Command.program,
      [
        Self.model(name), "--data", "table.csv", "--eps", "0.01", "--label-column", "last",
        "--radii", "off",
      ] + more,
      in: scratch.folder)
  }

  @Test("a table with the network's columns is read, and a note says which they are")
  func named() throws {
    let scratch = try Scratch()
    let order =
      "4 inputs read as the columns of one row, in this order: 'length', 'width__cm_', 'height'"
    // Exporters write underscores for what is no letter or digit.
    for header in ["length,width (cm),height,weight,kind", "length,width__cm_,height,weight,kind"] {
      for name in ["columns-scaled", "columns-split", "columns-filled", "columns-reordered"] {
        let outcome = try run(name, header: header, in: scratch)
        #expect(outcome.status == 0 && outcome.errors.contains(order), "\(name): \(outcome.errors)")
        let notes = try Command.report(outcome.output)["model"]?["notes"]?.elements
        #expect(notes?.contains { $0.string?.contains(order) ?? false } ?? false)
      }
    }
  }

  @Test("a table whose columns are others, or lie in another order, is refused with both lists")
  func misnamed() throws {
    let scratch = try Scratch()
    for (header, remedy) in [
      ("length,height,width (cm),weight,kind", "put the columns into the network's order"),
      ("a,b,c,d,kind", "give the columns the names that the network has, or leave the names out"),
    ] {
      let outcome = try run("columns-scaled", header: header, in: scratch)
      #expect(outcome.status == 65 && outcome.output.isEmpty)
      #expect(outcome.errors.contains("table.csv: line 1: the columns \"\(header.prefix(1))"))
      #expect(
        outcome.errors.contains(
          "expected \"length\", \"width__cm_\", \"height\", \"weight\": the network's inputs, in this order"
        ),
        "\(outcome.errors)")
      #expect(outcome.errors.contains(remedy), "\(outcome.errors)")
    }
  }

  @Test(
    "data without names are taken in the order of the inputs, unless the network joins them in another"
  )
  func unnamed() throws {
    let scratch = try Scratch()
    let taken = try run("columns-scaled", header: nil, in: scratch)
    #expect(taken.status == 0 && taken.errors.contains("in this order: 'length'"))
    let reordered = try run("columns-reordered", header: nil, in: scratch)
    #expect(reordered.status == 65)
    #expect(
      reordered.errors.contains(
        "table.csv: no names of columns; expected a CSV file whose first line names them"),
      "\(reordered.errors)")
  }

  /// Two columns that a network joins in some order, in ONNX's JSON form.
  private static func two(_ joined: String) -> String {
    let inputs = ["a", "b"].map {
      """
      {"name": "\($0)", "type": {"tensor_type": {"elem_type": 1, "shape": {"dim": [{"dim_param": "N"},
      {"dim_value": 1}]}}}}
      """
    }
    return """
      {"ir_version": 8, "opset_import": [{"version": 17}], "graph": {"name": "g",
      "input": [\(inputs.joined(separator: ", "))], "output": [{"name": "y"}],
      "initializer": [{"name": "w", "data_type": 1, "dims": [2, 2], "float_data": [3, 0, 0, 1]}],
      "node": [
      {"op_type": "Concat", "input": [\(joined)], "output": ["x"], "name": "join",
       "attribute": [{"name": "axis", "type": "INT", "i": 1}]},
      {"op_type": "MatMul", "input": ["x", "w"], "output": ["y"], "name": "fc"}]}}
      """
  }

  @Test(
    "a property numbers the inputs as the file declares them, where the network has the same order")
  func property() throws {
    let scratch = try Scratch()
    // Of a in [0, 1] and b in [2, 3] the scores are 3 a and b.
    let property = """
      (declare-const X_0 Real) (declare-const X_1 Real)
      (declare-const Y_0 Real) (declare-const Y_1 Real)
      (assert (>= X_0 0)) (assert (<= X_0 1)) (assert (>= X_1 2)) (assert (<= X_1 3))
      (assert (or (and (>= Y_0 3.01)) (and (<= Y_1 1.99))))
      """
    try Data(property.utf8).write(to: scratch.file("p.vnnlib"))
    for (joined, status, words) in [
      ("\"a\", \"b\"", Int32(0), "unsat"),
      ("\"b\", \"a\"", 65, "inputs that the network joins in another order"),
    ] {
      try Data(Self.two(joined).utf8).write(to: scratch.file("net.json"))
      let outcome = try Command.run("verify", scratch.path("net.json"), scratch.path("p.vnnlib"))
      #expect(outcome.status == status, "\(joined): \(outcome)")
      #expect((outcome.output + outcome.errors).contains(words), "\(joined): \(outcome)")
    }
  }

  @Test("columns are paired by their names, whichever order the network joins them in")
  func paired() throws {
    let scratch = try Scratch()
    try Data("a,b,kind\n1,2,0".utf8).write(to: scratch.file("x.csv"))
    // Joined as they stand, the scores are 3 and 2; the other way round they are 6 and 1.
    for (joined, margin) in [("\"a\", \"b\"", 1.0), ("\"b\", \"a\"", 5)] {
      try Data(Self.two(joined).utf8).write(to: scratch.file("net.json"))
      let outcome = try Command.run(
        Command.program,
        [
          "net.json", "--data", "x.csv", "--eps", "0", "--labels-name", "kind", "--radii", "off",
          "--arithmetic", "real",
        ], in: scratch.folder)
      let found = try Command.report(outcome.output)["certificates"]?.elements.first?["margin"]
      let value = found?.double ?? -1
      #expect(value <= margin && value > margin - 1e-6, "\(joined): \(outcome.errors)")
    }
  }
}
