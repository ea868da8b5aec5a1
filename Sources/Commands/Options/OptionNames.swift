import ArgumentParser
import Attack
import Certification
import DataFiles
import DualBounds
import ReLUChain

// What options may be set to: the engine's own choices, by their names.

extension Norm: ExpressibleByArgument {}
extension Decision: ExpressibleByArgument {}
extension Accumulation: ExpressibleByArgument {}
extension SlopeChoice: ExpressibleByArgument {}
extension RowChoice: ExpressibleByArgument {}
extension Layout: ExpressibleByArgument {}
extension DataFormat: ExpressibleByArgument {}
extension LabelColumn: ExpressibleByArgument {}

extension Arithmetic: ExpressibleByArgument {
  /// The usual ones first.
  public static var allValueStrings: [String] {
    let usual = [Arithmetic.real, .float32]
    return (usual + allCases.filter { !usual.contains($0) }).map(\.rawValue)
  }
}

/// The attacks, and none.
enum AttackName: String, ExpressibleByArgument, CaseIterable {
  case none, fgsm, pgd

  /// nil for none.
  var kind: AttackOptions.Kind? {
    switch self {
    case .none: nil
    case .fgsm: .fgsm
    case .pgd: .pgd
    }
  }
}

/// The selections of radii, and none.
enum RadiiName: String, ExpressibleByArgument, CaseIterable {
  case all, certified, exact, off

  /// nil for none.
  var selection: RadiusOptions.Selection? {
    switch self {
    case .all: .all
    case .certified: .certified
    case .exact: .exact
    case .off: nil
    }
  }
}
