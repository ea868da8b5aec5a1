/// The norms in which changes of a network's input are measured.
public enum Norm: String, Sendable, CaseIterable {
  /// The largest change of a feature; its dual norm is l1.
  case linf
  /// The Euclidean norm, its own dual.
  case l2
  /// The sum of all changes; its dual norm is linf.
  case l1
}
