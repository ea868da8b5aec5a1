import Glibc
import NumberSupport

/// Constants by reductions, by moving elements, and by choices.
extension GraphMaker {
  mutating func reduction(
    _ op: String, _ input: String, axes: [Int], keeps: Bool,
    _ more: [String: OracleAttribute] = [:]
  ) -> String {
    let list = listed(axes, "axes", since: op == "ReduceSum" ? 13 : 18)
    let attributes = list.attributes.merging(more) { $1 }
      .merging(["keepdims": .int(keeps ? 1 : 0)]) { $1 }
    return node(op, [input] + list.inputs, attributes)
  }

  /// Over a leading axis of two parts.
  mutating func reduced(
    _ shape: [Int], _ type: OracleType, _ wanted: [Double], _ depth: Int
  ) -> String? {
    let parts = wanted.map { _ in uniform(-1...1) * (random.chance(0.2) ? 100 : 1) }
    let isPositive = wanted.allSatisfy { $0 >= 0 }
    func both(_ first: [Double], _ second: [Double]) -> (inout GraphMaker) -> String {
      { $0.constant([2] + shape, type, first + second, depth: depth) }
    }
    switch int(0...6) {
    case 0, 1:
      let input = both(zip(wanted, parts).map { $0 - $1 }, parts)(&self)
      return reduction("ReduceSum", input, axes: [0], keeps: false)
    case 2:
      let input = both(zip(wanted, parts).map { 2 * $0 - $1 }, parts)(&self)
      return reduction("ReduceMean", input, axes: [0], keeps: false)
    case 3:
      let input = both(wanted, zip(wanted, parts).map { $0 - abs($1) })(&self)
      return reduction("ReduceMax", input, axes: [0], keeps: false)
    case 4 where isPositive:
      let input = both(wanted.map { -0.75 * $0 }, wanted.map { 0.25 * $0 })(&self)
      return reduction("ReduceL1", input, axes: [0], keeps: false)
    case 5 where isPositive:
      let input = both(wanted.map { -0.6 * $0 }, wanted.map { 0.8 * $0 })(&self)
      return reduction("ReduceL2", input, axes: [0], keeps: false)
    case 6 where isPositive:
      let input = both(
        wanted.map { (0.36 * $0).squareRoot() }, wanted.map { (0.64 * $0).squareRoot() })(&self)
      return reduction("ReduceSumSquare", input, axes: [0], keeps: false)
    default: return nil
    }
  }

  mutating func moved(
    _ shape: [Int], _ type: OracleType, _ wanted: [Double], _ depth: Int
  ) -> String? {
    let count = wanted.count
    switch int(0...9) {
    case 0:
      return node(
        "Reshape", [constant([count], type, wanted, depth: depth), integers(shape)])
    case 1 where shape.count == 2:
      let turned = (0..<count).map { wanted[$0 % shape[0] * shape[1] + $0 / shape[0]] }
      let input = constant([shape[1], shape[0]], type, turned, depth: depth)
      return node("Transpose", [input], ["perm": .ints([1, 0])])
    case 2:
      let list = listed([0], "axes", since: 13)
      let input = constant(shape, type, wanted, depth: depth)
      let up = node("Unsqueeze", [input] + list.inputs, list.attributes)
      let again = listed([0], "axes", since: 13)
      return node("Squeeze", [up] + again.inputs, again.attributes)
    case 3 where !shape.isEmpty: return cut(shape, type, wanted, depth)
    case 4 where !shape.isEmpty && shape[0] > 1:
      let inner = count / shape[0]
      let head = constant(
        [1] + shape.dropFirst(), type, Array(wanted[..<inner]), depth: depth)
      let tail = constant(
        [shape[0] - 1] + shape.dropFirst(), type, Array(wanted[inner...]), depth: depth)
      return node("Concat", [head, tail], ["axis": .int(0)])
    case 5 where !shape.isEmpty:
      let inner = count / shape[0]
      let turned = (0..<shape[0]).reversed().flatMap { wanted[$0 * inner..<($0 + 1) * inner] }
      let rows = integers(Array((0..<shape[0]).reversed()))
      return node(
        "Gather", [constant(shape, type, turned, depth: depth), rows], ["axis": .int(0)])
    case 6 where Set(wanted).count == 1:
      return node("Expand", [constant([], type, [wanted[0]], depth: depth), integers(shape)])
    case 7 where !shape.isEmpty: return halves(shape, type, wanted, depth)
    case 8 where Set(wanted).count == 1:
      let tensor = OracleTensor([1], type, [wanted[0]])
      return node("ConstantOfShape", [integers(shape)], ["value": .tensor(tensor)])
    case 9 where shape.count == 1 && Set(wanted).count == 1:
      return node("Tile", [constant([1], type, [wanted[0]], depth: depth), integers(shape)])
    default: return node("Identity", [constant(shape, type, wanted, depth: depth)])
    }
  }

