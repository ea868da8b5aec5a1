import DataFiles
import FileAccess
import Foundation
import NumberSupport
import Testing

/// CSV texts of many blocks: they are read a mebibyte at a time, and what is not kept is read again.
@Suite struct LongTextTests {
  private static let mebibyte = 1 << 20

  /// Rows with an identifier in quotation marks, which may hold whatever ends a field or a row.
  private func rows(
    _ random: inout SeededGenerator, lineEnd: String
  ) -> (text: [UInt8], numbers: [[Double]]) {
    let names = [
      "plain", "\"a\"\"b\"", "\"x,y\"", "\"two\(lineEnd)lines\"", " \"far\" ", "5\"", "\"\"",
    ]
    var (text, numbers) = (Array("id,label,a,b\(lineEnd)".utf8), [[Double]]())
    while text.count < 3 * Self.mebibyte {
      let row = (0..<2).map { _ in Double(Int.random(in: -999...999, using: &random)) / 8 }
      let name = names[Int.random(in: 0..<names.count, using: &random)]
      // Rows of every length, so that blocks are cut everywhere.
      let filler = String(repeating: "z", count: Int.random(in: 0...40, using: &random))
      let first = name.hasPrefix("\"") || name.hasPrefix(" ") ? name : name + filler
      text += Array("\(first),\(numbers.count % 10),\(row[0]), \(row[1])\(lineEnd)".utf8)
      numbers.append(row)
    }
    return (text, numbers)
  }

  @Test("every row of a text of several blocks is read", arguments: ["\n", "\r\n", "\r"])
  func blocks(lineEnd: String) throws {
    var random = SeededGenerator(state: 11)
    let (text, numbers) = rows(&random, lineEnd: lineEnd)
    let folder = try TemporaryFolder()
    for tail in ["", lineEnd + lineEnd + " " + lineEnd] {
      let data = try Dataset.read(path: folder.write("long.csv", text + Array(tail.utf8)))
      #expect(data.count == numbers.count)
      #expect(data.labels?.values == numbers.indices.map { $0 % 10 })
      let wrong = numbers.indices.first { data.features(of: $0) != numbers[$0] }
      #expect(wrong == nil, "row \(wrong ?? 0)")
    }
  }

  @Test("a line end that two blocks share is one, and lines are counted through")
  func sharedLineEnd() throws {
    let folder = try TemporaryFolder()
    // Rows of 16 bytes and one of 15 bytes, so that a block ends between CR and LF.
    for shift in 0..<16 {
      let count = Self.mebibyte / 16 + 4
      let start = String(repeating: "0", count: shift + 1) + ",1\r\n"
      var text = start + String(repeating: "1.25,1234567.5\r\n", count: count)
      let whole = try Dataset.read(
        path: folder.write("shared.csv", Array(text.utf8)), labelColumn: LabelColumn.none)
      #expect(whole.count == count + 1 && whole.features(of: count) == [1.25, 1_234_567.5])
      text += "1,x\r\n"
      let error = #expect(throws: InputError.self) {
        try Dataset.read(
          path: folder.write("shared.csv", Array(text.utf8)), labelColumn: LabelColumn.none)
      }
      #expect(error?.place == "line \(count + 2), column 2", "\(shift)")
    }
  }

  @Test(
    "blank lines between rows are refused wherever a block ends, and mean nothing behind the last")
  func blankLines() throws {
    let folder = try TemporaryFolder()
    for filler in [0, 1, 7] {
      let rows = String(repeating: "1,2\n", count: Self.mebibyte / 4 - filler)
      let blanks = String(repeating: "\n", count: 2 * Self.mebibyte)
      let path = try folder.write("blank.csv", Array((rows + blanks).utf8))
      let data = try Dataset.read(path: path, labelColumn: LabelColumn.none)
      #expect(data.count == Self.mebibyte / 4 - filler)
      let broken = try folder.write("blank.csv", Array((rows + blanks + "1,2\n").utf8))
      let error = #expect(throws: InputError.self) {
        try Dataset.read(path: broken, labelColumn: LabelColumn.none)
      }
      #expect(error?.place.hasPrefix("line \(Self.mebibyte / 4 - filler + 1)") == true)
    }
    let empty = try folder.write(
      "blank.csv", Array(("a,label\n" + String(repeating: "\n", count: 9)).utf8))
    let error = #expect(throws: InputError.self) { try Dataset.read(path: empty) }
    #expect(error?.found == "no rows of numbers")
  }

  @Test("values that are too many to be kept are read again, and the labels of all rows are known")
  func readAgain() throws {
    // 9 million numbers take more than 16 MiB.
    let (rows, columns) = (9000, 1000)
    var text = Array("label\(String(repeating: ",x", count: columns))\n".utf8)
    for row in 0..<rows {
      text += Array("\(row % 7),\(row).5".utf8)
      for _ in 1..<columns { text += [UInt8(ascii: ","), UInt8(ascii: "0") + UInt8(row % 10)] }
      text.append(UInt8(ascii: "\n"))
    }
    let folder = try TemporaryFolder()
    let path = try folder.write("large.csv", text)
    let file = try DataFile.open(path: path, limits: DataLimits(contentBytes: 8 * rows))
    #expect(file.count == rows && file.itemShape == [columns])
    #expect(file.labels?.values == (0..<rows).map { $0 % 7 })
    let survey = try file.survey()
    #expect(survey.range == 0...8999.5 && !survey.isWhole)
    for positions in [[0], [8999], [1, 2, 3], [5, 4000, 8998]] {
      let data = try file.dataset(positions)
      for row in positions {
        let expected =
          [Double(row) + 0.5] + [Double](repeating: Double(row % 10), count: columns - 1)
        #expect(data.features(of: row) == expected, "\(row) of \(positions)")
      }
    }
    let error = #expect(throws: InputError.self) { try file.dataset(Array(0...9)) }
    #expect(error?.kind == .limit && error?.found == "10 examples of 8000 bytes")
    let fewer = #expect(throws: InputError.self) {
      try DataFile.open(path: path, limits: DataLimits(contentBytes: 8 * rows - 1))
    }
    #expect(fewer?.kind == .limit && fewer?.found == "more than 8999 labels")
    // The file is cut short before it is read again.
    try Data(text.prefix(text.count / 2)).write(to: URL(filePath: path))
    #expect(throws: InputError.self) { try file.dataset([8999]) }
  }
}
