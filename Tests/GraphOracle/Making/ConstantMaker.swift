import Glibc
import NumberSupport

/// Constants that a graph computes in every way that there is.
extension GraphMaker {
  /// A constant of about these values, stored or computed.
  mutating func constant(
    _ shape: [Int], _ type: OracleType, _ wanted: [Double], depth: Int = 2
  ) -> String {
    guard depth > 0, random.chance(depth == 2 ? computing : 0.4) else {
      return stored(shape, type, wanted)
    }
    for _ in 0..<6 {
      if let name = computed(shape, type, wanted, depth - 1) { return name }
    }
    return stored(shape, type, wanted)
  }

  private mutating func computed(
    _ shape: [Int], _ type: OracleType, _ wanted: [Double], _ depth: Int
  ) -> String? {
    switch int(0...9) {
    case 0...2: arithmetic(shape, type, wanted, depth)
    case 3...5: typed(shape, type, wanted, depth)
    case 6: functions(shape, type, wanted, depth)
    case 7: reduced(shape, type, wanted, depth)
    case 8: moved(shape, type, wanted, depth)
    default: chosen(shape, type, wanted, depth)
    }
  }

  /// A factor that keeps numbers in their range, or nearly.
  private mutating func factor() -> Double {
    let size = uniform(0.4...2.5) * (random.chance(0.15) ? exp2(uniform(-12...12)) : 1)
    return random.chance(0.3) ? -size : size
  }

  /// A shape that broadcasts to another one.
  mutating func smaller(_ shape: [Int]) -> [Int] {
    switch int(0...3) {
    case 0: []
    case 1: shape.map { _ in 1 }
    case 2: shape.enumerated().map { $0 == 0 ? $1 : 1 }
    default: shape
    }
  }

  /// The elements of a small tensor spread over a larger shape.
  func spread(_ values: [Double], _ small: [Int], over shape: [Int]) -> [Double] {
    let tensor = Values(small, .float64, isData: false, values)
    return indices(of: shape).map { tensor.broadcast(at: $0) }
  }

  private mutating func arithmetic(
    _ shape: [Int], _ type: OracleType, _ wanted: [Double], _ depth: Int
  ) -> String? {
    let small = smaller(shape)
    let factors = (0..<small.reduce(1, *)).map { _ in factor() }
    let all = spread(factors, small, over: shape)
    let other = { (maker: inout GraphMaker) in maker.constant(small, type, factors, depth: depth) }
    switch int(0...7) {
    case 0, 1:
      let rest = zip(wanted, all).map { $0 / $1 }
      let (a, b) = (constant(shape, type, rest, depth: depth), other(&self))
      return node("Mul", random.chance(0.5) ? [a, b] : [b, a])
    case 2:
      return node(
        "Div",
        [constant(shape, type, zip(wanted, all).map { $0 * $1 }, depth: depth), other(&self)])
    case 3:
      return node(
        "Add",
        [constant(shape, type, zip(wanted, all).map { $0 - $1 }, depth: depth), other(&self)])
    case 4:
      return node(
        "Sub",
        [constant(shape, type, zip(wanted, all).map { $0 + $1 }, depth: depth), other(&self)])
    case 5: return node("Neg", [constant(shape, type, wanted.map { -$0 }, depth: depth)])
    case 6:
      let rest = zip(wanted, all).map { $0 - 2 * $1 }
      return node("Sum", [constant(shape, type, rest, depth: depth), other(&self), other(&self)])
    default:
      let rest = zip(wanted, all).map { 2 * $0 - $1 }
      return node("Mean", [constant(shape, type, rest, depth: depth), other(&self)])
    }
  }

