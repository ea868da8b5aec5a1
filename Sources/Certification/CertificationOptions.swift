import Attack
import DualBounds
import Numbers
import ReLUChain

/// The box that the data live in; an linf ball is intersected with it.
public struct Domain: Sendable, Equatable {
  /// The lower end, rounded down.
  public var lower: Double
  /// The upper end, rounded up.
  public var upper: Double
  /// The ends rounded the other way: every point between them lies in the domain for certain.
  public var inner: (lower: Double, upper: Double)

  /// Creates a domain; the inner ends, left out, are one place further in.
  public init(lower: Double, upper: Double, inner: (lower: Double, upper: Double)? = nil) {
    self.lower = lower
    self.upper = upper
    self.inner = inner ?? (lower.nextUp, upper.nextDown)
  }

  /// Creates the domain between two numbers.
  public init(from lower: Numeral, to upper: Numeral) {
    self.init(
      lower: lower.lower, upper: upper.upper, inner: (lower.upper, upper.lower))
  }

  /// Two domains are equal where their ends are.
  public static func == (left: Domain, right: Domain) -> Bool {
    (left.lower, left.upper) == (right.lower, right.upper) && left.inner == right.inner
  }
}

/// How tight the bounds of a run are, by name: `auto`, or that of the slopes.
public enum SlopeChoice: RawRepresentable, CaseIterable, Sendable, Equatable {
  /// Parallel slopes first; where they and the attack leave an example open, tighter ones, only until
  /// it is certified.
  case auto
  /// The same for every example: the best of all up to these.
  case fixed(Slopes)

  /// `auto` first, then by effort.
  public static var allCases: [SlopeChoice] { [.auto] + Slopes.allCases.map { .fixed($0) } }

  /// The name.
  public var rawValue: String {
    if case .fixed(let slopes) = self { slopes.rawValue } else { "auto" }
  }

  /// The choice of a name; nil for another text.
  public init?(rawValue: String) {
    guard let choice = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = choice
  }
}

/// Where a half-precision network sums up.
public enum Accumulation: String, CaseIterable, Sendable {
  /// In binary32 at least.
  case float32
  /// In the type of its weights.
  case same
}

/// Which units get a row of Algorithm 1.
public enum RowChoice: String, CaseIterable, Sendable {
  /// Those that intervals leave open.
  case open
  /// Every unit: Algorithm 1 to the letter.
  case all
}

/// How radii (eq. 17) are searched.
public struct RadiusOptions: Sendable, Equatable {
  /// Which examples get a radius.
  public enum Selection: String, CaseIterable, Sendable {
    /// Every example.
    case all
    /// Those that are certified.
    case certified
    /// Every example, from both sides: proofs from below, checked counterexamples from above.
    case exact
  }

  /// Which examples.
  public var selection: Selection
  /// The relative width at which the bracket [held, not held] is narrow enough.
  public var tolerance: Numeral
  /// No radius above this is tried.
  public var cap: Numeral

  /// Creates search options.
  public init(selection: Selection = .all, tolerance: Numeral, cap: Numeral) {
    (self.selection, self.tolerance, self.cap) = (selection, tolerance, cap)
  }

  /// The same from binary64 numbers.
  public init(selection: Selection = .all, tolerance: Double = 1e-3, cap: Double) {
    self.init(
      selection: selection, tolerance: Numeral(exactly: tolerance), cap: Numeral(exactly: cap))
  }
}

/// Everything that influences a number of a run, but for the network and the data.
public struct CertificationOptions: Sendable {
  /// The radii of the balls, each with its own certificates.
  public var epsilons: [Numeral]
  /// The norm of the balls.
  public var shape: BallShape
  /// Which network the verdicts speak of.
  public var arithmetic: Arithmetic
  /// Where a half-precision network sums up; nothing to any other.
  public var accumulation: Accumulation
  /// How tight the bounds are.
  public var slopes: SlopeChoice
  /// Which units get a row.
  public var rows = RowChoice.open
  /// The data's domain: cuts an linf ball, restricts the attack in any; nil leaves both whole.
  public var domain: Domain?
  /// nil leaves radii out.
  public var radii: RadiusOptions?
  /// nil leaves attacks out.
  public var attack: AttackOptions?
  /// The most parts of its ball that an example that stays open is split into; 0 leaves the search out.
  public var splits = 0
  /// Whether certificates keep the points of counterexamples.
  public var keepsCounterexamples: Bool
  /// Whether labelled examples get Corollary 2's answer for their predicted class, too.
  public var detects = false
  /// Whether what certificates rest on is kept, for proofs; counterexamples are to be kept then, too.
  public var keepsProofs = false
  /// The number of workers; no number of the result depends on it.
  public var threads: Int
  /// The rows of one block, see `MemoryNeed`; no number of the result depends on it.
  public var rowsPerBlock: Int

