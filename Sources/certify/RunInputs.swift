import CertificateRecords
import DataFiles
import FileAccess
import ModelFiles
import ReLUChain
import Reports

/// The files of a run, read and found to fit together.
struct RunInputs: Sendable {
  /// The network as the file has it.
  let model: ModelFile
  /// The network that is certified: that of the file, behind `--mean` and `--std`.
  let chain: ReLUChain
  /// The shape of an example as it is stored.
  let storedShape: [Int]
  /// The examples in the network's order, as they are stored.
  let data: Dataset
  /// The same in the units of epsilon.
  let scaled: ScaledDataset
  /// nil where one epsilon holds for all features.
  let featureRadii: FeatureRadii?
  /// nil for data without labels.
  let labels: Labels?
  /// The positions of the examples that were asked for.
  let indices: Range<Int>
  /// The positions of those that are certified: all of them, or a sample.
  let positions: [Int]
  /// No radius above this is searched.
  let radiusCap: QuotedNumber

  /// Reads everything that the plan names, the model first.
  init(_ plan: RunPlan) throws {
    let (model, fileChain) = try readChain(plan.modelPath)
    self.model = model
    chain = try RunInputs.normalized(fileChain, plan)
    let stored = try Dataset.read(
      path: plan.dataPath, format: plan.dataFormat, labelColumn: plan.labelColumn)
    storedShape = stored.itemShape
    data = try RunInputs.arranged(stored, plan, fileChain.inputShape)
    scaled = try ScaledDataset(data, scale: plan.scale)
    let shape = fileChain.inputShape
    featureRadii = try plan.epsilonFile.map { (path) throws(InputError) in
      try FeatureRadii(
        path: path, itemShape: stored.itemShape, networkShape: shape, layout: plan.layout)
    }
    labels = try RunInputs.labels(plan, stored)
    indices = try RunInputs.indices(plan, stored.count)
    try labels?.check(classCount: chain.classCount, in: indices)
    positions =
      try plan.sample?.positions(of: indices, dataPath: plan.dataPath) ?? Array(indices)
    if plan.gate != nil, labels == nil {
      throw InputError(
        .usage, file: "--gate-robust-error", found: "data without labels",
        expected: "labels, which a robust error needs")
    }
    radiusCap = RunInputs.radiusCap(plan, scaled, unit: featureRadii?.largest ?? 1)
  }

  /// Puts `--mean` and `--std` in front, each one value or one a channel.
  private static func normalized(
    _ chain: ReLUChain, _ plan: RunPlan
  ) throws(InputError) -> ReLUChain {
    guard !plan.mean.isEmpty || !plan.standardDeviation.isEmpty else { return chain }
    let counts = [plan.mean.count, plan.standardDeviation.count].filter { $0 > 1 }
    // Images of a network that reads pixel by pixel have their channels last.
    let shape = chain.inputShape
    let isLast = shape.count > 1 && !counts.isEmpty && counts.allSatisfy { $0 == shape.last }
    let axis = isLast && !counts.allSatisfy { $0 == shape.first } ? shape.count - 1 : 0
    // A deployed network holds them in its own type, or in binary32.
    func deployed(_ number: TypedNumber) -> Double {
      [.real, .float64].contains(plan.arithmetic) ? number.nearest : Double(Float(number.nearest))
    }
    do throws(NormalizationMismatch) {
      return try chain.normalizing(
        mean: plan.mean.isEmpty ? [0] : plan.mean.map(deployed),
        std: plan.standardDeviation.isEmpty ? [1] : plan.standardDeviation.map(deployed),
        channelAxis: axis)
    } catch {
      throw InputError(
        .usage, file: plan.mean.count == error.count ? "--mean" : "--std",
        found: "\(error.count) values",
        expected: "1, or \(error.channels): one for each channel of \(shape)")
    }
  }

  private static func arranged(
    _ stored: Dataset, _ plan: RunPlan, _ networkShape: [Int]
  ) throws(InputError) -> Dataset {
    let order = try Layout.permutation(
      from: stored.itemShape, layout: plan.layout, to: networkShape, file: plan.dataPath)
    return order.map { stored.reordered($0, itemShape: networkShape) } ?? stored
  }

  private static func labels(_ plan: RunPlan, _ data: Dataset) throws(InputError) -> Labels? {
    if let path = plan.labelsPath ?? Labels.siblingPath(of: plan.dataPath) {
      return try Labels.read(path: path, count: data.count, dataPath: plan.dataPath)
    }
    return data.labels
  }

  private static func indices(_ plan: RunPlan, _ count: Int) throws(InputError) -> Range<Int> {
    guard plan.offset < count else {
      throw InputError(
        .usage, file: plan.isSingle ? "--index" : "--offset", found: "\(plan.offset)",
        expected: "0 to \(count - 1): \(plan.dataPath) has \(count) examples")
    }
    return plan.offset..<plan.offset + min(count - plan.offset, plan.limit ?? count)
  }

  /// What was typed, else the diameter of the domain, else that of the data's range; not below an
  /// epsilon.
  ///
  /// - Parameter unit: what an epsilon of 1 is for the feature that may move most.
  private static func radiusCap(
    _ plan: RunPlan, _ scaled: ScaledDataset, unit: Double
  ) -> QuotedNumber {
    if let typed = plan.radii?.maximum { return QuotedNumber(typed) }
    var width = 0.0
    if let clip = plan.clip {
      width = clip.upper.upper - clip.lower.lower
    } else if plan.radii != nil {
      let range = scaled.dataset.rawRange()
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
    return QuotedNumber(text: DirectedDecimal.nearest(cap) ?? "\(cap)", value: cap)
  }
}

/// Reads a model and validates it; throws every reason why it is not a chain.
func readChain(_ path: String) throws -> (ModelFile, ReLUChain) {
  let model = try ModelFile.read(path: path)
  do throws(ChainRefusals) {
    return (model, try ReLUChain(validating: model.graph))
  } catch {
    throw RefusedModel(path: path, reasons: error.reasons)
  }
}
