import DataFiles
import Numbers
import ReLUChain
import Reports

extension EffectiveRadius {
  /// The radius at the data's elements, and behind the normalisation that `chain` starts with.
  init(_ epsilon: Numeral, scale: Numeral, chain: ReLUChain) {
    let factors = chain.leadingFactors
    let radii = factors.map { epsilon.nearest * $0 }
    self.init(
      stored: epsilon.quotient(by: scale), scaled: epsilon.nearest,
      normalized: (radii.min() ?? epsilon.nearest, radii.max() ?? epsilon.nearest),
      perChannel: chain.perChannel(radii))
  }
}

extension ReLUChain {
  /// Whether the network scales or shifts its input before it computes anything else.
  var startsWithNormalization: Bool {
    for linear in stages.first?.operators ?? [] {
      switch linear.kind {
      case .selection: continue
      case .scaling(let scaling):
        if scaling.scale.contains(where: { $0 != 1 }) || scaling.shift.contains(where: { $0 != 0 })
        {
          return true
        }
      case .dense, .convolution: return false
      }
    }
    return false
  }

  /// For every feature of the input, the factor that the scalings at the network's start give it; the
  /// greatest one where it is repeated, 0 where it is left out.
  var leadingFactors: [Double] {
    var factors = [Double](repeating: 1, count: inputCount)
    // The features as they stand, and what each has been multiplied by.
    var sources = Array(0..<inputCount)
    var current = factors
    scan: for linear in stages.first?.operators ?? [] {
      switch linear.kind {
      case .scaling(let scaling):
        for unit in current.indices { current[unit] *= scaling.scale[unit].magnitude }
      case .selection(let selection):
        current = selection.source.map { $0 < 0 ? 0 : current[$0] }
        sources = selection.source.map { $0 < 0 ? -1 : sources[$0] }
      case .dense, .convolution: break scan
      }
    }
    factors = [Double](repeating: 0, count: inputCount)
    for (source, factor) in zip(sources, current) where source >= 0 {
      factors[source] = max(factors[source], factor)
    }
    return factors
  }

  /// One value a channel, where all features of a channel have the same; one where all have.
  func perChannel(_ values: [Double]) -> [Double]? {
    guard let first = values.first else { return nil }
    if values.allSatisfy({ $0 == first }) { return [first] }
    // Channels come first, or last in a network that reads pixel by pixel.
    for axis in [0, inputShape.count - 1] where inputShape.indices.contains(axis) {
      let channels = inputShape[axis]
      let inner = inputShape[(axis + 1)...].reduce(1, *)
      guard channels > 1, channels <= 64 || inputShape.count > 1 else { continue }
      var found = [Double?](repeating: nil, count: channels)
      let isUniform = values.indices.allSatisfy { feature in
        let channel = feature / inner % channels
        defer { found[channel] = values[feature] }
        return found[channel].map { $0 == values[feature] } ?? true
      }
      if isUniform { return found.compactMap(\.self) }
    }
    return nil
  }
}
