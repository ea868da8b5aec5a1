import NetworkGraph
import ReLUChain

// Several outputs that are made of one score: what each chooses is seen at a positive and at a negative one.
extension ChainBuilder {
  /// The end that speaks for several, where each chooses one of two classes by the sign of the same score:
  /// the scores, where they choose as the labels do, else the labels; nil for any others.
  mutating func endBySign(
    of ends: [(name: String, data: DataValue)], _ labels: Set<String>
  ) -> (name: String, data: DataValue)? {
    guard !labels.isEmpty, let first = ends.first,
      ends.contains(where: { $0.data.tail != first.data.tail }),
      let shared = commonStep(of: ends.map(\.data.tail)), let base = score(before: shared)
    else { return nil }
    var choices: [[Int]] = []
    for end in ends {
      guard let choice = choice(of: end.data, over: base) else { return nil }
      choices.append(choice)
    }
    if choices.allSatisfy({ $0 == choices[0] }) {
      return ends.first { !labels.contains($0.name) } ?? first
    }
    let labelled = ends.indices.filter { labels.contains(ends[$0].name) }
    guard let label = labelled.first, labelled.allSatisfy({ choices[$0] == choices[label] }) else {
      return nil
    }
    for index in ends.indices where choices[index] != choices[label] {
      note(
        "output '\(ends[index].name)' left out: its larger score is not that of the class that output"
          + " '\(ends[label].name)' says, which is certified")
    }
    return ends[label]
  }

  /// The last step that makes one number, with linear steps alone behind it.
  private func score(before step: Int) -> Int? {
    var index = step
    while index >= 0, shape(at: index).reduce(1, *) > 1 {
      guard case .linear = steps[index], shape(at: index).reduce(1, *) == 2 else { return nil }
      index = parents[index]
    }
    return index >= 0 ? index : nil
  }

  /// Which of two classes a value chooses where one score is 1, and where it is -1; nil where it is no multiple
  /// of that score.
  private func choice(of data: DataValue, over base: Int) -> [Int]? {
    var operators: [LinearOperator] = []
    var index = data.tail
    while index != base {
      guard case .linear(let linear) = steps[index] else { return nil }
      operators.append(linear)
      index = parents[index]
    }
    func values(at score: Double) -> [Double] {
      operators.reversed().reduce([score]) { $1.applied(to: $0) }
    }
    guard values(at: 0).allSatisfy({ $0 == 0 }) else { return nil }
    var result: [Int] = []
    for score in [1.0, -1] {
      var values = values(at: score)
      if values.count == 1 {
        let isReversed =
          data.binaryEnd == .complement
          || data.binaryEnd == .pair(complementFirst: false)
        values = isReversed ? [values[0], 0] : [0, values[0]]
      }
      guard values.count == 2, values[0] != values[1] else { return nil }
      result.append(values[0] > values[1] ? 0 : 1)
    }
    return result
  }
}
