import Foundation
import GraphOracle
import NumberSupport

extension OracleCase {
  /// Writes the case as files, for other programs: `net.onnx`, `x.npy`, `y.idx`, and the logits that
  /// the oracle computes in the file's own types, in order.
  func write(to folder: String) throws {
    let place = URL(fileURLWithPath: folder).appendingPathComponent("graph-\(seed)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    func put(_ bytes: [UInt8], _ name: String) throws {
      try Data(bytes).write(to: place.appendingPathComponent(name))
    }
    try put(graph.onnxBytes, "net.onnx")
    try put(Self.npy(examples, graph.inputShape), "x.npy")
    try put([0, 0, 8, 1, 0, 0, 0, UInt8(labels.count)] + labels.map { UInt8($0) }, "y.idx")
    let format = narrowest.format ?? .binary32
    var run = GraphEvaluator(
      graph,
      DeployedNumbers(Deployment(data: format, summed: format), random: SeededGenerator(state: 0)))
    let logits = examples.map { run.logits(at: $0) }
    try put(Array(text.utf8), "case.txt")
    try put(Self.npy(logits, [classes]), "logits.npy")
  }

  /// The case as lines of text.
  var text: String {
    "\(graph)\nexamples \(examples), labels \(labels), epsilon \(epsilon), \(norm)"
      + (domain.map { ", domain \($0)" } ?? "") + "\n"
  }

  /// binary64 in NumPy's format.
  private static func npy(_ rows: [[Double]], _ shape: [Int]) -> [UInt8] {
    let dims = ([rows.count] + shape).map { "\($0), " }.joined()
    var header = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(dims)), }"
    while (header.utf8.count + 11) % 64 != 0 { header += " " }
    header += "\n"
    let size = UInt16(header.utf8.count)
    let head: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(size & 255), UInt8(size >> 8)]
    let values = rows.flatMap { $0 }.flatMap { value in
      withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }
    return head + Array(header.utf8) + values
  }
}
