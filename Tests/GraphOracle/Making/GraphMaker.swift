import NumberSupport

/// Builds a random small graph, node by node.
public struct GraphMaker: Sendable {
  /// What kind of numbers a graph is full of.
  public enum Profile: CaseIterable, Sendable {
    /// Of ordinary size.
    case plain
    /// Layers that scale by large powers of two and back.
    case scaled
    /// Ends of the types' ranges, zeros, and what nearly cancels.
    case special
  }

  /// Where the data's path stands.
  public struct Data: Sendable {
    var name: String
    var shape: [Int]
    var type: OracleType
  }

  var random: SeededGenerator
  var graph: OracleGraph
  var data: Data
  let profile: Profile
  /// How often a constant is computed by the graph, not stored.
  let computing: Double
  /// The power of two by which the data are too large at the moment.
  var scale = 0
  private var counter = 0

  init(
    random: SeededGenerator, type: OracleType, shape: [Int], opset: Int, profile: Profile,
    computing: Double
  ) {
    self.random = random
    graph = OracleGraph(inputType: type, inputShape: shape, opset: opset)
    data = Data(name: OracleGraph.input, shape: shape, type: type)
    (self.profile, self.computing) = (profile, computing)
  }

  mutating func name(_ letter: String) -> String {
    counter += 1
    return "\(letter)\(counter)"
  }

  /// Appends a node; gives the name of what it writes.
  mutating func node(
    _ op: String, _ inputs: [String], _ attributes: [String: OracleAttribute] = [:]
  ) -> String {
    let output = name("c")
    graph.nodes.append(OracleNode(op, inputs, [output], attributes))
    return output
  }

  /// Appends a node to the data's path.
  mutating func step(
    _ op: String, _ inputs: [String], _ attributes: [String: OracleAttribute] = [:],
    shape: [Int]? = nil
  ) {
    data.name = node(op, inputs, attributes)
    if let shape { data.shape = shape }
  }

  /// Stores a tensor, as an initializer or as a Constant node.
  mutating func stored(_ shape: [Int], _ type: OracleType, _ values: [Double]) -> String {
    let tensor = OracleTensor(shape, type, values)
    if random.chance(0.2) { return node("Constant", [], ["value": .tensor(tensor)]) }
    let name = name("w")
    graph.initializers[name] = tensor
    return name
  }

  /// Stores a list of integers.
  mutating func integers(_ values: [Int]) -> String {
    stored([values.count], .int64, values.map(Double.init))
  }

  /// Gives a list of integers to a node, as an input from one version on, as an attribute before.
  mutating func listed(
    _ values: [Int], _ attribute: String, since version: Int
  ) -> (inputs: [String], attributes: [String: OracleAttribute]) {
    graph.opset >= version
      ? ([integers(values)], [:]) : ([], [attribute: .ints(values)])
  }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    Double.random(in: range, using: &random)
  }

  /// A number of ordinary size, both signs, with all its digits; now and then a simple one.
  mutating func ordinary() -> Double {
    if random.chance(0.15) { return random.pick([0, 1, -1, 0.5, 2, -0.25], or: 0) }
    return uniform(-2...2)
  }

  /// A number for a weight or an offset of the data's type, by the profile.
  mutating func weight(_ type: OracleType) -> Double {
    guard profile == .special, random.chance(0.12), let format = type.format else {
      return ordinary()
    }
    let sign = random.chance(0.5) ? 1.0 : -1.0
    return sign
      * random.pick(
        [
          format.least, format.leastNormal, format.leastNormal / 2, 0, format.leastNormal * 1.5,
          6e-8, 1e-7, 1e-5, 0x1p-130, 0x1p-14, 0x1p-24, 65504, 0x1p10, 1 + 0x1p-8, 1 + 0x1p-11,
          1 + 0x1p-24, 0x1p-40,
        ], or: 0)
  }

  mutating func weights(_ count: Int, _ type: OracleType) -> [Double] {
    (0..<count).map { _ in weight(type) }
  }
}
