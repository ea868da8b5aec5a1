import NumberSupport

/// Linear and cubic resampling, whose positions and weights are computed where the network runs.
extension NodeEvaluator {
  /// The elements that one new element is made of, with their weights; of a linear one the second weight comes
  /// last, for who interpolates by it.
  private struct Blend {
    var places: [Int]
    var weights: [Number]
  }

  mutating func interpolated(_ node: OracleNode) -> Tensor {
    let x = required(node, 0)
    let isEarly = node.op == "Upsample" || opset < 11
    let scales = input(node, isEarly ? 1 : 2)
    let sizes = isEarly ? nil : integers(node, input: 3, "sizes")
    let role = Role(.float32, isData: false)
    var axes: [[Blend]] = []
    for (axis, count) in x.shape.enumerated() {
      let scale =
        sizes.map {
          system.quotient(system.stored(Double($0[axis])), system.stored(Double(count)), role)
        } ?? scales?.numbers[axis] ?? system.stored(1)
      // As the file has it, not as it is rounded to compute positions.
      let product = ExactProduct(scales?.numbers[axis], count, system)
      let made = sizes?[axis] ?? product.floor
      let isSame = made == count && (sizes != nil || product.isCount)
      var blends: [Blend] = []
      for place in 0..<made {
        blends.append(
          isSame
            ? Blend(places: [place], weights: [system.stored(1)])
            : blend(node, place, count, made, scale, role))
      }
      axes.append(blends)
    }
    let shape = axes.map(\.count)
    let own = Role(x.type, isData: x.isData)
    switch system.way(of: 3) {
    case 0:
      var numbers: [Number] = []
      for index in indices(of: shape) {
        numbers.append(direct(x, zip(index, axes).map { $1[$0] }, role, own))
      }
      return x.with(shape, numbers)
    case let way:
      var result = x
      for axis in shape.indices.shuffledOnce(by: system.way(of: 2)) {
        result = along(axis, axes[axis], result, own, byDifference: way == 2)
      }
      return result
    }
  }

  /// All axes at once: products of weights, and one sum.
  private mutating func direct(
    _ x: Tensor, _ blends: [Blend], _ role: Role, _ own: Role
  ) -> Number {
    var terms: [Term<Number>] = []
    for choice in indices(of: blends.map(\.places.count)) {
      var weight: Number?
      for (pick, blend) in zip(choice, blends) where blend.places.count > 1 {
        weight = weight.map { system.product($0, blend.weights[pick], role) } ?? blend.weights[pick]
      }
      let element = x[zip(choice, blends).map { $1.places[$0] }]
      terms.append(weight.map { .product(system.loaded($0), element) } ?? .number(element))
    }
    return terms.count == 1 ? single(terms[0], own) : system.sum(terms, own)
  }

  private mutating func single(_ term: Term<Number>, _ role: Role) -> Number {
    if case .number(let number) = term { return number }
    return system.sum([term], role)
  }

  /// One axis behind the other.
  ///
  /// - Parameter byDifference: By `a + t (b - a)`, where there are two.
  private mutating func along(
    _ axis: Int, _ blends: [Blend], _ x: Tensor, _ role: Role, byDifference: Bool
  ) -> Tensor {
    var shape = x.shape
    shape[axis] = blends.count
    var numbers: [Number] = []
    for index in indices(of: shape) {
      let blend = blends[index[axis]]
      let elements = blend.places.map { place in
        var own = index
        own[axis] = place
        return x[own]
      }
      if elements.count == 1 {
        numbers.append(elements[0])
      } else if byDifference, elements.count == 2 {
        let difference = system.total(elements[1], system.negative(elements[0]), role)
        let weight = system.loaded(blend.weights[1])
        numbers.append(system.sum([.number(elements[0]), .product(weight, difference)], role))
      } else {
        let terms = zip(blend.weights, elements).map { Term.product(system.loaded($0), $1) }
        numbers.append(system.sum(terms, role))
      }
    }
    return x.with(shape, numbers)
  }

  /// The elements around a new element's position.
  private mutating func blend(
    _ node: OracleNode, _ index: Int, _ count: Int, _ made: Int, _ scale: Number, _ role: Role
  ) -> Blend {
    var position = position(node, index, count, made, scale, role)
    let one = system.stored(1)
    guard node.string("mode", "nearest") == "cubic" else {
      let last = system.stored(Double(count - 1))
      position = system.smallest(system.largest(position, system.stored(0)), last)
      let below = system.whole(position, .down)
      let place = system.integer(below)
      guard place + 1 < count else { return Blend(places: [place], weights: [one]) }
      let far = system.total(position, system.negative(below), role)
      let near = system.total(one, system.negative(far), role)
      return Blend(places: [place, place + 1], weights: [near, far])
    }
    let below = system.whole(position, .down)
    let far = system.total(position, system.negative(below), role)
    let near = system.total(one, system.negative(far), role)
    let first = system.integer(below) - 1
    let weights = [
      outer(system.total(far, one, role), node, role), inner(far, node, role),
      inner(near, node, role), outer(system.total(near, one, role), node, role),
    ]
    let places = (0..<4).map { first + $0 }
    guard node.int("exclude_outside", 0) == 1 else {
      return Blend(places: places.map { min(max($0, 0), count - 1) }, weights: weights)
    }
    let inside = (0..<4).filter { (0..<count).contains(places[$0]) }
    let total = system.sum(inside.map { .number(weights[$0]) }, role)
    var shares: [Number] = []
    for tap in inside { shares.append(system.quotient(weights[tap], total, role)) }
    return Blend(places: inside.map { places[$0] }, weights: shares)
  }

