import DataFiles
import FileAccess
import NetworkGraph
import Numbers
import ReLUChain

/// Where examples come from and how they are read, in which units and order.
package struct DataReading: Sendable {
  package var path: String
  package var format: DataFormat?
  package var labelColumn: LabelColumn?
  /// The array of the examples, where the user names it.
  package var arrayName: String?
  package var scale: Numeral?
  package var mean: [Numeral] = []
  package var standardDeviation: [Numeral] = []
  package var layout: Layout?

  /// Examples as they are usually read.
  package init(_ path: String) { self.path = path }

  /// Whether a normalisation stands in front of the network.
  var normalizes: Bool { !mean.isEmpty || !standardDeviation.isEmpty }

  /// Opens the file.
  ///
  /// - Parameter labelsName: The array or column of the labels in this file, where the user names it.
  package func open(
    labelsName: String? = nil, _ limits: DataLimits
  ) throws(InputError) -> DataFile {
    try FileLimits.naming("--max-data") { () throws(InputError) in
      try DataFile.open(
        path: path, format: format, labelColumn: labelColumn,
        names: ArrayNames(items: arrayName, labels: labelsName), limits: limits)
    }
  }

  /// Puts `--mean` and `--std` in front, each one value or one a channel.
  ///
  /// - Parameter keepsDigits: Not rounded to binary32, in which a deployed network holds them.
  package func normalized(_ chain: ReLUChain, keepsDigits: Bool) throws(InputError) -> ReLUChain {
    guard normalizes else { return chain }
    let counts = channelCounts
    // Images of a network that reads pixel by pixel have their channels last.
    let shape = chain.inputShape
    let isLast = shape.count > 1 && !counts.isEmpty && counts.allSatisfy { $0 == shape.last }
    let axis = isLast && !counts.allSatisfy { $0 == shape.first } ? shape.count - 1 : 0
    func deployed(_ number: Numeral) -> Double {
      keepsDigits ? number.nearest : Double(Float(number.nearest))
    }
    do throws(NormalizationMismatch) {
      return try chain.normalizing(
        mean: mean.isEmpty ? [0] : mean.map(deployed),
        std: standardDeviation.isEmpty ? [1] : standardDeviation.map(deployed), channelAxis: axis)
    } catch {
      throw InputError(
        .usage, file: mean.count == error.count ? "--mean" : "--std",
        found: "\(error.count) values",
        expected: "1, or \(error.channels): one for each channel of \(shape)")
    }
  }

  /// Where the network finds each feature of a stored example; nil where they lie in its order.
  ///
  /// - Throws: Where the file calls the features by other names than the network.
  package func order(_ stored: DataFile, _ chain: ReLUChain) throws(InputError) -> [Int]? {
    if let columns = chain.columns {
      try stored.check(columns: columns.names, needsNames: columns.needsNames)
    }
    return try Layout.permutation(
      from: stored.itemShape, layout: layout, to: chain.inputShape, channels: channels, file: path)
  }

  /// The shape of an example for a network that leaves its own open: as it is stored, or, where `--layout` brings it
  /// into the network's order, with the axis of the channels that the network's own numbers show.
  package func exampleShape(_ stored: DataFile, _ graph: Graph) throws(InputError) -> [Int] {
    let open = graph.inputs.first { $0.dimensions?.dropFirst().contains { !$0.isNumber } ?? false }
    let known = open?.dimensions?.dropFirst()
    let shapes = (layout?.networkShapes(of: stored.itemShape) ?? []).filter { shape in
      guard let known, known.count == shape.count else { return false }
      return zip(known, shape).allSatisfy { dimension, size in
        if case .fixed(let number) = dimension { number == size } else { true }
      }
    }
    guard shapes.count > 1 else { return shapes.first ?? stored.itemShape }
    throw InputError(
      .usage, file: "--layout",
      found: "\(layout?.rawValue ?? ""), where the network's input has no numbers: it may read"
        + " \(shapes[0]) or \(shapes[1])",
      expected: "a network that says which axis has the channels",
      remedy:
        "give them to the file (onnx.tools.update_model_dims), or give the data as the network"
        + " reads them and leave --layout out")
  }

  private var channelCounts: [Int] { [mean.count, standardDeviation.count].filter { $0 > 1 } }

  /// The number of channels, where `--mean` or `--std` has a value for each.
  var channels: Int? { channelCounts.first }

  /// Refuses so many examples where they take more than `--max-data` allows.
  func checkRoom(_ stored: DataFile, _ count: Int) throws(InputError) {
    try FileLimits.naming("--max-data") { () throws(InputError) in
      try stored.checkRoom(for: count)
    }
  }

  /// Reads examples as they are stored.
  package func examples(_ stored: DataFile, _ positions: [Int]) throws(InputError) -> Dataset {
    try FileLimits.naming("--max-data") { () throws(InputError) in try stored.dataset(positions) }
  }
}
