/// How the radii of a data set are spread, rightly and wrongly classified examples apart.
///
/// A pure function of the certificates as they are printed (radii in nine digits, rounded down), so
/// that whoever counts the certificates of a report gets the same figures.
public struct RadiusHistogram: Sendable, Equatable {
  /// The limits of the bins, ascending, from 0: bin `b` holds `edges[b] <= radius < edges[b + 1]`.
  /// The width is 1, 2 or 5 times a power of ten, the smallest that needs at most 20 bins.
  public var edges: [Double]
  /// The groups that are counted apart.
  public var groups: [Group]
  /// Examples whose search ended at the cap; their bins count them too.
  public var capped: Int
  /// The other ends of the radii, where they were closed from both sides; nil where not.
  public var exact: Exact?

  /// The upper ends of exact radii: the distances of checked counterexamples.
  public struct Exact: Sendable, Equatable {
    /// One entry for each of the groups.
    public var uppers: [Upper]
    /// Examples whose two ends are as close as was asked for, or whose radius is the cap.
    public var closed: Int
    /// All others, by the reason.
    public var open: [SearchRecord.Reason: Int]
  }

  /// The upper ends of one group.
  public struct Upper: Sendable, Equatable {
    /// Quantiles; nil where there is none.
    public var quantiles: Quantiles?
    /// Examples without one: no counterexample was found.
    public var without: Int
    /// Every upper end.
    public var curve: Curve
  }

  /// The examples of one group.
  public struct Group: Sendable, Equatable {
    /// Which examples are meant.
    public var kind: Kind
    /// One count a bin.
    public var counts: [Int]
    /// Quantiles of the radii; nil where there is none.
    public var quantiles: Quantiles?
    /// Examples whose search found no radius: no certificate held, not even at 0. Neither bins nor
    /// quantiles nor curve have them.
    public var withoutRadius: Int
    /// Every radius, for the curve of the paper's Figure 5.
    public var curve: Curve
  }

  /// The radii of a group in increasing order.
  public struct Curve: Sendable, Equatable {
    /// The distinct radii, ascending.
    public var radii: [Double] = []
    /// The number of examples at each of them.
    public var counts: [Int] = []

    init(of radii: [Double]) {
      for radius in radii.sorted() {
        if radius == self.radii.last {
          counts[counts.count - 1] += 1
        } else {
          self.radii.append(radius)
          counts.append(1)
        }
      }
    }
  }

  /// Which examples a group holds.
  public enum Kind: String, Sendable, Equatable {
    /// The prediction is the label.
    case correct
    /// The prediction is another class than the label.
    case wrong
    /// There is no label to compare with.
    case unlabelled
  }

  /// Bins the radii as they are printed; nil when none was searched.
  public init?(of certificates: [Certificate]) {
    self.init(of: certificates.map(PrintedCertificate.init))
  }

  /// Bins the radii; nil when none was searched.
  public init?(of certificates: [PrintedCertificate]) {
    let searched = certificates.filter(\.wasSearched).map { certificate in
      (kind: Kind(of: certificate), radius: certificate.radius)
    }
    guard !searched.isEmpty else { return nil }
    let edges = RadiusHistogram.edges(covering: searched.compactMap(\.radius).max() ?? 0)
    let isLabelled = !searched.contains { $0.kind == .unlabelled }
    groups = (isLabelled ? [Kind.correct, .wrong] : [.unlabelled]).map { kind in
      let members = searched.filter { $0.kind == kind || !isLabelled }
      let radii = members.compactMap(\.radius)
      return Group(
        kind: kind, counts: RadiusHistogram.counts(of: radii, between: edges),
        quantiles: Quantiles(of: radii), withoutRadius: members.count - radii.count,
        curve: Curve(of: radii))
    }
    self.edges = edges
    exact = Exact(of: certificates, groups.map(\.kind))
    capped = certificates.count { $0.radius != nil && $0.radiusIsCapped }
  }
}

extension RadiusHistogram.Exact {
  /// Nil where radii were not closed from both sides.
  fileprivate init?(of certificates: [PrintedCertificate], _ kinds: [RadiusHistogram.Kind]) {
    let exact = certificates.filter { $0.exactRadius != nil }
    guard !exact.isEmpty else { return nil }
    let isLabelled = !kinds.contains(.unlabelled)
    uppers = kinds.map { kind in
      let members = exact.filter { !isLabelled || RadiusHistogram.Kind(of: $0) == kind }
      let ends = members.compactMap(\.radiusUpper)
      return RadiusHistogram.Upper(
        quantiles: Quantiles(of: ends), without: members.count - ends.count,
        curve: RadiusHistogram.Curve(of: ends))
    }
    let reasons = exact.compactMap { $0.exactRadius?.reason }
    closed = exact.count - reasons.count
    open = Dictionary(grouping: reasons) { $0 }.mapValues(\.count)
  }
}

extension RadiusHistogram.Kind {
  fileprivate init(of certificate: PrintedCertificate) {
    guard let label = certificate.label else {
      self = .unlabelled
      return
    }
    self = certificate.prediction == label ? .correct : .wrong
  }
}

extension RadiusHistogram {
  /// Round edges from 0 past `largest`; `[0, 1]` when every radius is 0.
  static func edges(covering largest: Double) -> [Double] {
    guard largest > 0 else { return [0, 1] }
    for exponent in -330...308 {
      for leading in [1, 2, 5] {
        // Read from decimal text, so that an edge is the binary64 of its printed form.
        let edge = { (bin: Int) in Double("\(leading * bin)e\(exponent)") ?? .infinity }
        guard edge(1) > 0, edge(20) > largest else { continue }
        let bins = (1...20).first { edge($0) > largest } ?? 20
        return (0...bins).map { edge($0) }
      }
    }
    return [0, largest.nextUp]
  }

  /// How many radii lie in each bin.
  private static func counts(of radii: [Double], between edges: [Double]) -> [Int] {
    var counts = [Int](repeating: 0, count: edges.count - 1)
    for radius in radii {
      guard let above = edges.firstIndex(where: { $0 > radius }) else { continue }
      counts[max(0, above - 1)] += 1
    }
    return counts
  }
}