  /// A slice of something longer.
  private mutating func cut(
    _ shape: [Int], _ type: OracleType, _ wanted: [Double], _ depth: Int
  ) -> String {
    let inner = wanted.count / shape[0]
    let more = (0..<inner).map { _ in ordinary() }
    let input = constant([shape[0] + 1] + shape.dropFirst(), type, more + wanted, depth: depth)
    guard graph.opset >= 10 else {
      return node(
        "Slice", [input],
        ["starts": .ints([1]), "ends": .ints([shape[0] + 1]), "axes": .ints([0])])
    }
    return node(
      "Slice", [input, integers([1]), integers([shape[0] + 1]), integers([0])])
  }

  /// The second part of a split.
  private mutating func halves(
    _ shape: [Int], _ type: OracleType, _ wanted: [Double], _ depth: Int
  ) -> String {
    let inner = wanted.count / shape[0]
    let more = (0..<inner).map { _ in ordinary() }
    let input = constant([shape[0] + 1] + shape.dropFirst(), type, more + wanted, depth: depth)
    let list = listed([1, shape[0]], "split", since: 13)
    let (first, second) = (name("c"), name("c"))
    graph.nodes.append(
      OracleNode(
        "Split", [input] + list.inputs, [first, second],
        list.attributes.merging(["axis": .int(0)]) { $1 }))
    return second
  }

  /// Choices whose outcome the wanted values decide.
  mutating func chosen(
    _ shape: [Int], _ type: OracleType, _ wanted: [Double], _ depth: Int
  ) -> String? {
    let others = wanted.map { $0 - uniform(0.25...2) }
    let isPositive = wanted.allSatisfy { $0 >= 0 }
    switch int(0...5) {
    case 0, 1:
      let (a, b) = (
        constant(shape, type, wanted, depth: depth), constant(shape, type, others, depth: depth)
      )
      let condition = node(
        random.pick(["Greater", "Less", "Equal"], or: "Less"),
        [stored([], .float32, [ordinary()]), stored([], .float32, [ordinary()])])
      return node("Where", [condition, a, b])
    case 2:
      let (a, b) = (
        constant(shape, type, wanted, depth: depth), constant(shape, type, others, depth: depth)
      )
      return node("Max", [a, b])
    case 3:
      let (a, b) = (
        constant(shape, type, wanted, depth: depth),
        constant(shape, type, wanted.map { $0 + 1 }, depth: depth)
      )
      return node("Min", [a, b])
    case 4 where isPositive:
      return node("Relu", [constant(shape, type, wanted, depth: depth)])
    default:
      let input = constant(shape, type, wanted, depth: depth)
      return clipped(input, low: -3, high: 3, type)
    }
  }

  /// A Clip with its ends as inputs or, in earlier versions, attributes.
  mutating func clipped(
    _ input: String, low: Double?, high: Double?, _ type: OracleType
  ) -> String {
    guard graph.opset >= 11 else {
      var attributes: [String: OracleAttribute] = [:]
      if let low { attributes["min"] = .float(Float(low)) }
      if let high { attributes["max"] = .float(Float(high)) }
      return node("Clip", [input], attributes)
    }
    var inputs = [input, low.map { stored([], type, [$0]) } ?? ""]
    if let high { inputs.append(stored([], type, [high])) }
    return node("Clip", inputs)
  }
}
