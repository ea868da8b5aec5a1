import ArgumentParser

// What options may be set to, by the names that are typed.

/// Norms by their names.
enum NormName: String, ExpressibleByArgument, CaseIterable {
  case linf, l2, l1
}

/// Decisions by their names.
enum DecisionName: String, ExpressibleByArgument, CaseIterable {
  case argmax, argmin
}

/// Arithmetics by their names.
enum ArithmeticName: String, ExpressibleByArgument, CaseIterable {
  case real, float32, float64, float16, bfloat16
}

/// Types of sums by their names.
enum AccumulationName: String, ExpressibleByArgument, CaseIterable {
  case float32, same
}

/// Ways to choose slopes by their names.
enum SlopesName: String, ExpressibleByArgument, CaseIterable {
  case auto, parallel, adaptive, optimized
}

/// Choices of units that get a row by their names.
enum RowsName: String, ExpressibleByArgument, CaseIterable {
  case open, all
}

/// Orders of an image's features by their names.
enum LayoutName: String, ExpressibleByArgument, CaseIterable {
  case nchw, nhwc, ncwh
}

/// Forms of data files by their names.
enum DataFormatName: String, ExpressibleByArgument, CaseIterable {
  case idx, npy, npz, cifar10, cifar100, csv
}

/// Places of a label in a row by their names.
enum LabelColumnName: String, ExpressibleByArgument, CaseIterable {
  case first, last, none
}

/// Attacks by their names.
enum AttackName: String, ExpressibleByArgument, CaseIterable {
  case none, fgsm, pgd
}

/// Selections of radii by their names.
enum RadiiName: String, ExpressibleByArgument, CaseIterable {
  case all, certified, off
}
