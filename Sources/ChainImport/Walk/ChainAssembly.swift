import NetworkGraph
import ReLUChain

extension ChainBuilder {
  /// The chain that ends at the graph's outputs; nil where there are reasons against one.
  ///
  /// - Parameters:
  ///   - allowsAnyOutput: An output that is not one score a class is no reason, only the chain's
  ///     `refusal`.
  ///   - keepsValues: The outputs are numbers that are asked for, of any shape, and no scores: nothing
  ///     may be left out behind them.
  mutating func chain(allowsAnyOutput: Bool = false, keepsValues: Bool = false) -> ReLUChain? {
    guard let end = resolvedOutput(), reasons.isEmpty else { return nil }
    var data = end.data
    var refusal = keepsValues ? nil : Self.refusal(ofOutput: end.name, data)
    var hasOneScore = false
    if keepsValues {
      if let reason = reasonAgainstValues(of: end) {
        refuseOutput(end.name, reason)
        return nil
      }
    } else if isUnitInterval(data) {
      foundProbability = true
      refusal = Self.refusal(ofProbability: end.name, data)
    } else if data.shape.allSatisfy({ $0 == 1 }) || data.binaryEnd != nil {
      hasOneScore = data.shape.allSatisfy { $0 == 1 }
      let (step, text) = Self.twoLogits(of: data.binaryEnd, name: end.name)
      data.tail = append(step, after: data.tail)
      data.shape = [1, 2]
      note(text)
    }
    if let refusal, !allowsAnyOutput {
      refuse(refusal)
      return nil
    }
    if let node = reversedScores[data.tail] {
      note(
        "\(node.label): of its two scores the larger is not that of its class, as onnxruntime computes both;"
          + " certified are the scores")
    }
    if let softmax = data.softmax {
      note(
        "final \(softmax.operatorType) '\(softmax.name)' dropped: verdicts and loss concern the"
          + " logits in front of it")
    }
    let stages = assembled(path(to: data.tail))
    return ReLUChain(
      inputShape: reading.unitShape, stages: stages, notes: allNotes(), elementType: elementType,
      narrowsData: narrowsData, constantFormat: constantFormat, refusal: refusal
    ).having(oneScore: hasOneScore)
  }

  /// Why the chain's end has not the values of the output; nil where it has.
  private func reasonAgainstValues(of end: (name: String, data: DataValue)) -> String? {
    if graph.outputs.count > 1 {
      let names = Self.list(graph.outputs.map { "'\($0.name)'" })
      return "is one of \(graph.outputs.count) outputs: \(names); expected one, which --output-name"
        + " chooses"
    }
    if case .label(let label) = value(end.name) {
      return
        "is a class by \(label.maker.label); expected numbers that are linear behind the last ReLU"
    }
    guard let node = end.data.softmax else {
      return end.data.binaryEnd == nil
        ? nil : "is a probability; expected numbers that are linear behind the last ReLU"
    }
    return "is computed by \(node.label), which is no part of a ReLU chain; expected numbers that"
      + " are linear behind the last ReLU"
  }

  /// Why an output of this shape has no classes; nil where it has.
  private static func refusal(ofOutput name: String, _ data: DataValue) -> ChainRefusal? {
    switch data.shape.count(where: { $0 != 1 }) {
    case 0...1: nil
    default:
      ChainRefusal(
        .output(name),
        "\(shapeText(data.shape)) has several dimensions above 1; expected one score a class")
    }
  }

  /// The steps from the input to one step, in order, by their positions.
  func path(to tail: Int) -> [Int] {
    var path: [Int] = []
    var index = tail
    while index >= 0 {
      path.append(index)
      index = parents[index]
    }
    return path.reversed()
  }

  /// The stages of a path, with the values of the file where they stand.
  mutating func assembled(_ path: [Int]) -> [AffineStage] {
    let values = Dictionary(grouping: named, by: \.tail).mapValues { $0.map(\.value) }
    var assembly = StageAssembly(shape: reading.unitShape)
    for index in path {
      let values = values[index] ?? []
      switch steps[index] {
      case .linear(let linear): assembly.append(linear.naming(values))
      case .relu(let name): assembly.rectify(name, values)
      case .limit(let limit, let clip, let name): assembly.limit(to: limit, clip, name, values)
      }
    }
    let stages = assembly.finished()
    for text in assembly.notes { note(text) }
    return stages
  }

  private func allNotes() -> [String] {
    var all = reading.note.map { [$0] } ?? []
    if !order.dead.isEmpty {
      let names = order.dead.map { graph.nodes[$0].label }
      let count = names.count == 1 ? "1 node" : "\(names.count) nodes"
      all.append("\(count) that no output needs ignored: \(Self.list(names))")
    }
    return all + notes
  }
}

extension ChainBuilder {
  private mutating func refuseOutput(_ name: String, _ reason: String) {
    refuse(ChainRefusal(.output(name), reason))
  }

  /// The logits: the one value that all outputs show, as scores or as labels.
  private mutating func resolvedOutput() -> (name: String, data: DataValue)? {
    var ends: [(name: String, data: DataValue)] = []
    var labels: Set<String> = []
    var constants: [String] = []
    for output in graph.outputs {
      switch value(output.name) {
      case .data(let data): ends.append((output.name, data))
      case .label(let label):
        do throws(NodeRefusal) {
          try ClassLabel.check(label.names ?? [])
        } catch {
          refuse(label.namer, error)
          return nil
        }
        ends.append((output.name, label.data))
        labels.insert(output.name)
      case .constant: constants.append(output.name)
      case .piece(_, _, let maker):
        refuse(maker, Self.refusal(ofPieceBy: maker))
        return nil
      case .unknown, nil:
        if reasons.isEmpty {
          refuseOutput(output.name, "nothing writes it")
        }
        return nil
      }
    }
    guard let first = ends.first else {
      for name in constants {
        refuseOutput(name, "does not depend on the network's input; expected logits")
      }
      if constants.isEmpty { refuse(ChainRefusal(.graph, "no output; expected one")) }
      return nil
    }
    for name in constants { note("output '\(name)' ignored: it is constant") }
    if let end = endBySign(of: ends, labels) { return end }
    // The end that is scores, with the fewest operators dropped, speaks for all.
    for end in ends.dropFirst() where end.data.tail != first.data.tail {
      let names = ends.map { "'\($0.name)'" }
      refuse(
        ChainRefusal(
          .graph,
          "\(names.count) outputs depend on the input: \(Self.list(names)); expected one, which"
            + " --output-name chooses"))
      return nil
    }
    return first
  }
}
