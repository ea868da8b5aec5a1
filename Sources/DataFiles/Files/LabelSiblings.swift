import Glibc

extension Labels {
  /// The first of `siblingPaths` that exists.
  public static func siblingPath(of dataPath: String) -> String? {
    siblingPaths(of: dataPath).first { access($0, F_OK) == 0 }
  }

  /// Where the labels of a data file lie by convention, likeliest first.
  ///
  /// `...images-idx3-ubyte` has `...labels-idx1-ubyte`, `test.idx` has `test-labels.idx` or
  /// `test.labels.idx`, each with `.gz` or without.
  public static func siblingPaths(of dataPath: String) -> [String] {
    guard dataPath != "-" else { return [] }
    let nameStart = dataPath.lastIndex(of: "/").map(dataPath.index(after:)) ?? dataPath.startIndex
    let folder = dataPath[..<nameStart]
    let fullName = dataPath[nameStart...]
    let isCompressed = fullName.hasSuffix(".gz")
    let name = isCompressed ? String(fullName.dropLast(3)) : String(fullName)
    var candidates: [String] = []
    for sibling in siblingNames(of: name) where sibling != name {
      // The same compression as the data first.
      candidates += isCompressed ? [sibling + ".gz", sibling] : [sibling, sibling + ".gz"]
    }
    return candidates.map { folder + $0 }
  }

  private static func siblingNames(of name: String) -> [String] {
    let renamed = replacingImages(in: name)
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex,
      name[dot...].dropFirst().allSatisfy(\.isLetter)
    else { return renamed }
    let (stem, ending) = (name[..<dot], name[dot...])
    return renamed + ["\(stem)-labels\(ending)", "\(stem).labels\(ending)"]
  }

  /// `images` becomes `labels`; behind it `idx3-float` and the like become `idx1-ubyte`.
  private static func replacingImages(in name: String) -> [String] {
    guard let range = lastRange(of: "images", in: name) else { return [] }
    let front = name[..<range.lowerBound]
    let rest = String(name[range.upperBound...])
    guard let mark = lastRange(of: "idx", in: rest),
      rest[mark.upperBound...].first?.isNumber == true
    else { return ["\(front)labels\(rest)"] }
    // Behind `idx` stand the number of dimensions and the element type.
    let between = rest[..<mark.lowerBound]
    let type = rest[mark.upperBound...].drop(while: \.isNumber)
    let usual = "\(front)labels\(between)idx1-ubyte"
    return type == "-ubyte" ? [usual] : [usual, "\(front)labels\(between)idx1\(type)"]
  }

  private static func lastRange(of word: String, in text: String) -> Range<String.Index>? {
    var end = text.endIndex
    while let start = text.index(end, offsetBy: -word.count, limitedBy: text.startIndex) {
      if text[start..<end] == word { return start..<end }
      end = text.index(before: end)
    }
    return nil
  }
}
