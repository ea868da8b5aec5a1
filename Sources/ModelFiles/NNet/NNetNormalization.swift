import FileAccess
import NetworkGraph

/// What a `.nnet` file says of means and ranges, as files in the wild say it.
///
/// Entries are those of the inputs, in order, and the last one that of the outputs, which may be
/// missing; what stands between belongs to parameters that chose the network. A range that is 0 or
/// negative was never set: that input (or the outputs) is taken as not normalised.
struct NNetNormalization {
  private let inputCount: Int
  private var means, ranges: [Double]
  private var output = (mean: 0.0, range: 1.0)
  /// What was left out or taken as given, and what looks wrong.
  var notes: [String] = []
  private(set) var warnings: [String] = []

  /// Starts with nothing normalised.
  init(inputCount: Int) {
    self.inputCount = inputCount
    means = []
    ranges = []
  }

  /// Notes a line of bounds that has not one for each input; no number depends on it.
  mutating func noteBounds(_ what: String, _ count: Int) {
    guard count != inputCount else { return }
    notes.append("\(count) \(what) values for \(inputCount) inputs")
  }

  /// Takes the entries of the lines of means and of ranges.
  mutating func take(
    _ means: [Double], _ ranges: [Double], lines: (means: Int, ranges: Int), file: String
  ) throws(InputError) {
    output.mean = try entries(means, "mean", line: lines.means, file: file, otherwise: 0)
    output.range = try entries(ranges, "range", line: lines.ranges, file: file, otherwise: 1)
    (self.means, self.ranges) = (Array(means.prefix(inputCount)), Array(ranges.prefix(inputCount)))
    let unset = self.ranges.indices.filter { self.ranges[$0] <= 0 }
    for input in unset { (self.means[input], self.ranges[input]) = (0, 1) }
    if let first = unset.first {
      let which = unset.count == inputCount ? "every input" : "input \(first)"
      let more = unset.count > 1 && unset.count < inputCount ? " and \(unset.count - 1) more" : ""
      warnings.append(
        "line \(lines.ranges): the range of \(which)\(more) is \(number(ranges[first])): taken as not"
          + " normalised, range 1 and mean 0")
    }
    if output.range <= 0 {
      warnings.append(
        "line \(lines.ranges): the range of the outputs is \(number(output.range)): taken as not"
          + " normalised, range 1 and mean 0")
      output = (0, 1)
    }
  }

  /// The last entry, that of the outputs, or what stands for it.
  private mutating func entries(
    _ values: [Double], _ what: String, line: Int, file: String, otherwise: Double
  ) throws(InputError) -> Double {
    guard values.count >= inputCount else {
      throw InputError(
        file: file, place: "line \(line)", found: counted(values.count, "number"),
        expected: "\(inputCount + 1): the \(what) of each input and of the outputs")
    }
    if values.count == inputCount {
      notes.append("no \(what) for the outputs: taken as \(number(otherwise))")
      return otherwise
    }
    let spare = values.count - inputCount - 1
    if spare > 0 {
      notes.append(
        "\(values.count) \(what)s for \(inputCount) inputs: the first \(inputCount) are theirs, the last"
          + " is that of the outputs")
    }
    return values[values.count - 1]
  }

  /// Puts `(x - mean) / range` in front; where nothing is normalised, no node stands for it.
  func addInput(to builder: inout GraphBuilder) {
    guard means.contains(where: { $0 != 0 }) || ranges.contains(where: { $0 != 1 }) else { return }
    builder.add("Sub", name: "means", constants: [("means", vector(means))])
    builder.add("Div", name: "ranges", constants: [("ranges", vector(ranges))])
  }

  /// Puts `range * z + mean` behind the outputs.
  func addOutput(to builder: inout GraphBuilder) {
    guard output.mean != 0 || output.range != 1 else { return }
    builder.add(
      "Mul", name: "output range", constants: [("output range", vector([output.range]))])
    builder.add("Add", name: "output mean", constants: [("output mean", vector([output.mean]))])
  }

  private func vector(_ values: [Double]) -> Tensor {
    Tensor(shape: [values.count], elementType: .float64, elements: .double(values))
  }

  private func number(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }
}
