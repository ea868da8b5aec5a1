import NetworkGraph
import ReLUChain
import TestSupport
import Testing

/// What networks call their classes, by the rules of ONNX, worked out by hand: labels of the data count the
/// scores from 0.
@Suite struct ClassNameTests {
  private typealias Build = (inout NetworkMaker, String) -> String

  /// The reasons against the classes of some scores under names; empty where there are none.
  private func reasons(_ classes: Int, _ build: Build) -> [String] {
    var maker = NetworkMaker([1, 2])
    let weights = [Double](repeating: 1, count: 2 * classes)
    maker.then("MatMul", [maker.floats([2, classes], weights)], name: "fc")
    maker.then("ArgMax", [], ["axis": .int(1)], name: "top")
    maker.last = build(&maker, maker.last)
    return maker.refusals
  }

  private static func encoder(_ attributes: [String: Attribute]) -> Build {
    { maker, label in
      maker.node("LabelEncoder", [label], attributes, name: "names", domain: "ai.onnx.ml")
    }
  }

  private static func cast(_ type: Int64) -> Build {
    { maker, label in maker.node("Cast", [label], ["to": .int(type)], name: "cast") }
  }

  private static func picked(_ texts: [String]) -> Build {
    { maker, label in
      maker.graph.unusableConstants["texts"] = "a tensor of string"
      maker.graph.texts["texts"] = texts
      return maker.node(
        "ArrayFeatureExtractor", ["texts", label], name: "names", domain: "ai.onnx.ml")
    }
  }

  private static func both(_ first: @escaping Build, _ second: @escaping Build) -> Build {
    { maker, label in second(&maker, first(&maker, label)) }
  }

  private static func whole(_ values: [Int64]) -> Attribute {
    .tensor(Tensor(shape: [values.count], elementType: .int64, elements: .integer(values)))
  }

  private static let abc: Attribute = .strings(["a", "b", "c"])
  private static let float32: Int64 = 1, int64: Int64 = 7, text: Int64 = 8, bool: Int64 = 9

  @Test(
    "a score that a table calls by the number of another one is refused, however the table is written"
  )
  func exchanged() {
    let places: Attribute = .ints([0, 1, 2])
    let cases: [(Int, Build, found: String)] = [
      (
        3,
        Self.encoder([
          "keys_tensor": Self.whole([0, 1, 2]), "values_tensor": Self.whole([1, 0, 2]),
        ]),
        "score 0 1"
      ),
      // What is no key is the default, -1 where none is given.
      (
        2,
        Self.encoder([
          "keys_int64s": .ints([0]), "values_int64s": .ints([1]), "default_int64": .int(0),
        ]),
        "score 0 1"
      ),
      (
        3,
        Self.encoder([
          "keys_int64s": .ints([0, 1]), "values_int64s": .ints([2, 3]), "default_int64": .int(0),
        ]), "score 0 2"
      ),
      (
        3,
        Self.encoder([
          "keys_tensor": Self.whole([2]), "values_tensor": Self.whole([1]),
          "default_tensor": Self.whole([2]),
        ]), "scores 0 and 1 both 2"
      ),
      (
        3, Self.encoder(["keys_int64s": places, "values_floats": .floats([1, 0, 2])]), "score 0 1"
      ),
      (
        3, Self.encoder(["keys_int64s": places, "values_strings": .strings(["0", "2", "1"])]),
        "score 1 '2'"
      ),
      (
        2,
        Self.encoder(["keys_int64s": .ints([0, 1]), "values_strings": .strings(["1.0", "x"])]),
        "score 0 '1.0'"
      ),
      // By way of texts, and of numbers with a point.
      (
        3,
        Self.both(
          Self.encoder(["keys_int64s": places, "values_strings": Self.abc]),
          Self.encoder(["keys_strings": Self.abc, "values_int64s": .ints([2, 1, 0])])), "score 0 2"
      ),
      (
        3,
        Self.both(
          Self.cast(Self.float32),
          Self.encoder(["keys_floats": .floats([0, 1, 2]), "values_int64s": .ints([2, 1, 0])])),
        "score 0 2"
      ),
      (
        3,
        Self.both(
          Self.cast(Self.text),
          Self.encoder([
            "keys_strings": .strings(["0", "1", "2"]), "values_int64s": .ints([0, 2, 1]),
          ])), "score 1 2"
      ),
      // Version 1: positions to texts, and back.
      (3, Self.encoder(["classes_strings": .strings(["1", "0", "2"])]), "score 0 '1'"),
      (
        3,
        Self.both(
          Self.encoder(["keys_int64s": places, "values_strings": .strings(["b", "a", "c"])]),
          Self.encoder(["classes_strings": Self.abc])), "score 0 1"
      ),
      // As scikit-learn sorts eleven labels and more.
      (4, Self.picked(["0", "1", "10", "2"]), "score 3 '2'"),
      (3, Self.both(Self.picked(["7", "8", "0"]), Self.cast(Self.int64)), "score 2 0"),
    ]
    for (place, (classes, build, found)) in cases.enumerated() {
      let reasons = reasons(classes, build)
      #expect(reasons.count == 1 && reasons[0].contains(" \(found)"), "\(place): \(reasons)")
    }
  }

