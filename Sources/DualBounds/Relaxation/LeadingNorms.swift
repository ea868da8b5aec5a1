import CKernels
import ReLUChain

/// The dual norms of the rows of the first layer of ReLUs, composed down to the input: they depend on
/// the network only, so a workspace learns them once.
package struct LeadingNorms {
  /// What they are the dual of; nil where none were learned.
  var norm: Norm?
  /// `[units]`, rounded up.
  package var values: [Double] = []
  /// What the rounding of the rows adds to each, as a part of the unit's magnitude.
  var error = 0.0
}

extension BoundWorkspace {
  /// Whether the intervals of a layer would be its exact range over a box, but are not over this
  /// ball: where an elementwise stage comes first, its units move each for itself in a box, while a
  /// norm binds them together, of which intervals know nothing.
  ///
  /// There every unit gets its row, as without the elementwise stage every unit has its norm.
  func normBindsUnits(_ part: NormPart?, at index: Int) -> Bool {
    guard part != nil, problem.layers[index].mixing == 1 else { return false }
    return problem.layers[..<index].last(where: \.isReLU)?.mixing == 0
  }

  /// Adds what the norm part reaches to the interval bounds of the first layer of ReLUs; false where
  /// that overflows. The layers before it have bounds of the box part only, which nobody asks for.
  ///
  /// With `P` the product of the operators up to here, as they are stored, intervals bound
  /// `zhat - P d`: they are those of the box with the magnitudes, and so the charges, of the whole
  /// ball. `|P_j d| <= extent ||P_j||_dual`, where a computed row errs by at most
  /// `g(steps) |W_r| ... |W_1|`, and that times the extent is at most `g(steps) A_j`.
  package func widenByNorm(
    _ layer: LayerRelaxation, _ index: Int, on below: [LayerRelaxation], _ part: NormPart?
  ) -> Bool {
    guard let part, index == problem.firstReLU else { return true }
    learnNorms(of: part.norm, index, on: below)
    var isInRange = true
    for unit in 0..<layer.count {
      let more = reach(of: part, layer, unit)
      isInRange = isInRange && more < RoundingCharge.magnitudeLimit
      layer.bounds.lower[unit] = (layer.bounds.lower[unit] - more).nextDown
      layer.bounds.upper[unit] = (layer.bounds.upper[unit] + more).nextUp
    }
    return isInRange
  }

  /// Not below `extent ||P_j||_dual`, for a unit of the first layer of ReLUs, whose norms are known.
  package func reach(of part: NormPart, _ layer: LayerRelaxation, _ unit: Int) -> Double {
    let reach = part.extent * leadingNorms.values[unit] * (1 + 0x1p-50)
    let error = leadingNorms.error
    return (reach + error * layer.forward.magnitude[unit] + problem.rowSlack).nextUp.nextUp
  }

  private func learnNorms(of norm: Norm, _ index: Int, on below: [LayerRelaxation]) {
    guard leadingNorms.norm != norm else { return }
    let count = problem.layers[index].layout.count
    var values: [Double] = []
    // The first step of a row copies stored numbers; each one below sums, and scales by 1.
    let steps = (1..<index).reduce(0) { $0 + problem.producer($1).charge.fanOut + 1 }
    for unit in 0..<count { open[unit] = Int32(truncatingIfNeeded: unit) }
    let norms = RowNorms()
    _ = blocks(of: count, at: index, most: rows.most) { units, window in
      rows.coefficients(
        .units(units, of: index, window: window, bothWays: false), on: below
      ) { input, block, padded in
        norms.measure(block, count: input.openInputs, padded: padded)
        for row in units.indices { values.append(norms.dual(of: norm, row: row)) }
      }
      return true
    }
    leadingNorms = LeadingNorms(
      norm: norm, values: values, error: RoundingCharge.gamma(steps, 0x1p-53) * 1.01)
  }
}
