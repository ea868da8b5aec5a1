import DataFiles
import Numbers
import ReLUChain
import Reports

extension EffectiveRadius {
  /// The radius at the data's elements, and behind the normalisation that `chain` starts with.
  init(_ epsilon: Numeral, scale: Numeral, chain: ReLUChain) {
    let factors = LeadingScaling(chain).factors(chain.inputCount)
    let radii = factors.map { epsilon.nearest * $0 }
    self.init(
      stored: epsilon.quotient(by: scale), scaled: epsilon.nearest,
      normalized: (radii.min() ?? epsilon.nearest, radii.max() ?? epsilon.nearest),
      perChannel: chain.perChannel(radii))
  }
}

extension ReLUChain {
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