  /// Casts, dequantisation, and arithmetic in another type.
  private mutating func typed(
    _ shape: [Int], _ type: OracleType, _ wanted: [Double], _ depth: Int
  ) -> String? {
    let other = random.pick(OracleType.floats, or: .float32)
    guard let format = other.format,
      wanted.allSatisfy({ format.rounded($0).isFinite && (format.rounded($0) != 0 || $0 == 0) })
        || random.chance(0.03)
    else { return nil }
    if random.chance(0.35) { return quantised(shape, type, other, wanted) }
    var inner = constant(shape, other, wanted, depth: max(depth, random.chance(0.5) ? 1 : 0))
    if random.chance(0.25), let third = OracleType.floats.randomElement(using: &random) {
      inner = node("Cast", [inner], ["to": .int(third.rawValue)])
    }
    return node("Cast", [inner], ["to": .int(type.rawValue)])
  }

  /// Integers times scales, less zero points.
  private mutating func quantised(
    _ shape: [Int], _ type: OracleType, _ other: OracleType, _ wanted: [Double]
  ) -> String? {
    let largest = wanted.map(abs).max() ?? 0
    guard largest > 0, largest < 1e4, largest > 1e-4 else { return nil }
    let scale = largest / uniform(60...120)
    let isUnsigned = random.chance(0.3)
    let offset = isUnsigned ? 128.0 : 0
    let whole = wanted.map { min(max(($0 / scale).rounded(), -120), 120) + offset }
    let integers = stored(shape, isUnsigned ? .uint8 : .int8, whole)
    var name = node("Cast", [integers], ["to": .int(other.rawValue)])
    if isUnsigned { name = node("Sub", [name, stored([], other, [offset])]) }
    let scales = smaller(shape)
    let values = (0..<scales.reduce(1, *)).map { _ in scale }
    name = node("Mul", [name, constant(scales, other, values, depth: 1)])
    return other == type ? name : node("Cast", [name], ["to": .int(type.rawValue)])
  }

  private mutating func functions(
    _ shape: [Int], _ type: OracleType, _ wanted: [Double], _ depth: Int
  ) -> String? {
    let (isPositive, hasZero) = (wanted.allSatisfy { $0 >= 0 }, wanted.contains { abs($0) < 1e-3 })
    switch int(0...6) {
    case 0 where isPositive:
      return node("Sqrt", [constant(shape, type, wanted.map { $0 * $0 }, depth: depth)])
    case 1 where !hasZero:
      return node("Reciprocal", [constant(shape, type, wanted.map { 1 / $0 }, depth: depth)])
    case 2 where isPositive && !hasZero && wanted.allSatisfy { $0 < 100 }:
      return node("Exp", [stored(shape, type, wanted.map { log($0) })])
    case 3 where wanted.allSatisfy { abs($0) < 4 } && !hasZero:
      return node("Log", [stored(shape, type, wanted.map { exp($0) })])
    case 4 where isPositive && !hasZero:
      let power = random.pick([2, 0.5, -1, 1], or: 1.0)
      return node(
        "Pow",
        [stored(shape, type, wanted.map { pow($0, 1 / power) }), stored([], type, [power])])
    case 5 where isPositive:
      let signs = wanted.map { random.chance(0.5) ? $0 : -$0 }
      return node("Abs", [constant(shape, type, signs, depth: depth)])
    case 6: return product(shape, type, wanted, depth)
    default: return nil
    }
  }

  /// A matrix product: with the identity and one entry more.
  private mutating func product(
    _ shape: [Int], _ type: OracleType, _ wanted: [Double], _ depth: Int
  ) -> String? {
    guard shape.count == 2, shape[1] >= 1 else { return nil }
    let size = shape[1]
    let (entry, diagonal) = (uniform(-1...1), uniform(0.5...2))
    var factor = (0..<size * size).map { $0 % (size + 1) == 0 ? diagonal : 0 }
    // (D + r E01) has the inverse D^-1 - r / d^2 E01.
    if size > 1 { factor[1] = entry }
    var rest = wanted.map { $0 / diagonal }
    for row in 0..<shape[0] where size > 1 {
      rest[row * size + 1] -= wanted[row * size] * entry / (diagonal * diagonal)
    }
    return node(
      "MatMul",
      [constant(shape, type, rest, depth: depth), constant([size, size], type, factor, depth: 0)])
  }
}
