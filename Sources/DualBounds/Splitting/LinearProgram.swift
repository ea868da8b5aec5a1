/// `min c'x` where `a_i'x >= b_i` for every row and `|x_j| <= r_j`: the dual simplex method on a dense
/// dictionary, bounds of variables kept out of it.
///
/// What it finds are multipliers of the rows, in binary64 and without a promise: whoever uses them proves
/// what they prove.
struct LinearProgram {
  /// What the method came to.
  enum Answer {
    /// The multipliers of the rows at the optimum, and the point.
    case optimum([Double], at: [Double])
    /// No point fulfils the rows: any multiple of these multipliers adds to a bound as much again.
    case empty([Double])
    /// The method gave up.
    case unknown
  }

  private enum Side { case low, high }

  /// `[rows][columns]`: basic variables as functions of the others.
  private var dictionary: [[Double]]
  private var constants: [Double]
  /// The objective's coefficients on the others: not negative for those at their lower end, not positive
  /// for those at their upper end.
  private var costs: [Double]
  /// Variables by number: `x` first, then the rows' slacks.
  private var basic: [Int]
  private var others: [Int]
  private var sides: [Side]
  private let radius: [Double]

  /// - Parameter rows: `a_i` and `-b_i`.
  init(costs: [Double], rows: [(coefficients: [Double], offset: Double)], radius: [Double]) {
    (dictionary, constants) = (rows.map(\.coefficients), rows.map(\.offset))
    (self.costs, self.radius) = (costs, radius)
    basic = rows.indices.map { radius.count + $0 }
    others = Array(radius.indices)
    sides = costs.map { $0 >= 0 ? .low : .high }
  }

  private func range(_ variable: Int) -> (low: Double, high: Double) {
    variable < radius.count ? (-radius[variable], radius[variable]) : (0, .infinity)
  }

  private func value(_ row: Int) -> Double {
    others.indices.reduce(constants[row]) { sum, column in
      let (low, high) = range(others[column])
      return sum + dictionary[row][column] * (sides[column] == .low ? low : high)
    }
  }

  mutating func solve() -> Answer {
    for _ in 0..<(50 + 20 * basic.count) {
      guard let (row, isLow) = worst() else {
        var multipliers = [Double](repeating: 0, count: basic.count)
        for (column, variable) in others.enumerated() where variable >= radius.count {
          multipliers[variable - radius.count] = max(0, costs[column])
        }
        return .optimum(multipliers, at: point)
      }
      guard let column = entering(row, isLow) else { return .empty(ray(row, isLow)) }
      pivot(row, column, isLow)
    }
    return .unknown
  }

  /// The point that the dictionary stands for.
  private var point: [Double] {
    var point = [Double](repeating: 0, count: radius.count)
    for (column, variable) in others.enumerated() where variable < radius.count {
      point[variable] = sides[column] == .low ? -radius[variable] : radius[variable]
    }
    for (row, variable) in basic.enumerated() where variable < radius.count {
      point[variable] = value(row)
    }
    return point
  }

  /// The basic variable that is furthest beyond its range, and whether below it.
  private func worst() -> (row: Int, isLow: Bool)? {
    var found: (row: Int, isLow: Bool)?
    var most = 1e-10
    for row in basic.indices {
      let (value, range) = (value(row), range(basic[row]))
      let beyond = max(range.low - value, value - range.high)
      if beyond > most { (found, most) = ((row, value < range.low), beyond) }
    }
    return found
  }

  /// The variable that can bring it back at the least cost.
  private func entering(_ row: Int, _ isLow: Bool) -> Int? {
    var found: Int?
    var least = Double.infinity
    for column in others.indices {
      let coefficient = isLow ? dictionary[row][column] : -dictionary[row][column]
      let (low, high) = range(others[column])
      let helps = sides[column] == .low ? coefficient > 1e-9 : coefficient < -1e-9
      guard helps, low < high else { continue }
      let ratio = (costs[column] / coefficient).magnitude
      if ratio < least { (found, least) = (column, ratio) }
    }
    return found
  }

  /// The rows that together say that a basic variable stays beyond its range.
  private func ray(_ row: Int, _ isLow: Bool) -> [Double] {
    var multipliers = [Double](repeating: 0, count: basic.count)
    for (column, variable) in others.enumerated() where variable >= radius.count {
      let coefficient = dictionary[row][column]
      multipliers[variable - radius.count] = max(0, isLow ? -coefficient : coefficient)
    }
    if basic[row] >= radius.count { multipliers[basic[row] - radius.count] = 1 }
    return multipliers
  }

  /// The basic variable of a row leaves to its violated end, another one enters.
  private mutating func pivot(_ row: Int, _ column: Int, _ isLow: Bool) {
    let pivot = dictionary[row][column]
    var entered = dictionary[row].map { -$0 / pivot }
    entered[column] = 1 / pivot
    let constant = -constants[row] / pivot
    for other in basic.indices where other != row {
      let factor = dictionary[other][column]
      guard factor != 0 else { continue }
      dictionary[other][column] = 0
      for place in entered.indices { dictionary[other][place] += factor * entered[place] }
      constants[other] += factor * constant
    }
    let factor = costs[column]
    costs[column] = 0
    for place in entered.indices { costs[place] += factor * entered[place] }
    (dictionary[row], constants[row]) = (entered, constant)
    (basic[row], others[column]) = (others[column], basic[row])
    sides[column] = isLow ? .low : .high
  }
}
