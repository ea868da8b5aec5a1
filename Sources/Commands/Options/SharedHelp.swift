import ArgumentParser

// The help of what several verbs take, worded once.
extension ArgumentHelp {
  static let model: ArgumentHelp =
    "The network: ONNX or its JSON form, JSON weights, or .nnet; '-' reads standard input."
  static let reports: ArgumentHelp = "The reports, or lists of reports; '-' reads standard input."
  static let quiet: ArgumentHelp = "Say only errors and warnings on standard error."
  static let decision = ArgumentHelp(
    "Score that decides on the class: the largest, or the smallest (ACAS Xu).", valueName: "which")
}
