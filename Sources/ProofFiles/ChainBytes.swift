import FileAccess
import ProofRecords

// A chain as bytes, and back: of the same chain always the same, so that their digest names it.
extension ByteWriter {
  mutating func chain(_ chain: ChainStatement) {
    count(chain.inputCount)
    byte(chain.isRead ? 1 : 0)
    count(chain.stages.count)
    for stage in chain.stages {
      count(stage.count)
      for statement in stage { self.statement(statement) }
    }
  }

  private mutating func statement(_ statement: OperatorStatement) {
    count(statement.inputCount)
    count(statement.outputCount)
    switch statement.map {
    case .dense(let weights, let bias):
      byte(0)
      numbers(weights)
      numbers(bias)
    case .convolution(let shape, let weights, let bias):
      byte(1)
      for number in shape.numbers { count(number) }
      numbers(weights)
      numbers(bias)
    case .scaling(let scale, let shift, let magnitude):
      byte(2)
      numbers(scale)
      numbers(shift)
      numbers(magnitude)
    case .selection(let source, let constant):
      byte(3)
      count(source.count)
      for unit in source { optional(unit < 0 ? nil : unit) }
      numbers(constant)
    }
    for value in [statement.relative, statement.perInput, statement.perUnit] { number(value) }
    byte(statement.isVirtual ? 1 : 0)
    count(statement.roundings)
    count(statement.sources.count)
    for source in statement.sources { numbers(source) }
    count(statement.sourceRoundings)
    for value in [statement.constantUnderflow, statement.leastDivisor] { number(value) }
    count(statement.held.count)
    for held in statement.held {
      number(held.largest)
      number(held.least ?? .infinity)
    }
    number(statement.outputLimit)
  }
}

extension ByteReader {
  mutating func chain() throws(InputError) -> ChainStatement {
    var chain = ChainStatement(
      inputCount: try count(), stages: [], isRead: try byte(0...1) == 1)
    for _ in 0..<(try count(of: 1)) {
      var stage: [OperatorStatement] = []
      for _ in 0..<(try count(of: 60)) { stage.append(try statement()) }
      chain.stages.append(stage)
    }
    try checkEnd()
    guard chain.isConsistent else {
      throw refusal("operators that do not fit each other", "a chain")
    }
    return chain
  }

  private mutating func statement() throws(InputError) -> OperatorStatement {
    let (inputs, outputs) = (try count(), try count())
    var statement = OperatorStatement(
      map: try map(), inputCount: inputs, outputCount: outputs)
    statement.relative = try number()
    statement.perInput = try number()
    statement.perUnit = try number()
    statement.isVirtual = try byte(0...1) == 1
    statement.roundings = try count()
    for _ in 0..<(try count(of: 2)) { statement.sources.append(try numbers()) }
    statement.sourceRoundings = try count()
    statement.constantUnderflow = try number()
    statement.leastDivisor = try number()
    for _ in 0..<(try count(of: 16)) {
      let (largest, least) = (try number(), try number())
      statement.held.append(.init(largest: largest, least: least.isFinite ? least : nil))
    }
    statement.outputLimit = try number()
    return statement
  }

  private mutating func map() throws(InputError) -> OperatorStatement.Map {
    switch try byte(0...3) {
    case 0: return .dense(weights: try numbers(), bias: try numbers())
    case 1:
      var shape: [Int] = []
      for _ in 0..<ConvolutionShape.count { shape.append(try count()) }
      guard let shape = ConvolutionShape(shape) else { throw refusal("a shape", "another one") }
      return .convolution(shape, weights: try numbers(), bias: try numbers())
    case 2:
      return .scaling(scale: try numbers(), shift: try numbers(), magnitude: try numbers())
    default:
      var source: [Int] = []
      for _ in 0..<(try count(of: 1)) { source.append(try optional() ?? -1) }
      return .selection(source: source, constant: try numbers())
    }
  }
}
