import Glibc
import DataFiles
import FileAccess
import Testing

@Suite struct CIFARTests {
  private func item(_ labels: [UInt8], _ first: UInt8) -> [UInt8] {
    labels + [first] + [UInt8](repeating: 9, count: 3070) + [first]
  }

  @Test("CIFAR-10 and CIFAR-100 are told apart by size and labels, and hold their classes")
  func reads() throws {
    let folder = try TemporaryFolder()
    let ten = try Dataset.read(path: folder.write("10", item([3], 200) + item([9], 100)))
    #expect(ten.format == .cifar10 && ten.itemShape == [3, 32, 32] && ten.count == 2)
    #expect(ten.features(of: 1).first == 100 && ten.features(of: 1).last == 100)
    #expect(ten.labels?.values == [3, 9])
    let hundred = try Dataset.read(path: folder.write("100", item([19, 99], 7)))
    #expect(hundred.format == .cifar100 && hundred.labels?.values == [99])
    #expect(hundred.features(of: 0).last == 7)
  }

  @Test("a first image that looks like an IDX header is still an image")
  func looksLikeIDX() throws {
    let folder = try TemporaryFolder()
    var bytes = item([0], 0)
    (bytes[1], bytes[2], bytes[3]) = (0, 8, 1)
    #expect(try Dataset.read(path: folder.write("a", bytes)).format == .cifar10)
    bytes[2] = 5
    #expect(try Dataset.read(path: folder.write("b", deflated(bytes))).format == .cifar10)
  }

  @Test("a stated format is believed, and refused where it does not fit")
  func refuses() throws {
    let folder = try TemporaryFolder()
    let wrong = try folder.write("wrong", item([10], 1))
    #expect(
      throws: InputError(file: wrong, place: "byte 0", found: "label 10", expected: "0 to 9")
    ) {
      try Dataset.read(path: wrong, format: .cifar10)
    }
    let short = try folder.write("short", [1, 2])
    #expect(
      throws: InputError(
        file: short, found: "2 bytes",
        expected: "a multiple of 3074, the size of one item of cifar100")
    ) {
      try Dataset.read(path: short, format: .cifar100)
    }
  }
}

@Suite struct CSVTests {
  private func read(_ text: String, _ column: LabelColumn? = nil) throws -> Dataset {
    let folder = try TemporaryFolder()
    return try Dataset.read(
      path: folder.write("data.csv", Array(text.utf8)), labelColumn: column)
  }

  private func refusal(_ text: String, _ column: LabelColumn? = nil) -> InputError? {
    #expect(throws: InputError.self) { try read(text, column) }
  }

  @Test("the label stands where it is said to stand, with a header and without")
  func columns() throws {
    let first = try read("3,0.1,-2e-3\r\n1,255,4\r\n", .first)
    #expect(first.format == .csv && first.itemShape == [2] && first.count == 2)
    #expect(first.features(of: 0) == [0.1, -0.002] && first.labels?.values == [3, 1])
    let last = try read("a,b,class\n1, 2 ,0", .last)
    #expect(last.features(of: 0) == [1, 2] && last.labels?.values == [0])
    let none = try read("1,2\n3,4\n", LabelColumn.none)
    #expect(none.features(of: 1) == [3, 4] && none.labels == nil)
    #expect(try read("\u{feff}\"label\",\"p1\"\n5,7").labels?.values == [5])
    #expect(try read("p1,Target\n5,7").labels?.values == [7])
    let long = try read("12345678901234567890\n", LabelColumn.none)
    #expect(long.features(of: 0) == [12_345_678_901_234_567_168])
  }

  @Test("every decimal is the binary64 nearest to it, as strtod has it", arguments: 0..<40)
  func decimals(seed: Int) throws {
    // Digits and places around those that one quotient serves, and beyond.
    var texts = [
      "0", "-0", "-0.0", ".5", "5.", "+7.25", "0.3", "999999999999999", "9007199254740993",
    ]
    var state = UInt64(seed) &+ 1
    func next(_ count: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % count
    }
    for _ in 0..<200 {
      let digits = (0..<1 + next(19)).map { _ in String(next(10)) }
      let place = Int(next(UInt64(digits.count) + 1))
      let sign = ["", "-", "+"][Int(next(3))]
      texts.append(sign + digits[..<place].joined() + "." + digits[place...].joined())
    }
    let found = try read(texts.joined(separator: ",") + "\n", LabelColumn.none).features(of: 0)
    let expected = texts.map { strtod($0, nil) }
    #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "seed \(seed)")
  }