  @Test("names that no other score's number is, and ways there and back, are read")
  func allowed() {
    let places: Attribute = .ints([0, 1, 2])
    let cases: [(Int, Build)] = [
      (3, Self.picked(["cat", "dog", "cow"])), (3, Self.picked(["0", "1", "2"])),
      (3, Self.picked(["10", "20", "30"])), (3, Self.encoder(["classes_strings": Self.abc])),
      (
        3,
        Self.encoder([
          "keys_tensor": Self.whole([0, 1, 2]), "values_tensor": Self.whole([0, 1, 2]),
        ])
      ),
      // -1 for what is no key.
      (3, Self.encoder(["keys_int64s": .ints([0, 1]), "values_int64s": .ints([0, 1])])),
      (
        3,
        Self.both(
          Self.encoder(["keys_int64s": places, "values_int64s": .ints([1, 2, 0])]),
          Self.encoder(["keys_int64s": places, "values_int64s": .ints([2, 0, 1])]))
      ),
      (3, Self.both(Self.cast(Self.text), Self.cast(Self.float32))), (2, Self.cast(Self.bool)),
      (128, Self.cast(3)), (3, Self.both(Self.cast(10), Self.cast(6))),
      (
        3,
        { maker, label in
          maker.node(
            "ArrayFeatureExtractor", [label, maker.integers([0])], name: "first",
            domain: "ai.onnx.ml")
        }
      ),
    ]
    for (place, (classes, build)) in cases.enumerated() {
      #expect(reasons(classes, build) == [], "\(place)")
    }
  }

  @Test("one name for two classes is refused: what changes one for the other changes nothing")
  func merged() {
    let cases: [(Int, Build, found: String)] = [
      (3, Self.cast(Self.bool), "node 'cast' (Cast): calls the classes of scores 1 and 2 both 1"),
      // binary16 has 2048 and 2050, and takes the even one of two that are as near.
      (2050, Self.cast(10), "scores 2048 and 2049 both 2048"),
      (
        3,
        Self.encoder([
          "keys_int64s": .ints([0]), "values_int64s": .ints([5]), "default_int64": .int(6),
        ]),
        "scores 1 and 2 both 6"
      ),
      (
        3, Self.encoder(["keys_int64s": .ints([0]), "values_strings": .strings(["a"])]),
        "both '_Unused'"
      ),
      (3, Self.picked(["a", "b", "b"]), "scores 1 and 2 both 'b'"),
    ]
    for (place, (classes, build, found)) in cases.enumerated() {
      let reasons = reasons(classes, build)
      #expect(reasons.count == 1 && reasons[0].contains(found), "\(place): \(reasons)")
    }
  }

