import ArgumentParser
import Reports
import Runs

/// The program: its own options are those of `RunCommand`, the verb that is meant when none is
/// named.
struct CertifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "certify",
    abstract: "Proves how robust a ReLU network is.",
    version: ProgramDescription.this.words,
    subcommands: [
      RunCommand.self, InspectCommand.self, MergeCommand.self, GateCommand.self,
      DiffCommand.self, TableCommand.self,
      ExplainCommand.self, PlaneCommand.self, VerifyCommand.self,
      ExportCommand.self, ReportCommand.self, PlotCommand.self, AuditCommand.self,
      ConvertCommand.self, AttestCommand.self,
    ],
    defaultSubcommand: RunCommand.self
  )
}

/// A command of this program: ends with a status of its own, and throws `InputError`, `OutputError`,
/// `RefusedModel` or `Contradiction`.
protocol Verb: ParsableCommand {
  func execute() throws -> ExitStatus
}
