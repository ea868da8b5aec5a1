import Glibc

/// Theorem 2's upper bound of the cross-entropy over the ball, in nats: `log(1 + sum over j != y of
/// exp(-m_j))`. Rounded up; +infinity where nothing is known of a margin.
package func robustCrossEntropy(margins: [Double], specificationClass: Int) -> Double {
  var exponents: [Double] = []
  for (index, margin) in margins.enumerated() where index != specificationClass {
    if !margin.isFinite { return .infinity }
    exponents.append(-margin)
  }
  // With the largest exponent taken out nothing overflows.
  let largest = max(0, exponents.max() ?? 0)
  let sum = exponents.reduce(exp(-largest)) { $0 + exp($1 - largest) }
  let loss: Double
  if largest == 0 {
    loss = log1p(exponents.reduce(0) { $0 + exp($1) })
  } else {
    loss = largest + log(sum)
  }
  // exp and log of the C library err by less than 2 ulps each; the sum by one per class.
  let slack = Double(margins.count + 16) * 0x1p-51
  return loss * (1 + slack) + (largest == 0 ? 0 : slack) + Double.leastNormalMagnitude
}
