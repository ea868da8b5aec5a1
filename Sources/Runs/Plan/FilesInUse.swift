import DataFiles
import FileAccess
import ModelFiles

/// The files that a command reads and writes: an output never replaces an input, whatever either is
/// called, and no two outputs are one file.
package struct FilesInUse: Sendable {
  /// A file, and what it is to the command: an option for an output, words for an input.
  struct Use: Sendable {
    var role, path: String
  }

  private let inputs, outputs: [Use]

  /// Every file that the command line names or implies; optional ones may be nil.
  package init(inputs: [(String, String?)], outputs: [(String, String?)]) {
    func uses(_ files: [(String, String?)]) -> [Use] {
      files.compactMap { role, path in path.map { Use(role: role, path: $0) } }
    }
    (self.inputs, self.outputs) = (uses(inputs), uses(outputs))
  }

  /// Where outputs go.
  package var outputPaths: [String] { outputs.map(\.path) }

  /// Before any work: standard input is read once, and no output is an input or another output.
  package func check() throws(InputError) {
    let streams = inputs.filter { $0.path == "-" }
    guard streams.count < 2 else {
      let isSame = streams[0].role == streams[1].role
      throw InputError(
        .usage, file: isSame ? "standard input" : streams[1].role,
        found: isSame ? "'-' twice" : "'-' is read by \(streams[0].role) already",
        expected: "standard input to be read once")
    }
    try check(inputs)
    for (place, output) in outputs.enumerated() where output.path != "-" {
      try refuse(output, ifAmong: outputs[..<place])
    }
  }

  /// Before the work, as soon as the model is read: the files that it names itself are inputs, too.
  package func check(_ model: ModelFile) throws(InputError) {
    try check(
      model.externalFiles.map {
        Use(role: "one of the files of the model's weights", path: $0.path)
      })
  }

  private func check(_ inputs: [Use]) throws(InputError) {
    let places = inputs.map { FilePlace(reading: $0.path) }
    for output in outputs {
      guard let place = FilePlace(writing: output.path),
        let found = places.firstIndex(of: place)
      else { continue }
      throw refusal(output, inputs[found])
    }
  }

  private func refuse(_ output: Use, ifAmong others: ArraySlice<Use>) throws(InputError) {
    let place = FilePlace(writing: output.path)
    for other in others where other.path != "-" {
      guard other.path == output.path || (place != nil && place == FilePlace(writing: other.path))
      else { continue }
      throw refusal(output, other)
    }
  }

  private func refusal(_ output: Use, _ other: Use) -> InputError {
    let name = output.path == "-" ? "standard output" : quoted(output.path)
    let words = other.role.hasPrefix("one of ") ? other.role : other.role + " itself"
    return InputError(
      .usage, file: output.role, found: "\(name) is \(words)", expected: "another file")
  }
}

extension FilesInUse {
  /// Those of a command that joins reports.
  package init(reports: [String], output: String?) {
    self.init(
      inputs: reports.map { ("one of the reports", $0) }, outputs: [("--output", output ?? "-")])
  }
}
