import Foundation
import Testing

/// An audit is worth what it does not share with what it audits.
@Suite struct ImportTests {
  private static let sources = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Sources").standardizedFileURL

  private static func imports(of target: String) throws -> Set<String> {
    let folder = sources.appending(path: target)
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!files.isEmpty)
    return try Set(
      files.flatMap { name in
        try String(contentsOf: folder.appending(path: name), encoding: .utf8).split(separator: "\n")
          .filter { $0.contains("import ") && !$0.contains("//") }
          .compactMap { $0.split(separator: " ").last.map(String.init) }
      })
  }

  @Test("the audit imports nothing of the engine, its kernels or the importer")
  func audit() throws {
    #expect(try Self.imports(of: "Audit") == ["ExactNumbers", "Glibc", "ProofRecords"])
    #expect(try Self.imports(of: "ExactNumbers") == ["CGmp"])
    #expect(try Self.imports(of: "ProofRecords") == [])
  }
}
