import CertificateRecords
import DataFiles
import FileAccess

/// Where `--counterexamples` goes: the points, and beside them the positions of their examples in
/// the data and the labels that they do not get.
package struct CounterexamplePaths: Sendable {
  let form: ArrayFile
  package let points: String
  /// `NAME-indices.npy`: one position a point.
  let indices: String
  /// `NAME-labels.npy`: the class that a point of the ball should have, where a run on the points
  /// looks for its labels.
  let labels: String

  /// Reads the option's value.
  package init(_ path: String) throws(InputError) {
    (form, points) = (try ArrayFile(endingOf: path, option: "--counterexamples"), path)
    let stem = path.dropLast(form.rawValue.count + 1)
    (indices, labels) = ("\(stem)-indices.\(form.rawValue)", "\(stem)-labels.\(form.rawValue)")
  }

  /// All of them.
  package var all: [String] { [points, indices, labels] }
}

/// The three files, opened before the work.
package struct CounterexampleFiles {
  private let form: ArrayFile
  /// The outputs, to be completed with the others.
  package let files: [AtomicFile]

  /// Opens the outputs.
  package init(_ paths: CounterexamplePaths) throws(OutputError) {
    form = paths.form
    var files: [AtomicFile] = []
    for path in paths.all { files.append(try AtomicFile(path)) }
    self.files = files
  }

  /// Writes the counterexamples in the order of the data, in the units of the scaled data and the
  /// network's order: binary32 where that has every number of every point, else binary64.
  ///
  /// - Parameter shape: The shape of one input of the network.
  package func write(_ certificates: [Certificate], shape: [Int]) throws(OutputError) {
    let found = certificates.filter { $0.attack?.counterexample != nil }
    let (points, indices, labels) = (files[0], files[1], files[2])
    let values = found.map { $0.attack?.counterexample?.point ?? [] }
    let isNarrow = values.allSatisfy { $0.allSatisfy { Double(Float($0)) == $0 } }
    try points.write(form.header(isNarrow ? .float32 : .float64, shape: [found.count] + shape))
    for point in values {
      try points.write(isNarrow ? form.bytes(of: point.map { Float($0) }) : form.bytes(of: point))
    }
    for (file, values) in [
      (indices, found.map(\.index)), (labels, found.map(\.specificationClass)),
    ] {
      try file.write(form.header(.integer, shape: [values.count]) + form.bytes(of: values))
    }
  }

  /// Gives them up.
  package func discard() {
    for file in files { file.discard() }
  }
}
