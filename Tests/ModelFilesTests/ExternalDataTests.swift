import FileAccess
import Foundation
import ModelFiles
import NetworkGraph
import Testing

@Suite struct ExternalDataTests {
  /// A model of which the constant `t`, two floats, lies elsewhere.
  private func model(_ entries: [(String, String)], dims: [Int64] = [2]) -> [UInt8] {
    let tensor = tensor("t", dims) { tensor in
      for (key, value) in entries {
        var entry = Proto()
        entry.string(1, key)
        entry.string(2, value)
        tensor.message(13, entry)
      }
      tensor.integer(14, 1)
    }
    return ModelFilesTests.model(
      nodes: [node("Add", ["x", "t"], ["y"])], initializers: [tensor])
  }

  /// Reads the model from a folder `inner` in which `net.data` holds the bytes, beside `outer`.
  private func read(
    _ entries: [(String, String)], dims: [Int64] = [2], limits: ModelLimits = ModelLimits(),
    data: [UInt8] = littleEndian([0, 1, 2]), prepare: (String) throws -> Void = { _ in }
  ) throws -> ModelFile {
    try withFolder { folder in
      let inner = folder + "/inner"
      try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
      try write(data, to: inner + "/net.data")
      try write(data, to: folder + "/outer.data")
      try write(model(entries, dims: dims), to: inner + "/net.onnx")
      try prepare(inner)
      do {
        return try ModelFile.read(path: inner + "/net.onnx", limits: limits)
      } catch var error as InputError {
        error.file = "net.onnx"
        error.found = error.found.replacingOccurrences(of: inner, with: "INNER")
          .replacingOccurrences(of: folder, with: "OUTER")
        throw error
      }
    }
  }

  @Test("the part of the file that an entry names is read, and the whole file's hash kept")
  func part() throws {
    let file = try read([("location", "net.data"), ("offset", "4"), ("length", "8")])
    #expect(try constant("t", of: file).elements == .float([1, 2]))
    #expect(file.externalFiles.count == 1)
    #expect(file.externalFiles[0].path.hasSuffix("/inner/net.data"))
    // `printf '\0\0\0\0\0\0\200\77\0\0\0\100' | sha256sum`
    #expect(
      file.externalFiles[0].sha256
        == "75664b4da1c08de9e8fad52303cc458b3e420edde6591e58761e138cc5e3f163")
    let whole = try read([("location", "./net.data"), ("checksum", "ignored")], dims: [3])
    #expect(try constant("t", of: whole).elements == .float([0, 1, 2]))
  }

  @Test("a link within the folder is followed")
  func innerLink() throws {
    let file = try read([("location", "link")]) { folder in
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/link", withDestinationPath: "net.data")
    }
    #expect(try constant("t", of: file).elements == .float([0, 1]))
  }

  @Test("nothing outside of the model's folder is opened")
  func outside() {
    let inside = "; expected a file in the model's own folder"
    let place = "net.onnx: initializer 't': "
    for location in ["../outer.data", "a/../../outer.data", "/etc/passwd", "", ".."] {
      #expect(
        refusal { try read([("location", location)]) }
          == place + "external data in '\(location)'" + inside)
    }
    let link = refusal {
      try read([("location", "link")]) { folder in
        try FileManager.default.createSymbolicLink(
          atPath: folder + "/link", withDestinationPath: "../outer.data")
      }
    }
    #expect(
      link == place + "external data in 'link', which leads to OUTER/outer.data" + inside)
  }

  @Test("what is missing, short or no file is refused in words")
  func refusals() {
    let place = "net.onnx: initializer 't': "
    #expect(
      refusal(.unreadable) { try read([("location", "no.data")]) } == place
        + "external data in 'INNER/no.data': no such file or directory; "
        + "expected a file in the model's own folder")
    let cases: [([(String, String)], String)] = [
      ([], "external data without a location; expected the name of a file"),
      (
        [("location", "net.data"), ("location", "net.data")],
        "external data with two entries 'location'; expected one"
      ),
      (
        [("location", "net.data"), ("offset", "8")],
        "8 bytes from byte 8 of 'INNER/net.data'; expected a part of its 12 bytes"
      ),
      (
        [("location", "net.data"), ("offset", "9223372036854775807")],
        "8 bytes from byte 9223372036854775807 of 'INNER/net.data'; "
          + "expected a part of its 12 bytes"
      ),
      (
        [("location", "net.data"), ("offset", "-4")],
        "external data with offset '-4'; expected a count of bytes"
      ),
      (
        [("location", "net.data"), ("offset", "99999999999999999999")],
        "external data with offset '99999999999999999999'; expected a count of bytes"
      ),
      (
        [("location", "net.data"), ("length", "12")], "external data of 12 bytes; expected 8"
      ),
      ([("location", ".")], "external data in '.', which leads to INNER"),
    ]
    for (entries, words) in cases {
      #expect(refusal { try read(entries) }.hasPrefix(place + words), "\(words)")
    }
    var limits = ModelLimits()
    limits.externalFileBytes = 11
    #expect(
      refusal(.limit) { try read([("location", "net.data")], limits: limits) } == place
        + "external data in 'INNER/net.data' of 12 bytes; expected at most 11")
  }

  @Test("a pipe does not make the program wait")
  func pipe() {
    let words = refusal {
      try read([("location", "pipe")]) { folder in #expect(mkfifo(folder + "/pipe", 0o600) == 0) }
    }
    #expect(
      words == "net.onnx: initializer 't': external data in 'INNER/pipe', no regular file; "
        + "expected a regular file")
  }

  @Test("a model on standard input has no folder")
  func standardInput() {
    let words = refusal {
      try ModelFile.decode(model([("location", "net.data")]), path: "-")
    }
    #expect(
      words
        == "-: initializer 't': external data of a model on standard input; "
        + "expected a model in a folder")
  }
}
