import CKernels
import ReLUChain

// Rows of differences of logits: the margins (eq. 5), and the coefficients that they end with.
extension BoundWorkspace {
  /// The margins of a class over a relaxation's ball: the rows `e_y - e_j` from the logits down, with
  /// the relaxation's own slopes.
  public func margins(
    of relaxation: Relaxation, specificationClass: Int
  ) -> MarginBounds {
    precondition((0..<problem.classCount).contains(specificationClass), "no such class")
    var result = MarginBounds(
      specificationClass: specificationClass, classCount: problem.classCount)
    result.unstable = relaxation.unstable
    if relaxation.isKnown {
      let others = (0..<problem.classCount).filter { $0 != specificationClass }
      _ = improve(&result, against: others, relaxation, .parallel, .parallel)
    }
    return result
  }

  /// Tightens what is known of a ball: bounds of layers and margins with slopes up to `slopes`, the best
  /// of every row.
  ///
  /// - Parameters:
  ///   - untilCertified: stops as soon as every margin is positive, and climbs only rows that are not.
  public func tighten(
    _ known: inout BallBounds, to slopes: Slopes, untilCertified: Bool,
    effort: AscentEffort = AscentEffort()
  ) {
    for level in [Slopes.adaptive, .optimized] where level > known.reached && level <= slopes {
      if untilCertified && known.margins.smallest > 0 { break }
      known.reached = level
      let isClimbing = level == .optimized
      // Behind maxima, where intervals know most, lines by area in hidden layers gave LeNets' margins less than a
      // percent and took a third of the time.
      if isClimbing || !problem.hasMaxima {
        known.relaxation = tightened(
          known.relaxation, passes: isClimbing ? effort.hiddenPasses : 1)
      }
      guard known.relaxation.isKnown else { return }
      known.margins.unstable = known.relaxation.unstable
      let margins = known.margins.margins
      let others = margins.indices.filter {
        $0 != known.margins.specificationClass && !(untilCertified && margins[$0] > 0)
      }
      known.origins += improve(
        &known.margins, against: others, known.relaxation,
        .own(passes: isClimbing ? effort.marginPasses : 1, keeps: keepsOrigins), level,
        untilCertified: untilCertified)
    }
  }

  private func improve(
    _ result: inout MarginBounds, against others: [Int], _ relaxation: Relaxation,
    _ lines: RowLines, _ level: Slopes, untilCertified: Bool = false
  ) -> [MarginOrigin] {
    let top = problem.layers.count - 1
    let (logits, layout) = (relaxation.layers[top], problem.layers[top].layout)
    let own = layout.physical(result.specificationClass)
    var (first, origins) = (0, [MarginOrigin]())
    while first < others.count {
      let block = others[first..<min(first + rows.most, others.count)]
      let units = block.map(layout.physical)
      for (row, unit) in units.enumerated() { rows.rows[row] = difference(own, unit, logits) }
      let start = RowPass.Start.differences(own: own, others: units)
      rows.bound(
        start, on: relaxation.layers, relaxation.normPart, lines: lines, budgeted: true
      ) { rows in
        for row in rows.indices where untilCertified && rows[row].deployed > 0 {
          rows[row].isDone = true
        }
      }
      for (row, other) in zip(rows.rows, block) {
        result.improve(other, deployed: row.deployed, real: row.real, by: level)
      }
      if keepsOrigins, level > .parallel {
        let kept = KeptLines.allCases.map { rows.keptLines(from: start, $0) }
        for (row, other) in block.enumerated() {
          let lines = kept.map { $0.only(row) }
          for lines in lines[0] == lines[1] ? [lines[0]] : lines {
            origins.append(MarginOrigin(other: other, relaxation: relaxation, lines: lines))
          }
        }
      }
      first += block.count
    }
    return origins
  }

  /// The row of a difference of logits, before any step.
  package func difference(_ own: Int, _ other: Int, _ logits: LayerRelaxation) -> RowPass.Row {
    let bounds = logits.bounds
    let budget = bounds.deployed_charge[own] + bounds.deployed_charge[other]
    return RowPass.Row(
      midpoint: logits.forward.midpoint[own] - logits.forward.midpoint[other],
      cost: budget + (bounds.own_charge[own] + bounds.own_charge[other]), budget: budget)
  }

  /// The coefficients `lambda` on the input of the row `e_y - e_j`: the linear lower bound of
  /// `z_y - z_j` with the relaxation's own slopes is smallest where `lambda' x` is.
  ///
  /// - Returns: `[inputCount]`, in the file's order; nil where one is not finite, or the ball's layers
  ///   could not be bounded.
  public func inputCoefficients(
    _ relaxation: Relaxation, of specificationClass: Int, against other: Int
  ) -> [Double]? {
    guard relaxation.isKnown else { return nil }
    let logits = problem.layers[problem.layers.count - 1].layout
    let layout = problem.layers[0].layout
    var found: [Double]?
    rows.coefficients(
      .differences(
        own: logits.physical(specificationClass), others: [logits.physical(other)]),
      on: relaxation.layers
    ) { input, block, padded in found = Self.column(layout, input, block, padded) }
    return found
  }

  /// The first row of the block on the input layer, of which every unit is live.
  private static func column(
    _ layout: UnitLayout, _ input: cm_view, _ block: UnsafePointer<Double>, _ padded: Int
  ) -> [Double]? {
    var column = [Double](repeating: 0, count: layout.count)
    for y in Int(input.window.y0)..<Int(input.window.y1) {
      let first = y * layout.width + Int(input.window.x0)
      let base = Int(input.row_base[y]) - first * layout.channels
      let end = y * layout.width + Int(input.window.x1)
      for unit in first * layout.channels..<end * layout.channels {
        let coefficient = block[(base + unit) * padded]
        guard coefficient.isFinite else { return nil }
        column[layout.logical(unit)] = coefficient
      }
    }
    return column
  }
}

/// How far a gradient ascent goes.
public struct AscentEffort: Sendable, Equatable {
  /// Backward passes of a block of rows of a hidden layer.
  public var hiddenPasses: Int
  /// Backward passes of the rows of the margins.
  public var marginPasses: Int

  /// Creates an effort; one pass is the choice by area.
  public init(hiddenPasses: Int = 12, marginPasses: Int = 40) {
    (self.hiddenPasses, self.marginPasses) = (max(1, hiddenPasses), max(1, marginPasses))
  }
}
