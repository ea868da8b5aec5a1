import FileAccess
import Glibc
import Reports
import Runs

/// Who made a report, when and where: beside the report, whose bytes depend on none of it.
struct Provenance {
  private let begun = time(nil)
  private let clock = secondsOfClock()

  /// The document, with its last line end.
  ///
  /// - Parameters:
  ///   - words: those of the command line, behind the program's name.
  ///   - report: the report's path and the SHA-256 of its bytes.
  func text(words: [String], report: (path: String, sha256: String), threads: Int) -> String {
    var system = utsname()
    uname(&system)
    let machine: [(key: String, value: JSONValue)] = [
      ("host", .string(Self.text(&system.nodename))),
      ("system", .string(Self.text(&system.sysname))),
      ("release", .string(Self.text(&system.release))),
      ("architecture", .string(Self.text(&system.machine))),
      ("cores", .integer(RunPlan.coreCount)),
    ]
    let members: [(key: String, value: JSONValue)] = [
      ("format", .string("certify-provenance")), ("version", .integer(1)),
      ("tool", ProgramDescription.this.json),
      ("command", .array((["certify"] + words).map { .string($0) })),
      ("started", .string(Self.moment(begun))), ("ended", .string(Self.moment(time(nil)))),
      ("seconds", .number(Self.tenths(secondsOfClock() - clock))), ("threads", .integer(threads)),
      ("machine", .object(machine)),
      (
        "report",
        .object([("path", .string(report.path)), ("sha256", .string(report.sha256))])
      ),
    ]
    return JSONValue.object(members).laidOutText() + "\n"
  }

  /// RFC 3339, in universal time.
  private static func moment(_ time: time_t) -> String {
    var (time, parts) = (time, tm())
    gmtime_r(&time, &parts)
    var buffer = [CChar](repeating: 0, count: 32)
    let length = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func tenths(_ seconds: Double) -> String {
    let tenths = Int((max(0, seconds) * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  private static func text<Field>(_ field: inout Field) -> String {
    withUnsafeBytes(of: &field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
