/// Everything that one example's verdict at one epsilon rests on.
///
/// It need not be trusted: whatever slopes in [0, 1] and multipliers >= 0 stand in it, weak duality makes
/// an auditor's own lower end of every row a bound, and claims are only compared with those.
package struct ExampleProof: Sendable, Equatable {
  /// The example's position in the data.
  package var index: Int
  /// Which of the run's epsilons.
  package var place: Int
  /// Where the ball is another one than epsilon's: its radius.
  package var radius: Double?
  /// The class whose margins are bounded.
  package var specificationClass: Int
  /// Each may refer to those before it.
  package var relaxations: [RelaxationProof] = []
  package var margins: [MarginProof] = []
  /// The rivals that a search proved to lose.
  package var searched: [SearchProof] = []
  /// A counterexample: the point, and the class that wins there.
  package var point: PointProof?

  package init(index: Int, place: Int, radius: Double? = nil, specificationClass: Int) {
    (self.index, self.place, self.radius) = (index, place, radius)
    self.specificationClass = specificationClass
  }
}

/// The bounds of every layer of ReLUs, and how they came about.
package struct RelaxationProof: Sendable, Equatable {
  package enum Origin: Sendable, Equatable {
    /// Algorithm 1 of the paper: intervals, and a row with parallel slopes for what they leave open.
    case algorithm1
    /// Another relaxation's bounds, tightened by rows with lines of their own, each over the bounds of the
    /// layers below in this one.
    case tightened(parent: Int, rows: [UnitRow])
    /// Another relaxation's bounds on that part of the ball where the rival does not lose and all of the
    /// splits hold, by rows over that other one.
    case narrowed(parent: Int, rival: Int, splits: [SplitSide], rows: [GuideRow])
  }

  package var origin: Origin
  /// For each layer of ReLUs the unstable units; nil for those of the parent. Fewer layers than the
  /// network has where the last one contradicts itself: there is no such part of the ball.
  package var layers: [UnstableUnits?]

  package init(origin: Origin, layers: [UnstableUnits?]) {
    (self.origin, self.layers) = (origin, layers)
  }
}

/// The unstable units of one layer and their bounds; all others are claimed to be stable.
package struct UnstableUnits: Sendable, Equatable {
  /// In increasing order.
  package var units: [Int]
  package var lower: [Double]
  package var upper: [Double]

  package init(units: [Int], lower: [Double], upper: [Double]) {
    (self.units, self.lower, self.upper) = (units, lower, upper)
  }
}

/// The slopes of a row's lower lines: layer by layer from the input, unit by unit. What is not
/// named has slope 0.
package struct RowLines: Sendable, Equatable {
  package struct Line: Sendable, Equatable {
    package var unit: Int
    package var slope: Double

    package init(unit: Int, slope: Double) { (self.unit, self.slope) = (unit, slope) }
  }

  package var layers: [[Line]]

  package init(layers: [[Line]]) { self.layers = layers }
}

/// A row that bounds one end of one unit.
package struct UnitRow: Sendable, Equatable {
  package var layer: Int
  package var unit: Int
  package var isUpper: Bool
  package var lines: RowLines

  package init(layer: Int, unit: Int, isUpper: Bool, lines: RowLines) {
    (self.layer, self.unit, self.isUpper, self.lines) = (layer, unit, isUpper, lines)
  }
}

/// One side of a unit: where its pre-activation, of the deployed network, is at least 0, or at most.
package struct SplitSide: Sendable, Hashable {
  package var layer: Int
  package var unit: Int
  /// Whether it is at least 0 there; else at most.
  package var isActive: Bool

  package init(layer: Int, unit: Int, isActive: Bool) {
    (self.layer, self.unit, self.isActive) = (layer, unit, isActive)
  }
}

/// A row from the logits with everything given: `weight (z_y - z_j)`, splits with their multipliers, and
/// a unit that it bounds where it does not bound the margin.
package struct GuideRow: Sendable, Equatable {
  package struct Split: Sendable, Equatable {
    package var layer: Int
    package var unit: Int
    /// Whether the pre-activation is at least 0 there; else at most.
    package var isActive: Bool
    package var multiplier: Double

    package init(layer: Int, unit: Int, isActive: Bool, multiplier: Double) {
      (self.layer, self.unit, self.isActive, self.multiplier) = (layer, unit, isActive, multiplier)
    }

    package var side: SplitSide { SplitSide(layer: layer, unit: unit, isActive: isActive) }
  }

  package struct Target: Sendable, Equatable {
    package var layer: Int
    package var unit: Int
    package var isUpper: Bool

    package init(layer: Int, unit: Int, isUpper: Bool) {
      (self.layer, self.unit, self.isUpper) = (layer, unit, isUpper)
    }
  }

  package var weight: Double
  package var target: Target?
  package var splits: [Split]
  package var lines: RowLines

  package init(weight: Double, target: Target?, splits: [Split], lines: RowLines) {
    (self.weight, self.target, self.splits, self.lines) = (weight, target, splits, lines)
  }
}

/// The row of one margin.
package struct MarginProof: Sendable, Equatable {
  package var rival: Int
  package var relaxation: Int
  /// nil for parallel slopes.
  package var lines: RowLines?

  package init(rival: Int, relaxation: Int, lines: RowLines?) {
    (self.rival, self.relaxation, self.lines) = (rival, relaxation, lines)
  }
}

/// What a search proved: the class's logit is above the rival's on some parts of the ball, which with those
/// of the rival's other searches are all of it.
package struct SearchProof: Sendable, Equatable {
  package var rival: Int
  package var relaxation: Int
  /// None where the relaxation contradicts itself: nothing lies behind its splits.
  package var leaves: [GuideRow]

  package init(rival: Int, relaxation: Int, leaves: [GuideRow]) {
    (self.rival, self.relaxation, self.leaves) = (rival, relaxation, leaves)
  }
}

/// A point of the ball at which another class wins.
package struct PointProof: Sendable, Equatable {
  package var winner: Int
  package var values: [Double]

  package init(winner: Int, values: [Double]) { (self.winner, self.values) = (winner, values) }
}
