/// The interval of Clopper and Pearson (1934) for the probability behind `successes` of `trials`
/// independent trials, both ends rounded outward.
///
/// At the exact lower end as many successes or more have the probability `a = (1 - level) / 2`, at
/// the upper end as many or fewer. Whatever the true probability is, the interval covers it at least
/// `level` of the times. Ends are found by bisection; an end is kept only where an upper bound of the
/// tail, every rounding charged, is not above `a`.
public struct BinomialInterval: Sendable, Equatable {
  /// Not above the exact lower end, and >= 0.
  public let lower: Double
  /// Not below the exact upper end, and <= 1.
  public let upper: Double

  /// Computes the interval.
  ///
  /// - Parameter level: The binary64 nearest to a number of (0, 1); the interval is made for the next
  ///   larger binary64.
  /// - Precondition: `0 <= successes <= trials`, `0 < trials`.
  public init(successes: Int, of trials: Int, level: Double) {
    precondition(0 <= successes && successes <= trials && trials > 0, "not a share of trials")
    let tail = max(0, (1 - level.nextUp).nextDown / 2)
    // Both ends are the lower end of a problem: the upper one is that of the failures.
    lower = Self.end(successes, trials) { p in
      BinomialTail(atLeast: successes, of: trials, p: p, q: 1 - p).upperBound <= tail
    }
    let failures = Self.end(trials - successes, trials) { q in
      BinomialTail(atLeast: trials - successes, of: trials, p: q, q: 1 - q).upperBound <= tail
    }
    upper = min(1, (1 - failures).nextUp)
  }

  /// The largest probability found at which so many successes are rare enough.
  private static func end(_ successes: Int, _ trials: Int, isRare: (Double) -> Bool) -> Double {
    guard successes > 0 else { return 0 }
    var (low, high) = (0.0, Double(successes) / Double(trials))
    // Relative 2^-44 is more than nine digits; below 2^-1000 the rounding charges do not hold.
    while high - low > high * 0x1p-44, high > 0x1p-900 {
      let middle = 0.5 * (low + high)
      if isRare(middle) { low = middle } else { high = middle }
    }
    return low
  }
}

/// The probability of at least so many successes.
package struct BinomialTail {
  /// Not below the probability.
  package let upperBound: Double

  /// - Parameters:
  ///   - p: the probability of a success, > 0 and < 1.
  ///   - q: `1 - p`, rounded to nearest.
  package init(atLeast least: Int, of trials: Int, p: Double, q: Double) {
    // Terms C(n, k) p^k q^(n-k) by their ratios, from one near the largest; all are multiples of it.
    let n = Double(trials)
    let mode = min(trials, max(0, Int((n + 1) * p)))
    var (tail, whole, left) = (0.0, 0.0, 0.0)
    var steps = 0
    func add(_ term: Double, _ k: Int) {
      whole += term
      if k >= least { tail += term }
    }
    add(1, mode)
    var (k, term) = (mode, 1.0)
    while k < trials, term > Self.negligible {
      term *= (n - Double(k)) / Double(k + 1) * (p / q)
      k += 1
      add(term, k)
    }
    steps = k - mode
    // Ratios fall away from the mode: no term that is left out is above the last one.
    if k < trials { left += n * term }
    (k, term) = (mode, 1.0)
    while k > 0, term > Self.negligible {
      term *= Double(k) / (n - Double(k - 1)) * (q / p)
      k -= 1
      add(term, k)
    }
    steps += mode - k
    if k > 0 { left += n * term }
    // A term has seven roundings a step, a sum one a term, q one; twice that covers their products.
    let error = Double(16 * steps + 64) * 0x1p-53
    upperBound = ((tail + left) / whole) * (1 + 2 * error)
  }

  /// Far below any tail that matters, far above the subnormal numbers.
  private static let negligible = 0x1p-200
}
