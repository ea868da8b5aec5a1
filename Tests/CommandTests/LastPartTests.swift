import Foundation
import ReportTestSupport
import Testing

/// Searches in which no sign is left to choose.
@Suite struct LastPartTests {
  /// Four inputs, six scores, the largest of them, three classes.
  private static let network = """
    {"graph": {"name": "largest", "node": [
      {"input": ["x", "w", "b"], "output": ["a"], "opType": "Gemm", "attribute": [
        {"name": "transB", "i": 1, "type": "INT"}]},
      {"input": ["a", "s"], "output": ["r"], "opType": "Reshape"},
      {"input": ["r"], "output": ["m"], "opType": "MaxPool", "attribute": [
        {"name": "kernel_shape", "ints": [2, 3], "type": "INTS"}]},
      {"input": ["m"], "output": ["f"], "opType": "Flatten"},
      {"input": ["f", "v", "c"], "output": ["y"], "opType": "Gemm", "attribute": [
        {"name": "transB", "i": 1, "type": "INT"}]}],
     "initializer": [
      {"dims": [6, 4], "dataType": 1, "name": "w", "floatData": [
        0.125730217, -0.132104859, 0.640422642, 0.104900114, -0.535669386, 0.361595064,
        1.30400002, 0.94708097, -0.703735232, -1.26542151, -0.623274446, 0.0413259789,
        -2.3250308, -0.218791664, -1.245911, -0.73226738, -0.544259012, -0.316300154,
        0.411630541, 1.04251337, -0.12853466, 1.36646342, -0.66519469, 0.351510078]},
      {"dims": [6], "dataType": 1, "name": "b", "floatData": [0, 0, 0, 0, 0, 0]},
      {"dims": [4], "dataType": 7, "name": "s", "int64Data": ["1", "1", "2", "3"]},
      {"dims": [3, 1], "dataType": 1, "name": "v", "floatData": [
        0.903470159, 0.0940122977, -0.743499279]},
      {"dims": [3], "dataType": 1, "name": "c", "floatData": [0, 0, 0]}],
     "input": [{"name": "x", "type": {"tensorType": {"elemType": 1, "shape": {"dim": [
        {"dimValue": 1}, {"dimValue": 4}]}}}}],
     "output": [{"name": "y", "type": {"tensorType": {"elemType": 1, "shape": {"dim": [
        {"dimValue": 1}, {"dimValue": 3}]}}}}]},
     "irVersion": 8, "opsetImport": [{"domain": "", "version": 13}]}
    """

  @Test(
    "where bounds say what no row knows, the ball is searched without them: margins above 0 are proved"
  )
  func narrowedUnits() throws {
    // By a mixed-integer program the least margin within eps is 0.165. A part whose last unit had a side was not
    // proved, and the search said that its budget was used up, whatever that was.
    let scratch = try Scratch()
    try Data(Self.network.utf8).write(to: scratch.file("net.onnx.json"))
    let example =
      "-0.9217253762584194,-0.45772582566733916,0.2201951234700494,-1.009618183538736\n"
    try Data(example.utf8).write(to: scratch.file("x.csv"))
    let files = ["--data", scratch.path("x.csv"), "--label-column", "none", "--quiet"]
    let run = try Command.run(
      Command.program,
      [
        scratch.path("net.onnx.json"), "--eps", "0.75", "--arithmetic", "real", "--radii", "off",
        "--splits", "1000000", "-o", scratch.path("r.json"), "--proofs", scratch.path("p"),
      ] + files)
    #expect(run.status == 0, "\(run)")
    let report = try Command.report(scratch.text("r.json"))
    let certificate = try #require(report["certificates"]?.elements.first)
    #expect(certificate["verdict"]?.string == "certified", "\(certificate)")
    let audit = try Command.run(
      Command.program,
      [
        "audit", scratch.path("r.json"), "--model", scratch.path("net.onnx.json"), "--proofs",
        scratch.path("p"),
      ] + files)
    #expect(audit.status == 0 && audit.output.hasPrefix("valid"), "\(audit)")
  }
}