  @Test("tables that do not say what a class is called are refused")
  func damaged() {
    let cases: [(Int, Build, found: String)] = [
      (129, Self.cast(3), "casts the name 128 of a class to int8"),
      (
        2, Self.both(Self.picked(["x", "y"]), Self.cast(Self.int64)),
        "casts the name 'x' of a class"
      ),
      (3, Self.picked(["a", "b"]), "looks up class 2 in a table of 2"),
      (
        2, Self.encoder(["keys_int64s": .ints([0, 1]), "values_int64s": .ints([0])]),
        "2 keys and 1 values"
      ),
      (2, Self.encoder(["keys_int64s": .ints([0, 1])]), "its values are missing"),
      (
        2, Self.encoder(["keys_strings": Self.abc, "values_int64s": .ints([0, 1, 2])]),
        "has no keys of the type"
      ),
      (
        2, Self.encoder(["keys_int64s": .ints([0, 0]), "values_int64s": .ints([0, 1])]),
        "has the values 0 and 1 for 0"
      ),
      (
        2,
        Self.encoder([
          "keys_int64s": .ints([0, 1]), "keys_floats": .floats([0]),
          "values_int64s": .ints([0, 1]),
        ]),
        "has both keys_int64s and keys_floats"
      ),
      (
        2,
        { maker, label in
          maker.graph.unusableConstants["t"] = "a sparse tensor"
          return maker.node(
            "ArrayFeatureExtractor", ["t", label], name: "names", domain: "ai.onnx.ml")
        }, "'t' is a sparse tensor; expected a row of numbers or of texts"
      ),
    ]
    for (place, (classes, build, found)) in cases.enumerated() {
      let reasons = reasons(classes, build)
      #expect(reasons.count == 1 && reasons[0].contains(found), "\(place): \(reasons)")
    }
  }

  @Test("LinearClassifier's texts are names like any others")
  func classifier() {
    func reasons(_ names: [String]) -> [String] {
      var maker = NetworkMaker([1, 2])
      maker.last = maker.node(
        "LinearClassifier", ["x"],
        [
          "classlabels_strings": .strings(names), "coefficients": .floats([1, 2, 3, 4, 5, 6]),
          "intercepts": .floats([0, 1, -1]),
        ], name: "model", domain: "ai.onnx.ml")
      return maker.refusals
    }
    for names in [["0", "1", "2"], ["a", "b", "c"], ["1a", "0a", "2a"]] {
      #expect(reasons(names) == [])
    }
    let found = reasons(["0", "2", "1"])
    #expect(found.count == 1 && found[0].contains("calls the class of score 1 '2'"), "\(found)")
  }

  @Test("ZipMap's names are those of the scores in their order")
  func maps() {
    func reasons(_ attributes: [String: Attribute]) -> [String] {
      var maker = NetworkMaker([1, 2])
      maker.then("MatMul", [maker.floats([2, 3], [1, 2, 3, 4, 5, 6])], name: "fc")
      maker.then("Softmax", [], ["axis": .int(1)])
      maker.last = maker.node("ZipMap", [maker.last], attributes, name: "zip", domain: "ai.onnx.ml")
      return maker.refusals
    }
    for (name, found) in [
      (["classlabels_int64s": .ints([1, 0, 2])], "score 0 1"),
      (["classlabels_strings": .strings(["0", "2", "1"])], "score 1 '2'"),
      (["classlabels_int64s": .ints([5, 5, 6])], "scores 0 and 1 both 5"),
      (
        ["classlabels_int64s": .ints([1, 2, 3])],
        "or the scores alone, exported without ZipMap (zipmap=False)"
      ),
      (["classlabels_int64s": .ints([0, 1])], "has 2 names for 3 scores"),
    ] as [([String: Attribute], String)] {
      let reasons = reasons(name)
      #expect(
        reasons.count == 1 && reasons[0].hasPrefix("node 'zip' (ZipMap): ")
          && reasons[0].contains(found), "\(reasons)")
    }
    #expect(reasons(["classlabels_int64s": .ints([0, 1, 2])]) == [])
    #expect(reasons(["classlabels_strings": .strings(["a", "b", "c"])]) == [])
  }
}
