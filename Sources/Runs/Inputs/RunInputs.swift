import DataFiles
import FileAccess
import DualBounds
import ModelFiles
import NetworkGraph
import Numbers
import ReLUChain
import Reports

/// The files of a run, read and found to fit together.
package struct RunInputs: Sendable {
  /// The network as the file has it.
  package let model: ModelFile
  /// The network that is certified: that of the file, behind `--mean` and `--std`.
  package let chain: ReLUChain
  /// The shape of an example as it is stored.
  package let storedShape: [Int]
  /// The examples in the network's order, as they are stored.
  package let data: Dataset
  /// The same in the units of epsilon.
  package let scaled: ScaledDataset
  /// nil where one epsilon holds for all features.
  package let featureRadii: FeatureRadii?
  /// nil for data without labels.
  package let labels: Labels?
  /// The positions of the examples that were asked for.
  package let indices: Range<Int>
  /// The positions of those that are certified: all of them, or a sample.
  package let positions: [Int]
  /// What looks contradictory in the settings.
  package let warnings: [RunWarning]
  /// No radius above this is searched.
  package let radiusCap: Numeral

  /// Reads everything that the plan names, the model first.
  package init(_ plan: RunPlan) throws {
    let reading = plan.reading
    model = try readModel(plan.modelPath, outputName: plan.outputName, plan.limits)
    try plan.files.check(model)
    // The network comes first, but where it needs the data to be understood.
    let labelsName = plan.labelsPath == nil ? plan.labelsName : nil
    let early =
      model.graph.hasOpenFeatures
      ? try reading.open(labelsName: labelsName, plan.limits.data) : nil
    var shapeOfData: [Int]?
    if let early { shapeOfData = try reading.exampleShape(early, model.graph) }
    let fileChain = try validatedChain(
      of: model, plan.limits, deployed: plan.arithmetic.elementType,
      exampleShape: shapeOfData)
    try plan.arithmetic.check(fileChain, path: plan.modelPath)
    chain = try reading.normalized(
      fileChain, keepsDigits: [.real, .float64].contains(plan.arithmetic)
    ).deciding(by: plan.decision, path: plan.modelPath)
    let stored = try early ?? reading.open(labelsName: labelsName, plan.limits.data)
    storedShape = stored.itemShape
    let shape = fileChain.inputShape
    let order = try reading.order(stored, fileChain)
    featureRadii = try plan.epsilonFile.map { (path) throws(InputError) in
      try FeatureRadii(
        path: path, itemShape: stored.itemShape, networkShape: shape, layout: reading.layout,
        channels: reading.channels)
    }
    labels = try RunInputs.labels(plan, stored)
    indices = try RunInputs.indices(plan, stored.count)
    try labels?.check(classCount: chain.classCount, in: indices)
    let asked = min(indices.count, plan.sample?.examples.count ?? indices.count)
    try reading.checkRoom(stored, asked)
    positions =
      try plan.positions(of: indices) ?? Array(indices)
    let examples = try reading.examples(stored, positions)
    data = order.map { examples.reordered($0, itemShape: shape) } ?? examples
    scaled = try ScaledDataset(
      data, scale: reading.scale, takesWholeNumbers: fileChain.wholeInputs != nil)
    let survey = DataSurvey(stored)
    warnings =
      try UnitsCheck(
        plan, fileChain, scaled, survey, radii: featureRadii
      ).warnings() + plan.arithmetic.unheldWarnings(chain)
      + RunInputs.unusedWarnings(stored, labels)
      + RunInputs.fileWarnings(model)
    for gate in plan.gates {
      try gate.check(
        isLabelled: labels != nil, isDetected: plan.detects || labels == nil,
        hasRadii: plan.radii != nil)
    }
    radiusCap = try RunInputs.radiusCap(plan, scaled, survey, unit: featureRadii?.largest ?? 1)
  }

  private static func labels(_ plan: RunPlan, _ data: DataFile) throws(InputError) -> Labels? {
    // Labels that nobody named are those of the data's own file first.
    guard let path = plan.labelsPath ?? (data.labels == nil ? plan.foundLabelsPath : nil) else {
      return data.labels
    }
    return try FileLimits.naming("--max-data") { () throws(InputError) in
      try Labels.read(
        path: path, count: data.count, dataPath: plan.dataPath,
        name: plan.labelsPath == nil ? nil : plan.labelsName,
        // Of two CSV files, the option speaks of the data.
        column: data.format == .csv ? nil : plan.reading.labelColumn, items: data.arrays.items,
        identifiers: data.identifiers, limits: plan.limits.data)
    }
  }

  /// What looks wrong in the network's file.
  private static func fileWarnings(_ model: ModelFile) -> [RunWarning] {
    model.warnings.map { RunWarning(.unsetNormalization, "\(model.path): \($0)") }
  }

  /// Labels that lie in the data's file under an unusual name are not dropped in silence.
  private static func unusedWarnings(_ data: DataFile, _ labels: Labels?) -> [RunWarning] {
    guard labels == nil, let first = data.unusedArrays.first else { return [] }
    let names = data.unusedArrays.prefix(8).map(quoted).joined(separator: ", ")
    let more = data.unusedArrays.count > 8 ? ", ..." : ""
    return [
      RunWarning(
        .unusedArrays,
        "\(data.path) has arrays that are not used: \(names)\(more); where one holds the labels,"
          + " say --labels-name \(first)")
    ]
  }

  private static func indices(_ plan: RunPlan, _ count: Int) throws(InputError) -> Range<Int> {
    guard plan.offset < count else {
      throw InputError(
        .usage, file: plan.isSingle ? "--index" : "--offset", found: "\(plan.offset)",
        expected: "0 to \(count - 1): \(plan.dataPath) has \(count) examples")
    }
    let range = plan.offset..<plan.offset + min(count - plan.offset, plan.limit ?? count)
    return try plan.shard?.part(of: range) ?? range
  }

  /// What was typed, else the diameter of the domain, else that of the data's range (of a large file,
  /// its first part); not below an epsilon.
  ///
  /// - Parameter unit: what an epsilon of 1 is for the feature that may move most.
  private static func radiusCap(
    _ plan: RunPlan, _ scaled: ScaledDataset, _ survey: DataSurvey, unit: Double
  ) throws(InputError) -> Numeral {
    if let typed = plan.radii?.maximum { return typed }
    var width = 0.0
    if let clip = plan.clip {
      width = clip.upper.upper - clip.lower.lower
    } else if plan.radii != nil {
      let range = try survey.range()
      width = scaled.scale.times(range.upperBound) - scaled.scale.times(range.lowerBound)
    }
    // Constant data has no width of its own.
    if !(width > 0) { width = 1 }
    let count = Double(scaled.dataset.featureCount)
    let diameter =
      switch plan.norm {
      // The largest that is searched at all, where a unit is tiny.
      case .linf: min(width / unit, max(width, 1e12))
      case .l2: width * count.squareRoot()
      case .l1: width * count
      }
    let cap = plan.epsilons.reduce(diameter) { max($0, $1.upper) }
    return Numeral(exactly: cap)
  }
}

extension RunPlan {
  /// The positions that a sample draws from those of the data; nil without one.
  fileprivate func positions(of range: Range<Int>) throws(InputError) -> [Int]? {
    guard let examples = sample?.examples else { return nil }
    guard examples.count <= range.count else {
      throw InputError(
        .usage, file: "--sample", found: "\(examples.count)",
        expected: "1 to \(range.count), the examples of \(dataPath) that are asked for")
    }
    return examples.positions(of: range)
  }
}
