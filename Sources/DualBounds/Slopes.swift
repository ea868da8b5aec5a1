/// How the lower line of an unstable unit is chosen. Every choice in [0, 1] is a proof (Wong & Kolter
/// 2018, Theorem 1); none is best everywhere.
public enum Slopes: String, Sendable, CaseIterable, Comparable {
  /// Parallel to the upper line: eq. (8), the paper's own choice.
  case parallel
  /// 0 or 1, whichever cuts off the smaller area, for hidden layers and margins alike.
  case adaptive
  /// Projected gradient ascent on every line, row by row, from `adaptive`.
  case optimized

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  /// By effort.
  public static func < (left: Slopes, right: Slopes) -> Bool { left.rank < right.rank }
}
