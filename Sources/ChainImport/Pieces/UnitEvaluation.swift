import NetworkGraph

/// Evaluates nodes as functions of one number.
struct UnitEvaluation {
  /// What it knows; all of them treat every unit for itself, or move all units alike (Transpose).
  static let operators: Set = [
    "Abs", "Add", "And", "Cast", "Clip", "Div", "Equal", "Greater", "GreaterOrEqual", "Identity",
    "LeakyRelu", "Less", "LessOrEqual", "Max", "Min", "Mul", "Neg", "Not", "Or", "PRelu", "Relu",
    "Shrink", "Sign", "Sub", "Sum", "ThresholdedRelu", "Transpose", "Where", "Xor",
  ]

  /// The functions of the values that are there already.
  private var functions: [String: UnitFunction]
  /// The types of values that are of another type than the data.
  private var types: [String: ElementType] = [:]
  /// The order of the axes that a value has, as axes of what they are functions of.
  private var layouts: [String: [Int]]
  /// The type of what they are functions of.
  private let elementType: ElementType
  /// The number that a constant is for every unit; nil where it is not one.
  private let number: (String, _ layout: [Int]) -> Double?
  private let represents: (Double) -> Bool
  private let opset: Int

  init(
    of base: String, _ elementType: ElementType, rank: Int, opset: Int,
    represents: @escaping (Double) -> Bool, number: @escaping (String, _ layout: [Int]) -> Double?
  ) {
    functions = [base: .variable]
    layouts = [base: Array(0..<rank)]
    (self.elementType, self.opset) = (elementType, opset)
    (self.number, self.represents) = (number, represents)
  }

  func result(_ name: String) -> (function: UnitFunction, layout: [Int])? {
    guard let function = functions[name], let layout = layouts[name] else { return nil }
    return (function, layout)
  }

  mutating func evaluate(_ node: Node) throws(UnitObstacle) {
    // What is computed of several values is computed unit by unit where all lie alike.
    let known = node.inputs.compactMap { layouts[$0] }
    guard let layout = known.first, known.allSatisfy({ $0 == layout }) else { throw .unfit }
    if node.operatorType == "Transpose" { return try move(node, from: layout) }
    layouts[node.outputs[0]] = layout
    var values: [UnitFunction?] = []
    for name in node.inputs { values.append(name.isEmpty ? nil : try value(name, layout)) }
    let result = try result(of: node, values)
    functions[node.outputs[0]] = result
    guard let type = try type(of: node) else { return }
    types[node.outputs[0]] = type
    try check(result, of: type)
  }

  /// Moves the units of a value, which stay functions of their own.
  private mutating func move(_ node: Node, from layout: [Int]) throws(UnitObstacle) {
    let call = OperatorCall(node: node, opsetVersion: opset, constants: [nil])
    guard let given = try? call.ints("perm") ?? Array(layout.indices.reversed()),
      given.sorted() == Array(layout.indices)
    else { throw .unfit }
    let (input, output) = (node.inputs[0], node.outputs[0])
    layouts[output] = given.map { layout[$0] }
    (functions[output], types[output]) = (functions[input], types[input])
  }

  /// The type of a node's result; nil for that of the data.
  private func type(of node: Node) throws(UnitObstacle) -> ElementType? {
    if node.operatorType == "Cast" {
      let call = OperatorCall(node: node, opsetVersion: opset, constants: [nil])
      guard let target = try? call.castTarget() else { throw .unfit }
      return target == elementType ? nil : target
    }
    if Self.askingOperators.contains(node.operatorType) { return .bool }
    let own = node.inputs.dropFirst(node.operatorType == "Where" ? 1 : 0)
    guard let type = own.compactMap({ types[$0] }).first else { return nil }
    // Whole numbers are divided without a rest.
    if node.operatorType == "Div" { throw .unfit }
    return type
  }

  /// Numbers of other types than the data's are 0, 1 and what such types compute of them without a rounding or an
  /// overflow, as of all real numbers.
  private func check(_ function: UnitFunction, of type: ElementType) throws(UnitObstacle) {
    if let format = type.format {
      // A finer one rounds no more than the data's.
      guard elementType.format?.covers(format) ?? false else { throw .unfit }
      return
    }
    let range = type == .bool ? 0...1 : type.wholeNumbers ?? (type == .int64 ? -0x1p53 : 0)...0x1p53
    guard
      function.cells.allSatisfy({ cell in
        cell.number.map { range.contains($0) && $0 == $0.rounded() } ?? false
      })
    else { throw .unfit }
  }

  private static let askingOperators: Set = [
    "And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Not", "Or", "Xor",
  ]

  private func value(_ name: String, _ layout: [Int]) throws(UnitObstacle) -> UnitFunction {
    if let function = functions[name] { return function }
    guard let number = number(name, layout), represents(number) else { throw .unfit }
    return .constant(number)
  }

