import FileAccess
import Foundation
import ModelFiles
import NetworkGraph
import Testing

/// Reads bytes as the file that a test calls `net`.
func read(_ bytes: [UInt8], name: String = "net", limits: ModelLimits = ModelLimits()) throws
  -> ModelFile
{
  try ModelFile.decode(bytes, path: name, limits: limits)
}

func read(json: String, limits: ModelLimits = ModelLimits()) throws -> ModelFile {
  try ModelFile.decode(Array(json.utf8), path: "net", limits: limits)
}

/// The words of the refusal, or what came instead.
func refusal(
  _ kind: InputError.Kind = .content, _ body: () throws -> ModelFile
) -> String {
  do {
    return "accepted: \(try body().graph.nodes.count) nodes"
  } catch let error as InputError {
    return error.kind == kind ? error.description : "\(error.kind): \(error)"
  } catch {
    return "another error: \(error)"
  }
}

/// The graph's one constant of that name.
func constant(_ name: String, of file: ModelFile) throws -> Tensor {
  try #require(file.graph.initializers[name])
}

/// A folder of its own for one test, removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("certify-" + UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

func write(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

/// The repository's folder of fixtures.
let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("fixtures").path
