import ReLUChain

/// A term of a deployed sum: a product not yet rounded, or a number.
enum SumItem: Hashable {
  case product(Double, Double)
  case number(Double)

  /// The terms of one output unit.
  static func items(_ taps: Taps, of values: [Double]) -> [SumItem] {
    [.number(taps.offset)] + taps.terms.map { .product($0.weight, values[$0.source]) }
  }

  func rounded(_ format: DeployedFormat) -> Double {
    switch self {
    case .product(let left, let right): format.product(left, right)
    case .number(let value): value
    }
  }

  /// `self + other`, with one rounding less where a product is fused.
  func adding(_ other: SumItem, fused: Bool, _ format: DeployedFormat) -> SumItem {
    if fused, case .product(let left, let right) = other {
      return .number(format.fused(rounded(format), left, right))
    }
    if fused, case .product(let left, let right) = self {
      return .number(format.fused(other.rounded(format), left, right))
    }
    return .number(format.sum(rounded(format), other.rounded(format)))
  }
}

/// Every number that a binary32 sum can come out as, over all orders and all choices of fusing.
///
/// - Complexity: grows faster than the factorial; meant for at most 5 terms.
private func everySum(_ items: [SumItem]) -> Set<Double> {
  guard let first = items.first else { return [0] }
  guard items.count > 1 else { return [first.rounded(.binary32)] }
  var results: Set<Double> = []
  for left in items.indices {
    for right in items.indices where right != left {
      let rest = items.indices.filter { $0 != left && $0 != right }.map { items[$0] }
      let sums: Set = [
        items[left].adding(items[right], fused: true, .binary32),
        items[left].adding(items[right], fused: false, .binary32),
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
  public func everyDeployedLogits(at point: [Double]) -> Set<[Double]> {
    var vectors: Set<[Double]> = [point.map(DeployedFormat.binary32.rounded)]
    for (index, stage) in stages.enumerated() {
      for step in stage.operators {
        let taps = step.taps.map { $0.rounded(.binary32) }
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

extension Taps {
  /// The taps with every number rounded to a format.
  func rounded(_ format: DeployedFormat) -> Taps {
    Taps(
      terms: terms.map { Term(source: $0.source, weight: format.rounded($0.weight)) },
      offset: format.rounded(offset))
  }
}
