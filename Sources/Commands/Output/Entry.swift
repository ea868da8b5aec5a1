import ArgumentParser
import CertificateRecords
import Certification
import FileAccess
import Numbers
import ReLUChain
import Runs

/// The way from arguments to an exit status, with every error worded once.
package enum Entry {
  /// The width that help is set for: readable on every terminal, and in a man page's example.
  static let helpColumns = 79

  /// Runs the command that the arguments name.
  package static func run() -> ExitStatus {
    do {
      let words = try Arguments.words()
      if let mistyped = UsageMessage.mistypedVerb(words) { throw mistyped }
      if let shell = try CompletionShell(asked: words) { return say(try shell.script()) }
      var command = try CertifyCommand.parseAsRoot(words)
      if let verb = command as? any Verb { return try verb.execute() }
      try command.run()
      return .done
    } catch let run as UnfinishedRun {
      let status = run.cause.map(answer)
      if status == nil { Diagnostics().text(["certify: interrupted"]) }
      Diagnostics().text(run.lines)
      return status ?? .interrupted
    } catch {
      return answer(error)
    }
  }

  /// Says what ended the run.
  private static func answer(_ error: any Error) -> ExitStatus {
    switch error {
    case let error as InputError:
      Diagnostics().error(error.lines, error.parts)
      return ExitStatus(error.kind)
    case let error as OutputError: return end(of: error)
    case let refusal as RefusedModel:
      Diagnostics().error(refusal.lines)
      return .refused
    case let error as Contradiction:
      Diagnostics().error(words(error))
      return .contradiction
    default: return end(of: error)
    }
  }

  private static func end(of error: OutputError) -> ExitStatus {
    // Whoever stopped reading knows that.
    if error.kind != .brokenPipe { Diagnostics().error(error.description) }
    return ExitStatus(error.kind)
  }

  /// Help and version are asked for by an error, too; what remains is a wrong command line.
  private static func end(of error: any Error) -> ExitStatus {
    let status = CertifyCommand.exitCode(for: error)
    if status.isSuccess {
      let text = CertifyCommand.fullMessage(for: error, columns: helpColumns)
      return say(isRootHelp(text) ? help() : text + "\n")
    }
    guard status == .validationFailure else {
      Diagnostics().error("internal error: \(error)")
      return .contradiction
    }
    let words = (try? Arguments.words()) ?? []
    Diagnostics().error(
      UsageMessage(words, found: CertifyCommand.message(for: error)).lines,
      [("kind", .string("usage")), ("status", .integer(Int(ExitStatus.usage.rawValue)))])
    return .usage
  }

  /// A text that was asked for, on standard output.
  private static func say(_ text: String) -> ExitStatus {
    do throws(OutputError) {
      let output = try AtomicFile("-")
      try output.write(text)
      try output.commit()
      return .done
    } catch {
      return end(of: error)
    }
  }

  /// Both facts: the certificate and the counterexample.
  package static func words(_ error: Contradiction) -> String {
    "internal error: item \(error.index): class \(error.certifiedClass) is certified within "
      + (DirectedDecimal.text(error.certifiedRadius, rounded: .down) ?? "?")
      + ", but class \(error.winner) wins at a checked point within "
      + (DirectedDecimal.text(error.distance, rounded: .up) ?? "?") + "; expected no such point"
  }

  /// The help of the program is that of the verb that is meant when none is named.
  static func help() -> String {
    CertifyCommand.helpMessage(for: RunCommand.self, columns: helpColumns) + "\n"
  }

  private static func isRootHelp(_ text: String) -> Bool {
    text == CertifyCommand.helpMessage(columns: helpColumns)
  }
}