  /// `(a + 2) t^3 - (a + 3) t^2 + 1`, below 1.
  private mutating func inner(_ t: Number, _ node: OracleNode, _ role: Role) -> Number {
    let a = system.stored(node.float("cubic_coeff_a", -0.75))
    let (lead, next) = (
      system.total(a, system.stored(2), role), system.total(a, system.stored(3), role)
    )
    let square = system.product(t, t, role)
    if system.way(of: 2) == 1 {
      let cube = system.product(square, t, role)
      return system.sum(
        [
          .product(lead, cube), .product(system.negative(next), square),
          .number(system.stored(1)),
        ], role)
    }
    let slope = system.sum([.product(lead, t), .number(system.negative(next))], role)
    return system.sum([.product(slope, square), .number(system.stored(1))], role)
  }

  /// `a t^3 - 5 a t^2 + 8 a t - 4 a`, between 1 and 2.
  private mutating func outer(_ t: Number, _ node: OracleNode, _ role: Role) -> Number {
    let a = system.stored(node.float("cubic_coeff_a", -0.75))
    func times(_ factor: Double) -> (inout Self) -> Number {
      { $0.system.product($0.system.stored(factor), a, role) }
    }
    let (five, eight, four) = (times(-5)(&self), times(8)(&self), times(-4)(&self))
    let first = system.sum([.product(a, t), .number(five)], role)
    let second = system.sum([.product(first, t), .number(eight)], role)
    return system.sum([.product(second, t), .number(four)], role)
  }

  /// Where a new element lies among the old ones.
  private mutating func position(
    _ node: OracleNode, _ index: Int, _ count: Int, _ made: Int, _ scale: Number, _ role: Role
  ) -> Number {
    let isEarly = node.op == "Upsample" || opset < 11
    let mode =
      isEarly ? "asymmetric" : node.string("coordinate_transformation_mode", "half_pixel")
    let (place, half) = (system.stored(Double(index)), system.stored(0.5))
    if mode == "align_corners" {
      guard made > 1 else { return system.stored(0) }
      let (old, new) = (system.stored(Double(count - 1)), system.stored(Double(made - 1)))
      guard system.way(of: 2) == 1 else {
        return system.quotient(system.product(place, old, role), new, role)
      }
      return system.product(place, system.quotient(old, new, role), role)
    }
    // PyTorch has one new element stand for the first.
    if mode == "pytorch_half_pixel", made == 1 { return system.stored(0) }
    let isCentred = mode != "asymmetric"
    let start = isCentred ? system.total(place, half, role) : place
    let scaled: Number
    if system.way(of: 2) == 1 {
      scaled = system.product(start, system.quotient(system.stored(1), scale, role), role)
    } else {
      scaled = system.quotient(start, scale, role)
    }
    return isCentred ? system.total(scaled, system.negative(half), role) : scaled
  }
}

extension NodeEvaluator {
  /// What stands at each tuple of indices, without leading axes that both share.
  func gatheredTuples(_ node: OracleNode) -> Tensor {
    let (x, table) = (required(node, 0), required(node, 1))
    let width = table.shape[table.shape.count - 1]
    let tail = Array(x.shape[width...])
    var numbers: [Number] = []
    for head in indices(of: Array(table.shape.dropLast())) {
      let tuple = (0..<width).map { axis -> Int in
        let index = system.integer(table[head + [axis]])
        return index < 0 ? index + x.shape[axis] : index
      }
      numbers += indices(of: tail).map { x[tuple + $0] }
    }
    return x.with(table.shape.dropLast() + tail, numbers)
  }
}

/// How many elements a scale makes.
private struct ExactProduct {
  var floor: Int
  var isCount: Bool

  init<System: NumberSystem>(_ scale: System.Number?, _ count: Int, _ system: System) {
    guard let scale else {
      (floor, isCount) = (count, true)
      return
    }
    // Scales here are multiples of an eighth, so that these are whole.
    var exact = system
    let eights = exact.sum(
      [.product(system.stored(Double(8 * count)), scale)], Role(.float64, isData: false))
    let whole = exact.integer(eights)
    (floor, isCount) = (whole / 8, whole == 8 * count)
  }
}

extension Range<Int> {
  /// In order, or the other way round.
  fileprivate func shuffledOnce(by way: Int) -> [Int] { way == 0 ? Array(self) : reversed() }
}
