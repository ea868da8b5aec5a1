import DataFiles
import DualBounds
import FileAccess
import Numbers
import ReLUChain

/// The data of a comparison, and how they are read.
package struct ComparedData: Sendable {
  /// As they are stored.
  let stored: Dataset
  /// The number of examples that are looked at, from the first.
  package let count: Int
  /// The order in which the network reads them; nil for as stored.
  let order: [Int]?
  /// The same in the network's order, in the units of its input.
  package let scaled: ScaledDataset
  let mean, standardDeviation: [Numeral]

  /// - Parameters:
  ///   - scale: the user's; nil for what is usual.
  ///   - takesWholeNumbers: whether the network's input is of an integer type.
  package init(
    stored: Dataset, count: Int, order: [Int]?, inputShape: [Int], scale: Numeral?,
    mean: [Numeral], standardDeviation: [Numeral], takesWholeNumbers: Bool = false
  ) throws(InputError) {
    (self.stored, self.count, self.order) = (stored, count, order)
    (self.mean, self.standardDeviation) = (mean, standardDeviation)
    scaled = try ScaledDataset(
      order.map { stored.reordered($0, itemShape: inputShape) } ?? stored, scale: scale,
      takesWholeNumbers: takesWholeNumbers)
  }

  /// Whether a normalisation stands in front of the network.
  var normalizes: Bool { !mean.isEmpty || !standardDeviation.isEmpty }
}

/// A network and the data that it is run on, to be held against what its exporter computes.
package struct Comparison: Sendable {
  /// The network as its file has it.
  let fileChain: ReLUChain
  /// The same behind `--mean` and `--std`.
  package let chain: ReLUChain
  package let data: ComparedData
  /// What `--logits-tolerance` allows; nil for what rounding explains.
  let tolerance: Double?
  /// Whether the largest or the smallest score is the prediction.
  let decision: Decision

  package init(
    fileChain: ReLUChain, chain: ReLUChain, data: ComparedData, tolerance: Double?,
    decision: Decision
  ) {
    (self.fileChain, self.chain, self.data) = (fileChain, chain, data)
    (self.tolerance, self.decision) = (tolerance, decision)
  }

  /// What is said, and whether it is good news.
  package struct Outcome: Sendable {
    package var lines: [String]
    package var agrees: Bool
  }

  /// Compares, and looks for another reading of the data where nothing agrees.
  ///
  /// - Throws: where nothing is known of what rounding may change, and no tolerance was given.
  package func outcome(_ expected: ExpectedValues, workers: Int) throws(InputError) -> Outcome {
    let own = Arithmetic.allCases.first { $0.elementType == chain.elementType }
    // A network without numbers of its own computes in the exporter's usual type.
    let arithmetic = own ?? .float32
    let check = ParityCheck(
      chain: chain, trace: DeployedTrace(chain, arithmetic: arithmetic), scaled: data.scaled,
      expected: expected, tolerance: tolerance, decision: decision)
    let outcomes = check.outcomes(workers: workers)
    if tolerance == nil, outcomes.contains(where: \.isUnbounded) {
      throw InputError(
        .usage, file: "--logits-tolerance",
        found: "nothing, and no bound is known of what rounding changes in this network",
        expected: "the largest difference that is accepted")
    }
    var text = ParityText(expected: expected, outcomes: outcomes, arithmetic: arithmetic)
    if let first = outcomes.first, !first.agrees {
      text.remedy = ParityReadings(
        chain: fileChain, arithmetic: arithmetic, data: data, array: expected.arrays[0],
        probabilities: first.probabilities
      ).agreeing()
    }
    return Outcome(lines: text.lines, agrees: outcomes.allSatisfy(\.agrees))
  }
}
