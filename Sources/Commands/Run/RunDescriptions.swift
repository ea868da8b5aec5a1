import Attack
import CertificateRecords
import DataFiles
import DualBounds
import ModelFiles
import Numbers
import ReLUChain
import Reports

extension RunInputs {
  /// What was left out or added on the way from file to chain.
  var notes: [String] { model.notes + chain.notes }

  /// What a report says of the run at one epsilon.
  func description(_ plan: RunPlan, _ epsilon: Numeral) -> RunDescription {
    var description = RunDescription(
      toolVersion: certifyVersion, kernels: Kernels.best.name,
      model: ModelDescription(model, chain, notes: notes),
      data: dataDescription(plan), options: OptionsDescription(plan, epsilon, self))
    // A file of radii says itself how far each feature may move.
    if featureRadii == nil {
      description.options.effectiveRadius = EffectiveRadius(
        epsilon, scale: scaled.scale, chain: chain)
    }
    description.warnings = warnings
    return description
  }

  private func dataDescription(_ plan: RunPlan) -> DataDescription {
    DataDescription(
      file: FileDescription(path: data.path, digest: data.digest, array: data.array),
      labels: labels.map { FileDescription(path: $0.path, digest: $0.digest, array: $0.array) },
      shape: [data.count] + storedShape, elementType: data.elementType.rawValue,
      scale: scaled.scale, mean: plan.reading.mean,
      std: plan.reading.standardDeviation,
      layout: plan.reading.layout?.rawValue)
  }
}

extension OptionsDescription {
  fileprivate init(_ plan: RunPlan, _ epsilon: Numeral, _ inputs: RunInputs) {
    self.init(
      epsilon: epsilon,
      epsilonFile: inputs.featureRadii.map { FileDescription(path: $0.path, digest: $0.digest) },
      norm: plan.norm.rawValue,
      clip: plan.clip.map { ($0.lower, $0.upper) },
      arithmetic: plan.arithmetic.rawValue, accumulation: plan.accumulation?.rawValue,
      slopes: plan.slopes.rawValue,
      radii: plan.radii.map {
        Radii(
          selection: $0.selection.rawValue, tolerance: $0.tolerance,
          maximum: inputs.radiusCap)
      }, attack: plan.attack.map(Attack.init), offset: inputs.indices.lowerBound,
      limit: inputs.indices.count)
    output = plan.network.outputName
    decision = plan.decision.rawValue
    rows = plan.rows.rawValue
    detect = plan.detects || inputs.labels == nil
    sample = plan.sample?.description
  }
}

extension OptionsDescription.Attack {
  fileprivate init(_ options: AttackOptions) {
    let budget = Budget(steps: options.steps, restarts: options.restarts, seed: options.seed)
    self.init(kind: options.kind.rawValue, budget: options.kind == .pgd ? budget : nil)
  }
}

extension ModelDescription {
  /// Describes a model and the chain made from it.
  init(_ model: ModelFile, _ chain: ReLUChain, notes: [String]) {
    self.init(
      file: FileDescription(path: model.path, sha256: model.sha256),
      format: model.format.rawValue,
      externalFiles: model.externalFiles.map { FileDescription(path: $0.path, sha256: $0.sha256) },
      inputShape: chain.inputShape, classCount: chain.classCount,
      layers: LayerDescription.all(of: chain), notes: notes)
  }
}

extension LayerDescription {
  /// The operators of a chain and the ReLUs behind them, in order of evaluation.
  static func all(of chain: ReLUChain) -> [LayerDescription] {
    chain.layers.flatMap { layer in
      let linear = LayerDescription(
        kind: layer.kind, name: layer.name, operatorType: layer.operatorType,
        inputShape: layer.inputShape, outputShape: layer.outputShape,
        parameterCount: layer.parameters)
      guard layer.isFollowedByReLU else { return [linear] }
      let relu = LayerDescription(
        kind: reluKind, name: "", operatorType: "Relu", inputShape: layer.outputShape,
        outputShape: layer.outputShape, parameterCount: 0)
      return [linear, relu]
    }
  }
}
