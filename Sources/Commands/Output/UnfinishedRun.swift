import CProcess
import FileAccess
import Runs

/// A run that ended before its end, and that its journal can be gone on with.
struct UnfinishedRun: Error {
  /// Why; nil where it was interrupted.
  var cause: (any Error)?
  /// How much is done, and the command that goes on.
  var lines: [String]
}

/// What stands over a run with a journal: Ctrl-C lets it finish the examples at hand, and however it
/// ends, the command that goes on is said.
struct JournalWatch {
  private let path: String

  /// Begins to watch.
  init(_ path: String) {
    self.path = path
    process_set_last_words(lines(finished: "").map { printed($0) + "\n" }.joined())
    process_await_interrupt(1)
  }

  /// Whether Ctrl-C was pressed.
  var isInterrupted: Bool { process_was_interrupted() != 0 }

  /// From here on Ctrl-C ends the program at once: nothing waits to be finished.
  func stopWaiting() { process_await_interrupt(0) }

  /// Gives signals back.
  func end() {
    stopWaiting()
    process_set_last_words("")
  }

  /// What is said below the reason.
  ///
  /// - Parameter finished: how much is done, in words; empty where that is not known.
  func lines(finished: String) -> [String] {
    let command = (try? Arguments.words()).map { words in
      (["certify"] + words + (words.contains("--resume") ? [] : ["--resume"]))
        .map(Arguments.shellWord).joined(separator: " ")
    }
    return [
      "\(finished.isEmpty ? "finished examples are" : finished) kept in \(path); this goes on:"
    ] + [command.map { "  \($0)" }].compactMap(\.self)
  }
}

extension Arguments {
  /// A word as a shell takes it.
  static func shellWord(_ word: String) -> String {
    let plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,=@%+"
    if !word.isEmpty, word.allSatisfy(plain.contains) { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
  }
}
