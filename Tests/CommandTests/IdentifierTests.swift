import Foundation
import ReportTestSupport
import Testing

/// Columns of identifiers of data and of labels, from the files to the verdicts.
@Suite struct IdentifierTests {
  /// The score of each of three classes is a feature.
  private static let network = """
    {"format": "certify-weights", "version": 1, "input": {"shape": [3]}, "layers": [
      {"type": "dense", "weights": [[1,0,0],[0,1,0],[0,0,1]], "bias": [0, 0, 0]}]}
    """

  /// Classes 0, 1 and 2, in this order.
  private static let data = "a,b,c\n7,1,0,0\n2,0,1,0\n5,0,0,1\n"

  private static func run(_ data: String, _ labels: String, _ options: String...) throws -> Outcome
  {
    let scratch = try Scratch()
    try Data(network.utf8).write(to: scratch.file("net.json"))
    try Data(data.utf8).write(to: scratch.file("x.csv"))
    try Data(labels.utf8).write(to: scratch.file("y.csv"))
    return try Command.run(
      Command.program,
      [
        "net.json", "--data", "x.csv", "--label-column", "none", "--labels", "y.csv", "--eps",
        "0.1", "--radii", "off", "--quiet",
      ] + options, in: scratch.folder)
  }

  @Test(
    "labels whose rows are called as the examples are, in the same order, are taken whatever that is",
    arguments: [
      ("id," + data, "id,label\n7,0\n2,1\n5,2\n"), ("," + data, ",label\n7.0,0\n2,1\n5,2\n"),
      ("id," + data, "label,id\n0,7\n1,2\n2,5\n"),
      // Rows that are counted anew say nothing of the others' names.
      ("id," + data, "id,label\n0,0\n1,1\n2,2\n"), ("id," + data, "id,label\n1,0\n2,1\n3,2\n"),
      ("id,a,b,c\nx,1,0,0\nv,0,1,0\nw,0,0,1\n", "file,label\nx,0\nv,1\nw,2\n"),
      ("id,a,b,c\nx,1,0,0\nv,0,1,0\nw,0,0,1\n", "file,label\nx.png,0\nv.png,1\nw.png,2\n"),
      ("a,b,c\n1,0,0\n0,1,0\n0,0,1\n", "id,label\n2,0\n5,1\n7,2\n"),
      ("id,a,b,c\n0,1,0,0\n1,0,1,0\n2,0,0,1\n", "id,label\n12,0\n15,1\n17,2\n"),
    ])
  func sameOrder(data: String, labels: String) throws {
    let outcome = try Self.run(data, labels)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try Command.report(outcome.output)["summary"]?["certified"]?.int == 3)
  }

  @Test(
    "labels whose rows are called as the examples are, in another order, are refused",
    arguments: [
      ("id," + data, "id,label\n2,1\n5,2\n7,0\n"), ("id," + data, "label,id\n1,2\n2,5\n0,7\n"),
      ("," + data, ",label\n2,1\n5,2\n7,0\n"),
      ("id,a,b,c\nx,1,0,0\nv,0,1,0\nw,0,0,1\n", "file,label\nv,1\nw,2\nx,0\n"),
      // Those of other examples.
      ("id,a,b,c\n2,1,0,0\n5,0,1,0\n7,0,0,1\n", "id,label\n12,0\n15,1\n17,2\n"),
      ("id,a,b,c\nx,1,0,0\nv,0,1,0\nw,0,0,1\n", "file,label\nu,0\nv,1\nw,2\n"),
    ])
  func otherOrder(data: String, labels: String) throws {
    let outcome = try Self.run(data, labels)
    #expect(outcome.status == 65 && outcome.output == "", "\(outcome)")
    #expect(
      outcome.errors.contains(
        "y.csv: an identifier of row 0, counted from 0, that is not that of the item there in x.csv"
      ),
      "\(outcome.errors)")
    #expect(outcome.errors.contains("sort the rows as the items are"))
  }

  @Test("labels whose rows are numbered where the examples are not have to grow, wherever that is")
  func growing() throws {
    for labels in ["id,label\n7,0\n2,1\n5,2\n", "label,id\n0,7\n1,2\n2,5\n"] {
      let outcome = try Self.run("a,b,c\n1,0,0\n0,1,0\n0,0,1\n", labels)
      #expect(outcome.status == 65, "\(outcome)")
      #expect(
        outcome.errors.contains("y.csv: line 3: 2 in the column of identifiers behind 7"),
        "\(outcome.errors)")
    }
  }

  @Test("parts that were told other columns of the labels do not join")
  func otherColumns() throws {
    let scratch = try Scratch()
    try Data(Self.network.utf8).write(to: scratch.file("net.json"))
    try Data("0,2,1,1\n1,0,2,1\n2,0,1,1\n0,1,2,1\n".utf8).write(to: scratch.file("d.csv"))
    func part(_ shard: Int, _ column: String) throws -> String {
      let path = scratch.path("\(column)-\(shard).json")
      let outcome = try Command.run(
        Command.program,
        [
          "net.json", "--data", "d.csv", "--label-column", column, "--eps", "0.1", "--radii", "off",
          "--quiet", "--shard", "\(shard)/2", "-o", path,
        ], in: scratch.folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return path
    }
    let parts = [try part(1, "first"), try part(2, "first"), try part(2, "last")]
    let own = try Command.report(try scratch.text("first-1.json"))
    #expect(own["data"]?["labels"]?["column"]?.string == "first")
    #expect(try Command.run("merge", parts[0], parts[1]).status == 0)
    let mixed = try Command.run("merge", parts[0], parts[2])
    #expect(mixed.status == 65 && mixed.output == "", "\(mixed)")
    #expect(mixed.errors.contains("$.data.labels.column"), "\(mixed.errors)")
  }
}