  @Test("a file that does not say where its labels stand is refused with what to do")
  func unstated() {
    #expect(
      refusal("1,2\n3,4\n")?.remedy
        == "say --label-column first or last, or none where this file has no labels")
    for text in ["a,b\n3,4\n", "label,class\n3,4\n"] {
      #expect(
        refusal(text)?.remedy
          == "say --label-column first or last, or none where this file has no labels, or --labels-name with a name of the header"
      )
    }
  }

  @Test("a header has no numbers, or names the labels; it and the option agree about their place")
  func headers() throws {
    #expect(refusal("1,2,O.5\n1,2,3\n", .last)?.place == "line 1, column 3")
    #expect(refusal("1,2,cat\n1,2,3\n", .last)?.found == "\"cat\"")
    #expect(try read("label,0,1\n5,6,7\n").labels?.values == [5])
    #expect(try read("0,1,label\n5,6,7\n", .last).count == 1)
    #expect(refusal("a,b,label\n1,2,3\n", .first)?.found == "first")
    #expect(refusal("a,b,label\n1,2,3\n", LabelColumn.none)?.file == "--label-column")
  }

  @Test("a first line that numbers the columns, or is an example that looks like it, is refused")
  func numberedColumns() throws {
    for column in [LabelColumn.none, .first, .last] {
      let found = refusal("0,1,2,3\n0.5,1,2,1\n", column)
      #expect(found?.place == "line 1")
      #expect(
        found?.found == "the numbers from 0 to 3, which may be those of the columns")
    }
    #expect(refusal("\"0\";\"1\";\"2\"\n4;5;6\n", LabelColumn.none)?.place == "line 1")
    // With names in front it is an example; two features, 0 and 1, are one often.
    let named = try read("a,b,c\n0,1,2\n", LabelColumn.none)
    #expect(named.features(of: 0) == [0, 1, 2])
    #expect(try read("0,1\n1,0\n", LabelColumn.none).count == 2)
    #expect(try read("0,1,2.0\n1,0,3\n", LabelColumn.none).count == 2)
    #expect(try read("1,2,3\n4,5,6\n", LabelColumn.none).count == 2)
  }

  @Test(
    "numbers of columns from 0 in any form are no example unasked, nor are any behind an empty field",
    arguments: [
      ("0.0,1.0,2.0\n4,5,6\n", "the numbers from 0 to 2"),
      ("0.0\t1.0\t2.0\n4\t5\t6\n", "the numbers from 0 to 2"),
      ("0 1 2\n4 5 6\n", "the numbers from 0 to 2"),
      ("0,0;1,0;2,0\n4;5;6\n", "the numbers from 0 to 2"), ("0,1,2\n", "the numbers from 0 to 2"),
      (",0,1\n0,5,6\n", "an empty field and the numbers from 0 to 1"),
      (",0\n0,5\n", "an empty field and the number 0"),
    ])
  func columnNumbers(text: String, words: String) throws {
    for column in [LabelColumn.none, .first, .last] {
      let found = refusal(text, column)
      #expect(found?.place == "line 1" && found?.found.hasPrefix(words + ", which may") == true)
      #expect(found?.remedy.contains("pandas: header=False") == true)
    }
  }

  @Test("rows that number nothing are examples")
  func noColumnNumbers() throws {
    for (text, count) in [
      ("0,1\n", 1), ("0,1\n5,6\n", 2), ("1,2,3\n", 1), ("0\n", 1), ("0\n5\n", 2), ("1\n5\n", 2),
      ("1,2\n4,5\n", 2), ("1,0\n0,1\n", 2), ("0,2\n1,3\n", 2),
      ("2,3\n4,5\n", 2), ("0,1,2.5\n1,0,3\n", 2), ("0.0,1\n1,0\n", 2), ("0.5,1.5\n1,0\n", 2),
      ("-0,1\n1,0\n", 2), ("a,b\n0,1\n1,2\n", 2),
    ] {
      #expect(try read(text, LabelColumn.none).count == count, "\(text)")
    }
    // A value that is missing is no header.
    #expect(refusal(",5\n3,1\n", LabelColumn.none)?.found == "an empty field")
  }

  @Test("an index that pandas wrote is left out, whatever stands beside it")
  func pandasIndex() throws {
    let data = try read(",a,b,c\n0,5,6,7\n1,8,9,10\n", LabelColumn.none)
    #expect(data.count == 2 && data.features(of: 1) == [8, 9, 10])
    #expect(data.notes.count == 1 && data.notes[0].contains("is left out"))
    #expect(try read(",a,label\n0,5,1\n1,8,0\n").labels?.values == [1, 0])
  }

  @Test("between tabs commas are decimal ones; around commas tabs are blanks")
  func tabsAndCommas() throws {
    let data = try read("1\t2,5\t-3\n0,5\t4\t1\n", LabelColumn.none)
    #expect(data.features(of: 0) == [1, 2.5, -3] && data.features(of: 1) == [0.5, 4, 1])
    #expect(try read("7,5\t8,25\n", LabelColumn.none).features(of: 0) == [7.5, 8.25])
    for text in ["1,\t2,\t3\n", "1\t,2\t,\t3\t\n", "\t1,2,3\n", "\"1\",\t\"2\",3\n"] {
      #expect(try read(text, LabelColumn.none).features(of: 0) == [1, 2, 3], "\(text)")
    }
  }

  @Test(
    "fields that are no finite numbers, and rows of other lengths, are refused with their place")
  func refusals() throws {
    #expect(refusal("1,2\n3,x\n", .first)?.place == "line 2, column 2")
    #expect(refusal("1,2\n3,x\n", .first)?.found == "\"x\"")
    #expect(refusal("1,nan\n", .first)?.found == "NaN")
    #expect(refusal("1,-inf\n", .first)?.found == "-infinity")
    #expect(refusal("1,2\n1,1e999\n", .first)?.found == "infinity")
    #expect(refusal("1,2\n1,\n", .first)?.found == "an empty field")
    #expect(refusal("1,2\n1,0x10\n", .first)?.found == "\"0x10\"")
    #expect(refusal("1,2\n3\n", .first)?.found == "1 columns")
    #expect(refusal("1,2\n\n3,4\n", .first)?.place == "line 2, column 1")
    #expect(refusal("1\n2\n", .first)?.expected == "a label and features")
    #expect(refusal("a,b\n", .first)?.found == "no rows of numbers")
    #expect(refusal("0.5,1\n", .first)?.place == "label 0")
  }

  @Test("an identifier in front is left out with a word, whatever it is")
  func identifiers() throws {
    let data = try read("id,a,label\nx-1,2,0\nx-2,3,1\n")
    #expect(data.itemShape == [1] && data.features(of: 1) == [3])
    #expect(data.labels?.values == [0, 1] && data.notes.count == 1)
    #expect(try read("a,label\n2,0\n").notes == [])
  }

  @Test("labels in a column of their own are read as labels")
  func labelFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("labels.csv", Array("label\n3\n0\n".utf8))
    #expect(try Labels.read(path: path, count: 2, dataPath: "d").values == [3, 0])
    // The name of one column may have blanks; numbers with blanks are no name.
    let named = try folder.write("named.csv", Array("true label\r\n3\r\n0\r\n".utf8))
    #expect(try Labels.read(path: named, count: 2, dataPath: "d").values == [3, 0])
    for text in ["0 1\n3\n0\n", "a 1\n3\n0\n", "a b\n3 1\n0 2\n"] {
      let other = try folder.write("other.csv", Array(text.utf8))
      #expect(throws: InputError.self) {
        try Labels.read(path: other, count: 2, dataPath: "d")
      }
    }
  }

  @Test("a first line of column numbers is one label too many, and said to be; 0 is a label")
  func numberedLabels() throws {
    let folder = try TemporaryFolder()
    for (text, values) in [
      ("0\n2\n1\n", [0, 2, 1]), ("0.0\n2\n1\n", [0, 2, 1]), ("0,1\n1,0\n0,1\n", [1, 0, 1]),
      ("1\n2\n0\n", [1, 2, 0]),
    ] {
      let path = try folder.write("labels.csv", Array(text.utf8))
      #expect(try Labels.read(path: path, count: 3, dataPath: "d").values == values, "\(text)")
      let refused = #expect(throws: InputError.self) {
        try Labels.read(path: path, count: 2, dataPath: "d")
      }
      #expect(refused?.found == "3 labels" && refused?.remedy.contains("header=False") == true)
    }
    for text in ["0,1,2\n0,0,1\n", ",0\n0,2\n1,0\n"] {
      let path = try folder.write("labels.csv", Array(text.utf8))
      let refused = #expect(throws: InputError.self) {
        try Labels.read(path: path, count: 2, dataPath: "d", column: .last)
      }
      #expect(refused?.place == "line 1" && refused?.remedy.contains("header=False") == true)
    }
  }
}
