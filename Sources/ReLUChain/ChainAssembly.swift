import NetworkGraph

extension ChainBuilder {
  /// The chain that ends at the graph's outputs; nil where there are reasons against one.
  ///
  /// - Parameter allowsAnyOutput: An output that is not one score a class is no reason, only the
  ///   chain's `refusal`.
  mutating func chain(allowsAnyOutput: Bool = false) -> ReLUChain? {
    guard let end = resolvedOutput(), reasons.isEmpty else { return nil }
    var data = end.data
    if data.shape.allSatisfy({ $0 == 1 }) || data.binaryEnd != nil {
      let (step, text) = Self.twoLogits(of: data.binaryEnd, name: end.name)
      data.tail = append(step, after: data.tail)
      data.shape = [1, 2]
      note(text)
    }
    let refusal = Self.refusal(ofOutput: end.name, data.shape)
    if let refusal, !allowsAnyOutput {
      refuse(refusal)
      return nil
    }
    if let softmax = data.softmax {
      note(
        "final \(softmax.operatorType) '\(softmax.name)' dropped: verdicts and loss concern the"
          + " logits in front of it")
    }
    var chain = assembled(path(to: data.tail))
    (chain.elementType, chain.narrowsData) = (elementType, narrowsData)
    chain.constantFormat = constantFormat
    chain.refusal = refusal
    return chain
  }

  /// Why an output of this shape has no classes; nil where it has.
  private static func refusal(ofOutput name: String, _ shape: [Int]) -> ChainRefusal? {
    switch shape.count(where: { $0 != 1 }) {
    case 0...1: nil
    default:
      ChainRefusal(
        .output(name),
        "\(shapeText(shape)) has several dimensions above 1; expected one score a class")
    }
  }

  /// The steps from the input to one step, in order, by their positions.
  private func path(to tail: Int) -> [Int] {
    var path: [Int] = []
    var index = tail
    while index >= 0 {
      path.append(index)
      index = parents[index]
    }
    return path.reversed()
  }

  private mutating func assembled(_ path: [Int]) -> ReLUChain {
    var stages: [AffineStage] = []
    var open: [LinearOperator] = []
    var shape = reading.unitShape
    var places: [Int: ChainPlace] = [:]
    for index in path {
      switch steps[index] {
      case .linear(let linear):
        open.append(linear)
        shape = linear.outputShape
        places[index] = ChainPlace(stage: stages.count, operatorCount: open.count)
      case .relu(let name):
        defer {
          places[index] = ChainPlace(
            stage: stages.count - 1, operatorCount: stages.last?.operators.count ?? 0,
            isRectified: true)
        }
        if open.isEmpty && !stages.isEmpty {
          note("'\(name)' dropped: a second Relu in a row changes nothing")
          continue
        }
        if open.isEmpty {
          note("identity stage added in front of '\(name)', which acts on the input")
          open = [Self.identity(shape)]
        }
        stages.append(AffineStage(operators: open))
        open = []
      case .limit(let limit, let clip, let name):
        if open.isEmpty && stages.isEmpty {
          note("identity stage added in front of '\(name)', which acts on the input")
          open = [Self.identity(shape)]
        }
        // Behind a ReLU its input's magnitude is not below its own.
        let last = open.isEmpty ? stages[stages.count - 1].operators.count - 1 : open.count - 1
        if open.isEmpty {
          stages[stages.count - 1].operators[last].limitOutput(to: limit, clip)
        } else {
          open[last].limitOutput(to: limit, clip)
        }
        places[index] = ChainPlace(
          stage: open.isEmpty ? stages.count - 1 : stages.count, operatorCount: last + 1,
          isRectified: open.isEmpty)
      }
    }
    if open.isEmpty {
      note(
        stages.isEmpty
          ? "identity stage added: the network computes nothing"
          : "identity stage added behind the final Relu")
      open = [Self.identity(shape)]
    }
    stages.append(AffineStage(operators: open))
    var chain = ReLUChain(inputShape: reading.unitShape, stages: stages, notes: allNotes())
    chain.values = named.compactMap { named in
      places[named.tail].map { ChainValue(named, at: $0) }
    }
    return chain
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

  private static func identity(_ shape: [Int]) -> LinearOperator {
    let count = shape.reduce(1, *)
    return LinearOperator(
      name: "identity", operatorType: "Identity",
      kind: .selection(
        Selection(source: Array(0..<count), constant: [Double](repeating: 0, count: count))),
      inputShape: shape, outputShape: shape)
  }
}

extension ChainBuilder {
  private mutating func refuseOutput(_ name: String, _ reason: String) {
    refuse(ChainRefusal(.output(name), reason))
  }

  /// The logits: the one value that all outputs show, as scores or as labels.
  private mutating func resolvedOutput() -> (name: String, data: DataValue)? {
    var ends: [(name: String, data: DataValue)] = []
    var constants: [String] = []
    for output in graph.outputs {
      switch value(output.name) {
      case .data(let data): ends.append((output.name, data))
      case .label(let data, _): ends.append((output.name, data))
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
