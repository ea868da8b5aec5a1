import CProcess
import FileAccess
import Reports

extension ProgramDescription {
  /// The program that runs, as reports, journals and `--version` name it.
  package static let this = ProgramDescription(
    version: certifyVersion, build: linkedBuild ?? digestOfFile,
    commit: program_commit().map { String(cString: $0) })

  /// What the linker made of the program's contents.
  private static var linkedBuild: String? {
    var bytes: UnsafePointer<UInt8>?
    let count = program_build_id(&bytes)
    guard let bytes, count > 0 else { return nil }
    return hexadecimal(UnsafeBufferPointer(start: bytes, count: count))
  }

  /// The SHA-256 of the program's file, where no linker named it: two builds are never taken for one.
  private static var digestOfFile: String? {
    (try? readFile("/proc/self/exe")).map { sha256Hex($0) }
  }
}

/// The version of the program, as reports and `--version` give it.
package let certifyVersion = "0.1.0"
