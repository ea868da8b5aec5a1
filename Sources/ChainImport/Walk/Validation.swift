import NetworkGraph
import ReLUChain

extension ReLUChain {
  /// Reads a graph as a chain of linear operators and ReLUs.
  ///
  /// Constants are folded, every linear operator is written as elementary ones, operators that only
  /// rename positions vanish, and what stands behind the logits is dropped with a note.
  ///
  /// - Parameters:
  ///   - deployed: The type that the network is deployed in, where it may be a coarser one than the
  ///     file's: constants that the file computes may be computed in it, too. `isRead(for:)` tells
  ///     for which formats that was done.
  ///   - exampleShape: The shape of one example of the data, which numbers dimensions that the file
  ///     only names.
  ///   - allowsAnyOutput: Accepts an output that is not one score a class, for whoever only looks;
  ///     `refusal` says so then.
  ///   - keepsValues: The chain ends in the output's own numbers, of whatever shape, row by row: nothing
  ///     is left out behind them, and one number is not read as two classes.
  /// - Throws: Every reason why the graph is none, found in one pass.
  public init(
    validating file: Graph, deployed: ElementType? = nil, exampleShape: [Int]? = nil,
    limits: ChainLimits = ChainLimits(), allowsAnyOutput: Bool = false, keepsValues: Bool = false
  ) throws(ChainRefusals) {
    let joined = JoinedInputs(file)
    let graph = joined?.graph ?? file
    let order = GraphOrder(graph)
    let input: ValueInfo
    let readings: [InputReading]
    do {
      input = try Self.input(of: graph, order)
      let known = OpenDimensions(graph, order, input: input.name, example: exampleShape)
      readings = try Self.readings(of: input, known, limits)
    } catch {
      // Without an input the walk still finds what else there is to say.
      var builder = ChainBuilder(
        graph, order: order, input: nil, reading: .none, limits: limits, deployed: nil)
      builder.walk()
      throw ChainRefusals(reasons: [error] + builder.reasons)
    }
    // Most networks are chains as they stand; what parts and joins again is looked at where one is none.
    var refusals: [[ChainRefusal]] = []
    for isThorough in [false, true] {
      let regions = isThorough ? UnitRegions(graph, order, input: input.name) : nil
      for reading in readings {
        var builder = ChainBuilder(
          graph, order: order, input: input, reading: reading, limits: limits,
          deployed: deployed?.format, regions: regions)
        builder.walk()
        if let chain = builder.chain(
          allowsAnyOutput: allowsAnyOutput, keepsValues: keepsValues)
        {
          let batch = OpenBatch(
            graph: graph, order: order, input: input, reading: reading, limits: limits,
            nodes: builder.nodesOnData)
          self = chain.taking(input.elementType?.wholeNumbers).reading(joined?.columns)
            .noting(joined?.note).noting(batch.note())
          return
        }
        // What says where a function jumps, what it ends in, or how large it is, says more than its operators'
        // names.
        let saysMore =
          builder.foundJump || builder.foundProbability || builder.foundLargeBranches
        refusals.insert(builder.reasons, at: saysMore ? 0 : refusals.count)
        // Another reading helps only where this one's batch turned out to be none.
        guard builder.mixesBatch else { break }
      }
    }
    let fewest = refusals.min { $0.count < $1.count } ?? []
    let unexplained = [ChainRefusal(.graph, "its output cannot be followed back to the input")]
    throw ChainRefusals(reasons: fewest.isEmpty ? unexplained : fewest)
  }

  /// The one input that the outputs depend on.
  private static func input(
    of graph: Graph, _ order: GraphOrder
  ) throws(ChainRefusal) -> ValueInfo {
    let declared = graph.inputs.filter { graph.initializers[$0.name] == nil }
    var read = Set(graph.outputs.map(\.name))
    for index in order.order + order.cyclic { read.formUnion(graph.nodes[index].reads) }
    let used = declared.filter { read.contains($0.name) }
    guard let input = used.first ?? declared.first, used.count <= 1 else {
      let names = used.map { "'\($0.name)'" }
      let found =
        names.isEmpty ? "no input" : "\(names.count) inputs: \(ChainBuilder.list(names))"
      throw ChainRefusal(.graph, "\(found); expected one")
    }
    return input
  }

  private static func readings(
    of input: ValueInfo, _ known: OpenDimensions, _ limits: ChainLimits
  ) throws(ChainRefusal) -> [InputReading] {
    if let type = input.elementType, !type.isFloatingPoint, type.integerBits > 32 {
      throw ChainRefusal(
        .input(input.name),
        "is \(type.rawValue); expected a floating-point type, or bytes that a Cast follows")
    }
    do {
      return try InputReading.readings(of: input, known, limits: limits)
    } catch {
      throw ChainRefusal(.input(input.name), error.reason)
    }
  }
}
