import ChainImport
import DataFiles
import FileAccess
import FuzzDriver
import Glibc
import ModelFiles
import PropertyFiles
import ReLUChain
import Reports

/// What can be fuzzed: each is a path that bytes from strangers take through the program.
enum FuzzTarget: String, CaseIterable {
  case onnx, onnxJSON = "onnx-json", plainJSON = "plain-json", nnet
  case idx, numpy, csv
  case reports, journals, proofs, vnnlib

  /// Reads one input; a refusal is an answer, and everything else that is no answer is a crash.
  func run(_ bytes: [UInt8]) {
    switch self {
    case .onnx: readModel(bytes, name: "fuzzed.onnx")
    case .onnxJSON, .plainJSON: readModel(bytes, name: "fuzzed.json")
    case .nnet: readModel(bytes, name: "fuzzed.nnet")
    case .idx, .numpy: readData(bytes, labelColumn: nil)
    case .reports: readReports(bytes)
    case .journals: JournalTarget.run(bytes)
    case .proofs: ProofTarget.run(bytes)
    case .vnnlib: readProperty(bytes)
    case .csv: for column in LabelColumn.allCases { readData(bytes, labelColumn: column) }
    }
  }

  /// Bytes to chain, and what a run does with the chain.
  private func readModel(_ bytes: [UInt8], name: String) {
    // The folder has a file that external data can lie in.
    guard
      let model = accepted({ () throws(InputError) in
        try ModelFile.decode(bytes, path: "fixtures/digits/" + name)
      })
    else { return }
    do throws(ChainRefusals) {
      ChainUse.run(try ReLUChain(validating: model.graph))
    } catch {
      precondition(!error.reasons.isEmpty, "refused without a reason")
      for reason in error.reasons { precondition(!reason.description.isEmpty, "no words") }
    }
  }

  /// Bytes to reports, to what `certify merge` and `certify table` make of them, and back.
  private func readReports(_ bytes: [UInt8]) {
    let file = accepted { () throws(InputError) in try ReportFile(bytes, path: "fuzzed.json") }
    guard let file else { return }
    for form in ErrorTable.Form.allCases {
      let table = accepted { () throws(InputError) in try ErrorTable([file]).text(form) }
      precondition(table?.isEmpty != true, "a table of nothing")
    }
    guard let joined = accepted({ () throws(InputError) in try JoinedReports([file]) }) else {
      return
    }
    let text = ReportText(joined).joined()
    let again = accepted { () throws(InputError) in
      try JoinedReports([ReportFile(Array(text.utf8), path: "again.json")])
    }
    precondition(
      again.map { ReportText($0).joined() == text } == true, "what is written reads back otherwise")
  }

  /// Bytes to a property, whose boxes have two ends a side and whose disjuncts ask about outputs.
  private func readProperty(_ bytes: [UInt8]) {
    let property = accepted { () throws(InputError) in
      try PropertyFile.decode(bytes, file: "fuzzed.vnnlib")
    }
    guard let property else { return }
    precondition(!property.cases.isEmpty, "a property of nothing")
    for propertyCase in property.cases {
      let box = propertyCase.box
      precondition(box.lower.count == property.inputCount, "ends are missing")
      for (feature, ends) in zip(box.lower, box.upper).enumerated() {
        precondition(ends.0.isFinite && ends.1.isFinite, "a number that is none")
        precondition(ends.0.lower <= ends.1.upper, "an empty box")
        precondition(ends.0.lower <= ends.0.upper && ends.1.lower <= ends.1.upper, "no enclosure")
        _ = box.numeral(of: Double(Float(ends.0.nearest)), feature: feature)
      }
      for constraint in propertyCase.conjunctions.joined() {
        precondition(!constraint.terms.isEmpty, "a constraint of nothing")
        precondition(constraint.terms.allSatisfy { $0.output < property.outputCount }, "no output")
      }
      precondition(propertyCase.conjunctions.allSatisfy { !$0.isEmpty }, "an empty disjunct")
    }
  }

  /// Bytes to examples and labels.
  private func readData(_ bytes: [UInt8], labelColumn: LabelColumn?) {
    let file = MemoryFile(bytes)
    let data = accepted { () throws(InputError) in
      try Dataset.read(path: file.path, labelColumn: labelColumn)
    }
    readParts(file.path, labelColumn, data)
    guard let data else { return }
    for index in [0, data.count / 2, data.count - 1] {
      let features = data.features(of: index)
      precondition(features.count == data.featureCount, "features are missing")
      precondition(features.allSatisfy(\.isFinite), "a number that is none")
    }
    _ = data.rawRange()
    for layout in Layout.allCases {
      let order = accepted { () throws(InputError) in
        try Layout.permutation(
          from: data.itemShape, layout: layout, to: data.itemShape, file: file.path)
      }
      if let order, let order {
        _ = data.reordered(order, itemShape: data.itemShape).features(of: data.count - 1)
      }
    }
    _ = accepted { () throws(InputError) in
      try ScaledDataset(data).features(of: data.count - 1)
    }
    for name in [nil, "y", "label"] {
      _ = accepted { () throws(InputError) in
        try Labels.read(
          path: file.path, count: data.count, dataPath: file.path, name: name, column: labelColumn)
      }
      _ = accepted { () throws(InputError) in
        try Dataset.read(path: file.path, names: ArrayNames(items: name, labels: "x"))
      }
    }
  }

  /// Some examples are those of the whole, where there is one, and the survey says their range.
  private func readParts(_ path: String, _ labelColumn: LabelColumn?, _ whole: Dataset?) {
    let opened = accepted { () throws(InputError) in
      try DataFile.open(path: path, labelColumn: labelColumn)
    }
    guard let opened else { return precondition(whole == nil, "read whole, and not opened") }
    let survey = accepted { () throws(InputError) in try opened.survey() }
    for positions in [[0], [opened.count / 2, opened.count - 1], [opened.count - 1]] {
      guard positions.count < 2 || positions[0] < positions[1] else { continue }
      let part = accepted { () throws(InputError) in try opened.dataset(positions) }
      guard let whole else { continue }
      for item in positions {
        precondition(part?.features(of: item) == whole.features(of: item), "another example")
      }
    }
    if let whole { precondition(survey?.range == whole.rawRange(), "another range") }
  }

  /// What was read, or nil where it was refused in words.
  private func accepted<Value>(_ read: () throws(InputError) -> Value) -> Value? {
    do throws(InputError) {
      return try read()
    } catch {
      precondition(!error.found.isEmpty && !error.file.isEmpty, "refused without words")
      return nil
    }
  }
}

/// Bytes that can be opened by a path.
private struct MemoryFile: ~Copyable {
  private let descriptor: Int32

  init(_ bytes: [UInt8]) {
    descriptor = fuzz_memory_file()
    precondition(write(descriptor, bytes, bytes.count) == bytes.count, "no room for the input")
  }

  var path: String { "/proc/self/fd/\(descriptor)" }

  deinit { close(descriptor) }
}
