import ArgumentParser

/// What of a file is the network.
struct NetworkArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The output that is meant, of several. (default: the only one)", valueName: "name"))
  var outputName: String?
}
