import Foundation
import Testing

/// The order in which a run asks the system to sync and to rename, told by a library of C that stands in
/// front of the system's; without a compiler for it nothing is tested.
@Suite struct SyncTests {
  /// Writes a line for each call into the file that `SPY` names: what was called, and the file's number.
  private static let spy = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <sys/stat.h>

    static void note(const char *call, const struct stat *file) {
      FILE *log = fopen(getenv("SPY"), "a");
      fprintf(log, "%s %lu\\n", call, (unsigned long)file->st_ino);
      fclose(log);
    }

    int fsync(int descriptor) {
      struct stat file;
      fstat(descriptor, &file);
      int result = ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(descriptor);
      if (result == 0) note("sync", &file);
      return result;
    }

    int rename(const char *from, const char *to) {
      struct stat file;
      stat(from, &file);
      note("rename", &file);
      return ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
    }
    """

  private static let compiler = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin")
    .split(separator: ":").flatMap { folder in ["cc", "clang"].map { "\(folder)/\($0)" } }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  @Test(
    "an output is synced before it takes its name, and its folder behind it",
    .enabled(if: compiler != nil, "no compiler of C on PATH"))
  func syncedBeforeRenamed() throws {
    let scratch = try Scratch()
    try Data(Self.spy.utf8).write(to: scratch.file("spy.c"))
    let built = try Command.run(
      URL(filePath: try #require(Self.compiler)),
      ["-shared", "-fPIC", scratch.path("spy.c"), "-o", scratch.path("spy.so"), "-ldl"])
    try #require(built.status == 0, "\(built.errors)")
    let folder = scratch.file("out")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let output = folder.appending(path: "report.json").path
    let outcome = try Command.run(
      URL(filePath: "/usr/bin/env"),
      [
        "LD_PRELOAD=\(scratch.path("spy.so"))", "SPY=\(scratch.path("calls"))",
        Command.program.path, OutputTests.model, "--data", Command.images, "--eps", "0.05",
        "--limit", "2", "--output", output,
      ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    func number(_ path: String) throws -> String {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      return "\(try #require(attributes[.systemFileNumber] as? Int))"
    }
    let (file, place) = (try number(output), try number(folder.path))
    let calls = try scratch.text("calls").split(separator: "\n").map(String.init)
    #expect(calls == ["sync \(file)", "rename \(file)", "sync \(place)"])
  }
}
