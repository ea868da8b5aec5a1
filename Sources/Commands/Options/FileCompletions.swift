import ArgumentParser

// Which files shells offer for what several verbs take.
extension CompletionKind {
  static let network = CompletionKind.file(extensions: ["onnx", "json", "nnet"])
  static let report = CompletionKind.file(extensions: ["json"])
}
