import Certification
import DataFiles
import DualBounds
import ModelFiles
import Numbers
import ReLUChain
import Reports

extension RunInputs {
  /// What was left out or added on the way from file to chain.
  package var notes: [String] { model.notes + chain.notes + wholeNotes }

  /// Whoever is used to bytes from 0 to 1 should know that they are not here.
  private var wholeNotes: [String] {
    chain.wholeInputs.map { whole in
      [
        "the input takes whole numbers, \(plain(whole.lowerBound)) to \(plain(whole.upperBound)): without --scale"
          + " bytes are not divided by 255, and eps is in units of these numbers"
      ]
    } ?? []
  }
}

extension DataDescription {
  init(_ plan: RunPlan, _ inputs: RunInputs) {
    let (data, labels) = (inputs.data, inputs.labels)
    self.init(
      file: FileDescription(path: data.path, digest: data.digest, array: data.array),
      labels: labels.map {
        FileDescription(
          path: $0.path, digest: $0.digest, array: $0.array, column: $0.column?.rawValue)
      },
      shape: [data.count] + inputs.storedShape, elementType: data.elementType,
      scale: inputs.scaled.scale, mean: plan.reading.mean, std: plan.reading.standardDeviation,
      layout: plan.reading.layout)
  }
}

extension OptionsDescription {
  init(
    _ plan: RunPlan, _ epsilon: Numeral, _ engine: CertificationOptions, _ inputs: RunInputs
  ) {
    self.init(
      epsilon: epsilon, engine: engine, clip: plan.clip, offset: inputs.indices.lowerBound,
      limit: inputs.indices.count)
    epsilonFile = inputs.featureRadii.map { FileDescription(path: $0.path, digest: $0.digest) }
    // A file of radii says itself how far each feature may move.
    if epsilonFile == nil {
      effectiveRadius = EffectiveRadius(epsilon, scale: inputs.scaled.scale, chain: inputs.chain)
    }
    (output, decision) = (plan.outputName, plan.decision)
    detect = engine.detects || inputs.labels == nil
    (sample, shard) = (plan.sample, plan.shard)
  }
}

extension ModelDescription {
  /// Describes a model and the chain made from it.
  package init(_ model: ModelFile, _ chain: ReLUChain, notes: [String]) {
    self.init(
      file: FileDescription(path: model.path, sha256: model.sha256),
      format: model.format.rawValue,
      externalFiles: model.externalFiles.map { FileDescription(path: $0.path, sha256: $0.sha256) },
      inputShape: chain.inputShape, classCount: chain.classCount,
      layers: chain.layers, notes: notes)
  }
}
