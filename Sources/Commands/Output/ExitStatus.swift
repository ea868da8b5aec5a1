import FileAccess

/// The exit statuses of the program, after sysexits; man/certify.1 has a section on them.
package enum ExitStatus: Int32, CaseIterable {
  /// Done, and every gate that was asked for passed.
  case done = 0
  /// Done, but a gate failed, or a property was not proved.
  case gateFailed = 1
  /// The logits are not those that were expected.
  case logitsDiffer = 2
  /// The command line is wrong.
  case usage = 64
  /// The model, the data or a report is refused.
  case refused = 65
  /// A file cannot be opened or read.
  case unreadable = 66
  /// An internal contradiction: a defect of this program.
  case contradiction = 70
  /// The output cannot be created.
  case cannotCreate = 73
  /// The output cannot be written to its end.
  case cannotWrite = 74
  /// A stated limit was reached.
  case limit = 75
  /// The terminal has gone.
  case hungUp = 129
  /// Interrupted from the keyboard.
  case interrupted = 130
  /// Asked to end.
  case terminated = 143
}

extension ExitStatus {
  /// The status of a refused input.
  init(_ kind: InputError.Kind) {
    switch kind {
    case .usage: self = .usage
    case .content: self = .refused
    case .unreadable: self = .unreadable
    case .limit: self = .limit
    }
  }

  /// The status of a failed output.
  init(_ kind: OutputError.Kind) {
    switch kind {
    case .cannotCreate: self = .cannotCreate
    case .cannotWrite, .cannotExtend, .brokenPipe: self = .cannotWrite
    }
  }
}