  /// Told of searches while a run works; no number of the result depends on it.
  public var meter: SearchMeter?

  /// Creates options.
  public init(
    epsilons: [Numeral], shape: BallShape = .norm(.linf), arithmetic: Arithmetic = .real,
    accumulation: Accumulation = .float32, slopes: SlopeChoice = .fixed(.parallel),
    domain: Domain? = nil,
    radii: RadiusOptions? = nil, attack: AttackOptions? = nil, keepsCounterexamples: Bool = false,
    threads: Int = 1,
    rowsPerBlock: Int = MemoryNeed.blockRows.upperBound
  ) {
    self.epsilons = epsilons
    self.shape = shape
    self.arithmetic = arithmetic
    self.accumulation = accumulation
    self.slopes = slopes
    self.domain = domain
    self.radii = radii
    self.attack = attack
    self.keepsCounterexamples = keepsCounterexamples
    self.threads = threads
    self.rowsPerBlock = rowsPerBlock
  }
}

/// Where examples come from, in the units of the scaled data.
public struct ExampleSource: Sendable {
  /// The number of features of one example.
  public var featureCount: Int
  /// Whether features are the data's exact values, not merely the binary64 nearest to them.
  public var isExact: Bool
  /// The numbers that the network takes, where these are whole ones; nil for all numbers.
  public var wholeNumbers: ClosedRange<Double>?
  /// The label of an example; nil where the data has none.
  public var label: @Sendable (Int) -> Int?
  /// Fills the buffer with an example's features, each the exact value or the binary64 nearest to
  /// it, in the network's order.
  public var copyFeatures: @Sendable (Int, UnsafeMutableBufferPointer<Double>) -> Void

  /// Creates a source.
  public init(
    featureCount: Int, isExact: Bool, label: @escaping @Sendable (Int) -> Int?,
    copyFeatures: @escaping @Sendable (Int, UnsafeMutableBufferPointer<Double>) -> Void
  ) {
    self.featureCount = featureCount
    self.isExact = isExact
    self.label = label
    self.copyFeatures = copyFeatures
  }
}

/// Why a run ended without certificates.
public enum CertificationFailure: Error, Sendable, Equatable {
  /// An example does not lie in the domain.
  case outsideDomain(OutsideDomain)
  /// This program contradicts itself.
  case contradiction(Contradiction)
  /// The run was asked to stop, and has examples left.
  case stopped
}

/// A checked counterexample inside a certified ball, under the same arithmetic: one of the two is
/// wrong, and so is this program.
public struct Contradiction: Error, Sendable, Equatable {
  /// The example's position in the data.
  public var index: Int
  /// The class that is certified.
  public var certifiedClass: Int
  /// The radius at which it is.
  public var certifiedRadius: Double
  /// The class that wins at the counterexample.
  public var winner: Int
  /// The counterexample's distance, rounded up.
  public var distance: Double

  package init(
    index: Int, certifiedClass: Int, certifiedRadius: Double, winner: Int, distance: Double
  ) {
    (self.index, self.certifiedClass) = (index, certifiedClass)
    (self.certifiedRadius, self.winner, self.distance) = (certifiedRadius, winner, distance)
  }
}

/// An example that does not lie in the domain that the user stated.
public struct OutsideDomain: Error, Sendable, Equatable {
  /// The example's position in the data.
  public var index: Int
  /// The feature, in the network's order.
  public var feature: Int
  /// Its value, in the units of the scaled data.
  public var value: Double

  package init(index: Int, feature: Int, value: Double) {
    (self.index, self.feature, self.value) = (index, feature, value)
  }
}

extension CertificationOptions {
  /// Whether sums are accumulated in binary32 at least.
  package var wideSums: Bool { accumulation == .float32 }
  /// Whether points of counterexamples are kept while an example is being certified: the search for
  /// nearer ones starts from them.
  var keepsPoints: Bool { keepsCounterexamples || radii?.selection == .exact }
  /// Whether every unit gets a row.
  package var computesEveryRow: Bool { rows == .all }

  /// Fits the workers into a budget of memory (`MemoryNeed.fitted`).
  ///
  /// - Parameter budget: bytes.
  /// - Returns: false where not even one worker fits.
  public mutating func fit(_ need: MemoryNeed, within budget: Int) -> Bool {
    guard let fitted = need.fitted(threads, within: budget) else { return false }
    (threads, rowsPerBlock) = fitted
    return true
  }
}
