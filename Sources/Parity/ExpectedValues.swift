import DataFiles
import FileAccess
import ReLUChain

/// What an exporter's own runtime computes: an array, or several, each with its place in the chain.
package struct ExpectedValues: Sendable {
  /// One array and where the chain has its values.
  struct Array: Sendable {
    var place: ChainValue
    var items: Dataset
    /// Whether the values are the network's scores, rather than something on the way to them.
    var isOutput: Bool
    /// Where the network has one score, and the array a value of it: how both classes' are made of it.
    var single: SingleScore?

    /// The values of one example, one for each unit of the place.
    func values(of example: Int) -> [Double] {
      let stored = items.features(of: example)
      return single?.scores(stored[0]) ?? stored
    }
  }

  let path: String
  /// In the order of evaluation.
  let arrays: [Array]
  /// The names of arrays that the chain has no value for.
  let unknown: [String]
  /// How many examples are compared: the longest array.
  var count: Int { arrays.map(\.items.count).max() ?? 0 }

  /// Finds the place of every array.
  ///
  /// - Parameters:
  ///   - path: The file that they were read from.
  ///   - outputs: The names of the network's outputs.
  ///   - hasSigmoid: Whether values of one score may be those behind a Sigmoid.
  ///   - available: The number of examples in the data.
  package init(
    path: String, _ named: [NamedArray], outputs: [String], _ chain: ReLUChain,
    hasSigmoid: Bool = false, available: Int
  ) throws(InputError) {
    self.path = path
    var (arrays, unknown) = ([Array](), [String]())
    for array in named {
      guard let found = ExpectedValues.place(of: array.name, outputs, chain) else {
        unknown.append(array.name ?? "")
        continue
      }
      let place = found.place
      let name = array.name.map { "\(path): \(quoted($0))" } ?? path
      let units = chain.unitCount(at: place)
      let isSingle = array.items.featureCount == 1 && units == 2 && found.isOutput
      let single =
        isSingle
        ? SingleScore(chain, isProbability: array.items.areShares && hasSigmoid) : nil
      guard array.items.featureCount == units || single != nil else {
        throw InputError(
          file: name, found: "\(array.items.count) items of \(array.items.featureCount) values",
          expected: "\(units) values an item, as \(place.words) has, an item for each example")
      }
      guard array.items.count <= available else {
        throw InputError(
          file: name, found: "\(array.items.count) items",
          expected: "at most \(available), one for each example")
      }
      arrays.append(
        Array(place: place, items: array.items, isOutput: found.isOutput, single: single))
    }
    guard !arrays.isEmpty else {
      let names = (["logits"] + chain.values.map(\.name)).prefix(8).map(quoted)
      throw InputError(
        file: path, found: "arrays \(unknown.prefix(8).map(quoted).joined(separator: ", "))",
        expected: "names of the network's values: \(names.joined(separator: ", ")), ...")
    }
    self.unknown = unknown
    // Behind the values that it is made of comes the output itself.
    self.arrays = arrays.enumerated().sorted { left, right in
      (left.element.place.order, left.offset) < (right.element.place.order, right.offset)
    }.map(\.element)
  }

  private static func place(
    of name: String?, _ outputs: [String], _ chain: ReLUChain
  ) -> (place: ChainValue, isOutput: Bool)? {
    if let name, let value = chain.values.first(where: { $0.name == name }) {
      return (value, outputs.contains(name))
    }
    // What a final Softmax makes of the logits has no place of its own.
    guard name.map({ $0 == "logits" || outputs.contains($0) }) ?? true else { return nil }
    let linear = chain.stages.last?.operators.last
    let logits = NamedValue(
      name: name ?? outputs.first ?? "logits", node: linear?.name ?? "",
      operatorType: linear?.operatorType ?? "")
    return (chain.place(of: logits), true)
  }
}

extension ChainValue {
  /// Sorts values as they are computed.
  var order: (Int, Int, Int) { (stage, operatorCount, isRectified ? 1 : 0) }

  /// The value and its node: `'t3' of node 'conv2' (Conv)`.
  var words: String { "\(quoted(name)) of node '\(named.node)' (\(named.operatorType))" }
}

private func < (left: ((Int, Int, Int), Int), right: ((Int, Int, Int), Int)) -> Bool {
  left.0 == right.0 ? left.1 < right.1 : left.0 < right.0
}

extension ReLUChain {
  /// Where a value stands, which depends on what stands in front of it; the end of the chain for one that
  /// has no place of its own.
  func place(of value: NamedValue) -> ChainValue {
    let last = stages.count - 1
    return values.first { $0.named == value }
      ?? ChainValue(value, stage: last, operatorCount: stages[last].operators.count)
  }

  /// The number of units of a value.
  func unitCount(at place: ChainValue) -> Int {
    stages[place.stage].operators[place.operatorCount - 1].outputCount
  }

  /// A value of one example, in binary64.
  func value(of input: [Double], at place: ChainValue) -> [Double] {
    var values = input
    for (index, stage) in stages[...place.stage].enumerated() {
      if index > 0 { values = values.map { max($0, 0) } }
      let count = index == place.stage ? place.operatorCount : stage.operators.count
      for linear in stage.operators[..<count] { values = linear.applied(to: values) }
    }
    return place.isRectified ? values.map { max($0, 0) } : values
  }
}

/// What the one score of two classes makes of them, 0 and the score, and where the latter stands.
struct SingleScore: Sendable {
  private let isFirst: Bool
  private let isProbability: Bool

  /// - Parameter isProbability: Whether the values are those behind a Sigmoid.
  /// - Returns: nil for a network that has a score for each class.
  init?(_ chain: ReLUChain, isProbability: Bool) {
    guard let last = chain.stages.last?.operators.last, last.isVirtual, last.inputCount == 1,
      case .dense(let dense) = last.kind, [[0, 1], [1, 0]].contains(dense.weights)
    else { return nil }
    (isFirst, self.isProbability) = (dense.weights[0] == 1, isProbability)
  }

  /// The scores of both classes, or their probabilities.
  ///
  /// `1 - p` behind a Sigmoid is the probability of the class without the score.
  func scores(_ value: Double) -> [Double] {
    guard isProbability else { return isFirst ? [value, 0] : [0, value] }
    return [1 - value, value]
  }
}

extension Dataset {
  /// Whether every value of the first items lies between 0 and 1.
  fileprivate var areShares: Bool {
    (0..<min(count, 100)).allSatisfy { features(of: $0).allSatisfy { (0...1).contains($0) } }
  }
}
