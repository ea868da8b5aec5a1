import ArgumentParser
import FileAccess
import Runs

/// `certify convert MODEL -o net.json`: the network in the plain JSON form.
struct ConvertCommand: Verb {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Writes a network in the plain JSON form, exactly.",
    usage: """
      certify convert <model> [--output <file>] [<options>]
      """,
    discussion: """
      What 'certify' reads as a chain, layer by layer, with exactly its numbers, for programs that \
      are to be small enough to be read: examples/audit.py is one.
      """)

  @Argument(help: .model, completion: .network)
  var model: String

  @Option(
    name: [.short, .long],
    help: ArgumentHelp(
      "Write the network there, whole or not at all. (default: standard output)",
      valueName: "file"), completion: .file())
  var output: String?

  @OptionGroup(title: "The network") var network: NetworkArguments
  @OptionGroup(title: "The limits") var limits: LimitArguments

  @Flag(name: [.short, .long], help: .quiet)
  var quiet = false

  func execute() throws -> ExitStatus {
    let limits = try FileLimits(limits)
    let files = FilesInUse(
      inputs: [("the model", model)], outputs: [("--output", output ?? "-")])
    try files.check()
    let output = try AtomicFile(output ?? "-")
    defer { output.discard() }
    let file = try readModel(model, outputName: network.outputName, limits)
    try files.check(file)
    let chain = try validatedChain(of: file, limits, allowsAnyOutput: true)
    for piece in try PlainNetwork(chain, path: model).pieces { try output.write(piece) }
    try output.commit()
    let diagnostics = Diagnostics(isQuiet: quiet)
    for note in file.notes + chain.notes { diagnostics.note("\(model): \(note)") }
    return .done
  }
}
