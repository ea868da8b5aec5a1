import ReLUChain

/// A term of a binary32 sum: a product not yet rounded, or a number.
enum SumItem: Hashable {
  case product(Float, Float)
  case number(Float)

  /// The terms of one output unit.
  static func items(_ taps: Taps, of values: [Float]) -> [SumItem] {
    [.number(Float(taps.offset))]
      + taps.terms.map { .product(Float($0.weight), values[$0.source]) }
  }

  var rounded: Float {
    switch self {
    case .product(let left, let right): left * right
    case .number(let value): value
    }
  }

  /// `self + other`, with one rounding less where a product is fused.
  func adding(_ other: SumItem, fused: Bool) -> SumItem {
    if fused, case .product(let left, let right) = other {
      return .number(rounded.addingProduct(left, right))
    }
    if fused, case .product(let left, let right) = self {
      return .number(other.rounded.addingProduct(left, right))
    }
    return .number(rounded + other.rounded)
  }
}

/// Every binary32 number that a sum can come out as, over all orders and all choices of fusing.
///
/// - Complexity: grows faster than the factorial; meant for at most 5 terms.
func everySum(_ items: [SumItem]) -> Set<Float> {
  guard let first = items.first else { return [0] }
  guard items.count > 1 else { return [first.rounded] }
  var results: Set<Float> = []
  for left in items.indices {
    for right in items.indices where right != left {
      let rest = items.indices.filter { $0 != left && $0 != right }.map { items[$0] }
      let sums: Set = [
        items[left].adding(items[right], fused: true),
        items[left].adding(items[right], fused: false),
      ]
      for sum in sums { results.formUnion(everySum(rest + [sum])) }
    }
  }
  return results
}

extension ReLUChain {
  /// Every vector of logits that the chain as deployed in binary32 can compute at one point.
  ///
  /// - Complexity: the product over the units of the number of their sums; meant for traps.
  public func everyDeployedLogits(at point: [Float]) -> Set<[Float]> {
    var vectors: Set<[Float]> = [point]
    for (index, stage) in stages.enumerated() {
      for step in stage.operators {
        let taps = step.taps
        vectors = vectors.reduce(into: []) { found, values in
          let choices = taps.map { everySum(SumItem.items($0, of: values)) }
          found.formUnion(
            choices.reduce([[]]) { partial, sums in
              partial.flatMap { head in sums.map { head + [$0] } }
            })
        }
      }
      if index + 1 < stages.count {
        vectors = Set(vectors.map { $0.map { $0 > 0 || $0.isNaN ? $0 : 0 } })
      }
    }
    return vectors
  }
}