  private func result(
    of node: Node, _ values: [UnitFunction?]
  ) throws(UnitObstacle) -> UnitFunction {
    func input(_ index: Int) throws(UnitObstacle) -> UnitFunction {
      guard values.indices.contains(index), let value = values[index] else { throw .unfit }
      return value
    }
    switch node.operatorType {
    case "Identity": return try input(0)
    case "Cast": return try cast(node, try input(0))
    case "Neg": return try input(0).negated()
    case "Add", "Sum": return try folded(values) { (a, b) throws(UnitObstacle) in try a.plus(b) }
    case "Sub":
      return try input(0).combined(try input(1)) { (a, b) throws(UnitObstacle) in
        try a.plus(b.negated())
      }
    case "Mul": return try folded(values) { (a, b) throws(UnitObstacle) in try a.times(b) }
    case "Div":
      return try input(0).combined(try input(1)) { (a, b) throws(UnitObstacle) in
        guard let divisor = b.number else { throw .unfit }
        return try a.divided(by: divisor)
      }
    case "Max", "Min":
      var result = try input(0)
      for index in values.indices.dropFirst() {
        let other = try input(index)
        result = node.operatorType == "Max" ? try result.largest(other) : try result.smallest(other)
      }
      return result
    case "Where": return try input(0).choosing(try input(1), try input(2))
    case "Not": return try input(0).asks(.constant(0)) { $0 == 0 }
    case "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Xor":
      return try input(0).asks(try input(1)) { Self.holds(node.operatorType, $0) }
    case "And":
      return try input(0).combined(try input(1)) { (a, b) throws(UnitObstacle) in try a.times(b) }
    case "Or": return try input(0).largest(try input(1))
    default: return try bent(node, values)
    }
  }

  private func folded(
    _ values: [UnitFunction?], _ change: (UnitLine, UnitLine) throws(UnitObstacle) -> UnitLine
  ) throws(UnitObstacle) -> UnitFunction {
    guard var result = values.first ?? nil else { throw .unfit }
    for value in values.dropFirst() {
      guard let value else { throw .unfit }
      result = try result.combined(value, change)
    }
    return result
  }

  private static func holds(_ comparison: String, _ order: Int) -> Bool {
    switch comparison {
    case "Equal": order == 0
    case "Greater": order > 0
    case "GreaterOrEqual": order >= 0
    case "Less": order < 0
    case "LessOrEqual": order <= 0
    default: order != 0
    }
  }

  /// To numbers of 1 and 0 of any type, or the data's own type.
  private func cast(_ node: Node, _ value: UnitFunction) throws(UnitObstacle) -> UnitFunction {
    let isFlag = value.cells.allSatisfy { $0.number == 0 || $0.number == 1 }
    let call = OperatorCall(node: node, opsetVersion: opset, constants: [nil])
    guard isFlag || (try? call.castTarget()) == elementType else { throw .unfit }
    return value
  }

  /// An attribute that the type of deployment has.
  private func attribute(_ node: Node, _ name: String, _ standard: Double) throws(UnitObstacle)
    -> Double
  {
    let call = OperatorCall(node: node, opsetVersion: opset, constants: [])
    guard let value = try? call.float(name, default: standard), value.isFinite, represents(value)
    else { throw .unfit }
    return value
  }

  /// Operators that have a line of their own on either side of a number.
  private func bent(_ node: Node, _ values: [UnitFunction?]) throws(UnitObstacle) -> UnitFunction {
    guard let x = values.first ?? nil else { throw .unfit }
    let zero = UnitFunction.constant(0)
    switch node.operatorType {
    case "Relu": return try x.largest(zero)
    case "Abs": return try x.largest(x.negated())
    case "Clip": return try clipped(node, x, values)
    case "Sign":
      return try x.compared(zero) { (line, _, order) throws(UnitObstacle) in
        guard line.isExact else { throw .unfit }
        return .constant(Double(order))
      }
    case "LeakyRelu", "PRelu":
      let slope: UnitFunction
      if node.operatorType == "PRelu" {
        guard values.count == 2, let own = values[1] else { throw .unfit }
        slope = own
      } else {
        slope = .constant(try attribute(node, "alpha", Double(Float(0.01))))
      }
      return try chosen(
        x, above: 0, x,
        else: x.combined(slope) { (a, b) throws(UnitObstacle) in
          try a.times(b)
        })
    case "ThresholdedRelu":
      return try chosen(x, above: try attribute(node, "alpha", 1), x, else: zero)
    case "Shrink": return try shrunk(node, x)
    default: throw .unfit
    }
  }

  /// A choice by what nobody has rounded.
  private func chosen(
    _ x: UnitFunction, above place: Double, _ one: UnitFunction, else other: UnitFunction
  ) throws(UnitObstacle) -> UnitFunction {
    try x.asks(.constant(place)) { $0 > 0 }.choosing(one, other)
  }

  /// `x + bias` below `-lambd`, `x - bias` above `lambd`, 0 between.
  private func shrunk(_ node: Node, _ x: UnitFunction) throws(UnitObstacle) -> UnitFunction {
    let (bias, end) = (try attribute(node, "bias", 0), try attribute(node, "lambd", 0.5))
    func moved(_ number: Double) throws(UnitObstacle) -> UnitFunction {
      try x.combined(.constant(number)) { (a, b) throws(UnitObstacle) in try a.plus(b) }
    }
    let below = try x.asks(.constant(-end)) { $0 < 0 }
    return try below.choosing(
      try moved(bias), try chosen(x, above: end, try moved(-bias), else: .constant(0)))
  }

  private func clipped(
    _ node: Node, _ x: UnitFunction, _ values: [UnitFunction?]
  ) throws(UnitObstacle) -> UnitFunction {
    func end(_ index: Int, _ name: String) throws(UnitObstacle) -> UnitFunction? {
      if values.indices.contains(index), let value = values[index] { return value }
      guard node.attributes[name] != nil else { return nil }
      return .constant(try attribute(node, name, 0))
    }
    var result = x
    if let low = try end(1, "min") { result = try result.largest(low) }
    if let high = try end(2, "max") { result = try result.smallest(high) }
    return result
  }
}
