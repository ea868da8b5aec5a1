import ReLUChain

/// What stands at a network's start, before it computes anything else: scalings, and selections of
/// features. Every unit behind them is `scale * feature + shift`.
struct LeadingScaling {
  /// For every unit, its feature; -1 for one that has none.
  private(set) var sources: [Int]
  /// What makes the unit of the feature; 0 for one that has none.
  private(set) var scale, shift: [Double]
  /// The nodes of the scalings.
  private(set) var names: [String] = []
  /// Whether no scaling changes anything.
  private(set) var isIdentity = true
  /// Whether the network takes pictures.
  private let isPicture: Bool

  init(_ chain: ReLUChain) {
    isPicture = chain.inputShape.count > 1
    sources = Array(0..<chain.inputCount)
    scale = [Double](repeating: 1, count: chain.inputCount)
    shift = [Double](repeating: 0, count: chain.inputCount)
    for linear in chain.stages.first?.operators ?? [] {
      switch linear.kind {
      case .scaling(let scaling):
        names.append(linear.name)
        isIdentity =
          isIdentity && scaling.scale.allSatisfy { $0 == 1 } && scaling.shift.allSatisfy { $0 == 0 }
        for unit in scale.indices {
          shift[unit] = scaling.scale[unit] * shift[unit] + scaling.shift[unit]
          scale[unit] *= scaling.scale[unit]
        }
      case .selection(let selection):
        sources = selection.source.map { $0 < 0 ? -1 : sources[$0] }
        scale = selection.source.map { $0 < 0 ? 0 : scale[$0] }
        shift = selection.source.map { $0 < 0 ? 0 : shift[$0] }
      case .dense, .convolution: return
      }
    }
  }

  /// For every feature, the factor that it gets; the greatest one where it is repeated, 0 where it is
  /// left out.
  ///
  /// - Parameter count: the number of features.
  func factors(_ count: Int) -> [Double] {
    var factors = [Double](repeating: 0, count: count)
    for (source, factor) in zip(sources, scale) where source >= 0 {
      factors[source] = max(factors[source], factor.magnitude)
    }
    return factors
  }

  /// The scaling in words, where it is one of bytes: every feature less a mean from 0 to 255, by a divisor
  /// like 255, 127.5 or 58.395 (a deviation in grey levels), or the mean of grey levels alone; of a picture, a mean
  /// for each pixel, in grey levels where it is not dark. nil for any other start.
  var wordsOfBytes: String? {
    let units = sources.indices.filter { sources[$0] >= 0 }
    guard let first = units.first, !names.isEmpty else { return nil }
    guard units.allSatisfy({ scale[$0] > 0 && (0.9...512).contains(1 / scale[$0]) }),
      units.allSatisfy({ (-1e-6...255).contains(-shift[$0] / scale[$0]) })
    else { return nil }
    let grey = units.filter { 1 / scale[$0] >= 25 || -shift[$0] / scale[$0] >= 20 }
    if grey.count == units.count { return words(of: first) }
    // MATLAB's mean image, say, whose corners are dark.
    guard isPicture, grey.count * 10 >= units.count else { return nil }
    return grey.first.map(words)
  }

  /// The most channels that a picture is thought to have.
  static let mostChannels = 4

  /// The scaling in words, where it is one of numbers from 0 to 1: every feature less a mean of that range, by a
  /// deviation of it. nil for any other start.
  var wordsOfFractions: String? {
    let units = sources.indices.filter { sources[$0] >= 0 }
    guard let first = units.first, !names.isEmpty,
      Set(units.map { [scale[$0], shift[$0]] }).count <= Self.mostChannels
    else { return nil }
    let isOfFractions = units.allSatisfy { unit in
      guard scale[unit] > 0 else { return false }
      let (divisor, mean) = (1 / scale[unit], -shift[unit] / scale[unit])
      return mean >= 0.01 && mean <= 1 && divisor >= 0.01 && divisor <= 1
    }
    return isOfFractions ? words(of: first) : nil
  }

  /// What becomes of a unit's feature.
  private func words(of unit: Int) -> String {
    func number(_ value: Double) -> String { plain((value * 1000).rounded() / 1000) }
    return "(x - \(number(-shift[unit] / scale[unit]))) / \(number(1 / scale[unit])) by "
      + names.map { "node '\($0)'" }.joined(separator: " and ")
  }
}

/// A number in its shortest form, whole ones without a point.
func plain(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }
