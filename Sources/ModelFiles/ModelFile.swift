import FileAccess
import JSONFiles
import NetworkGraph

/// A model read from a file of any kind that this program knows.
public struct ModelFile: Sendable {
  /// The kinds of model files.
  public enum Format: String, Sendable, CaseIterable {
    /// ONNX's protobuf form.
    case onnx
    /// ONNX's JSON form.
    case onnxJSON = "onnx-json"
    /// This program's own weight file.
    case plainWeights = "certify-weights"
    /// The text format of the ACAS Xu networks.
    case nnet
  }

  /// The network.
  public var graph: Graph
  /// The file as the user named it.
  public var path: String
  /// Its kind, decided by its content.
  public var format: Format
  /// The SHA-256 of its bytes, in hexadecimal.
  public var sha256: String
  /// The files beside it that hold data of its tensors, and their SHA-256.
  public var externalFiles: [(path: String, sha256: String)]
  /// What was left out or taken as given, in words for the report.
  public var notes: [String]
  /// What looks wrong in the file and was read all the same.
  public var warnings: [String] = []

  /// Reads a model.
  ///
  /// The content decides what kind of file it is; the name decides only for a text that ends in
  /// `.nnet`.
  public static func read(
    path: String, limits: ModelLimits = ModelLimits()
  ) throws(InputError) -> ModelFile {
    try decode(readFile(path, limit: limits.fileBytes), path: path, limits: limits)
  }

  /// Reads a model of which the bytes are at hand.
  ///
  /// - Parameter path: The file's name, for messages, and for the folder of its external data.
  public static func decode(
    _ bytes: [UInt8], path: String, limits: ModelLimits = ModelLimits()
  ) throws(InputError) -> ModelFile {
    guard !bytes.isEmpty else {
      throw InputError(
        file: path, found: "an empty file", expected: "a model in ONNX, JSON or .nnet form")
    }
    let expected = "a model in ONNX, JSON or .nnet form"
    if let error = GitLFS.refusal(bytes, file: path, expected: expected) { throw error }
    if let other = otherFormat(bytes) ?? foreignFile(bytes, path) {
      throw InputError(
        file: path, found: other.words, expected: "a model in ONNX, JSON or .nnet form",
        remedy: other.remedy)
    }
    let content = bytes[...].drop(while: isSpace)
    // No protobuf message starts with a bracket: it would open a group, which ONNX does not use.
    if content.first == UInt8(ascii: "{") || content.first == UInt8(ascii: "[")
      || path.lowercased().hasSuffix(".json")
    {
      return try decodeJSON(bytes, path: path, limits: limits)
    }
    if content.starts(with: "//".utf8) || path.lowercased().hasSuffix(".nnet") {
      let content = try NNetFile.read(bytes, file: path, limits: limits)
      var file = ModelFile((content.graph, content.notes), bytes, path, .nnet)
      file.warnings = content.warnings
      return file
    }
    return try decodeProtobuf(bytes, path: path, limits: limits)
  }

  private init(
    _ content: (graph: Graph, notes: [String]), _ bytes: [UInt8], _ path: String, _ format: Format,
    externalFiles: [(path: String, sha256: String)] = []
  ) {
    graph = content.graph
    notes = content.notes
    (self.path, self.format, self.externalFiles) = (path, format, externalFiles)
    sha256 = bytes.withUnsafeBytes { sha256Hex($0) }
  }

  private static func decodeProtobuf(
    _ bytes: [UInt8], path: String, limits: ModelLimits
  ) throws(InputError) -> ModelFile {
    var reader = ProtobufReader(file: path, limits: limits)
    let model = try bytes.withUnsafeBufferPointer { (buffer) throws(InputError) in
      let unpacked = try UnpackedModel(
        UnsafeRawBufferPointer(buffer), file: path, limits: limits)
      return try unpacked.read { (message) throws(InputError) in try reader.model(message) }
    }
    var converter = GraphFromOnnx(model, file: path)
    let graph = try converter.graph()
    return ModelFile(
      (graph, converter.notes), bytes, path, .onnx,
      externalFiles: reader.decoder.externalData.files)
  }

  private static func decodeJSON(
    _ bytes: [UInt8], path: String, limits: ModelLimits
  ) throws(InputError) -> ModelFile {
    let document = try JSONDocument(bytes, file: path, limits: limits.json)
    return try document.read { (root) throws(InputError) in
      if try root.hasKey("format") {
        let content = try PlainWeights.read(root, limits: limits)
        return ModelFile(content, bytes, path, .plainWeights)
      }
      if try root.hasKey("schema_version") {
        throw root.refusal(
          "a report of certify", "a model in ONNX, JSON or .nnet form",
          remedy: "a network is meant here; reports are what merge, gate, table and the like read")
      }
      guard try root.hasKey("graph") else {
        throw root.refusal(
          "neither 'format' nor 'graph'", "a plain weight file or the JSON form of ONNX")
      }
      var reader = OnnxJSONReader(file: path, limits: limits)
      var converter = GraphFromOnnx(try reader.model(root), file: path)
      let graph = try converter.graph()
      return ModelFile(
        (graph, converter.notes), bytes, path, .onnxJSON,
        externalFiles: reader.decoder.externalData.files)
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
  }

  /// Data where a model is meant, and what only looks like one.
  private static func foreignFile(
    _ bytes: [UInt8], _ path: String
  ) -> (words: String, remedy: String)? {
    guard let known = KnownFile(bytes, path: path) else { return nil }
    let remedy: String
    switch known {
    case .idx: remedy = "a network is meant here; examples are given by --data"
    case .pickle, .savedModel:
      remedy = "export the network to ONNX first (torch.onnx.export, tf2onnx, skl2onnx)"
    case .png, .html: remedy = "a network is meant here; certify --help says what is given where"
    case .journal: remedy = "a network is meant here; a journal is given by --journal"
    case .text:
      // A text in the form of the ACAS Xu networks is known by its name or its first characters.
      let isNamed = path.lowercased().hasSuffix(".nnet") || path.lowercased().hasSuffix(".json")
      if isNamed || bytes[...].drop(while: isSpace).starts(with: "//".utf8) { return nil }
      remedy = "a text is read as a model by a name that ends in .nnet or .json"
    case .onnx, .npy, .zip, .gzip, .hdf5, .json: return nil
    }
    return (known.words, remedy)
  }

  /// Other kinds of files that people hold in their hands when they mean a model.
  private static func otherFormat(_ bytes: [UInt8]) -> (words: String, remedy: String)? {
    let export = "export the network to ONNX first (torch.onnx.export, tf2onnx, skl2onnx)"
    let known: [(start: [UInt8], words: String, remedy: String)] = [
      ([0xef, 0xbb, 0xbf], "a byte order mark", "save the text without one"),
      ([0x1f, 0x8b], "a gzip file", "unpack it first (gunzip)"),
      (Array("PK\u{3}\u{4}".utf8), "a ZIP archive (PyTorch, Keras and NPZ files are)", export),
      ([0x89] + Array("HDF".utf8), "an HDF5 file", export),
      ([0x93] + Array("NUMPY".utf8), "an NPY file", export),
      (Array("GGUF".utf8), "a GGUF file", export),
    ]
    if let first = known.first(where: { bytes.starts(with: $0.start) }) {
      return (first.words, first.remedy)
    }
    // FlatBuffers have their name behind the place of their root, safetensors a length before their JSON.
    let original = "give the network in ONNX form that it was made of"
    switch Array(bytes.dropFirst(4).prefix(4)) {
    case Array("TFL3".utf8):
      return ("a model of TensorFlow Lite", "export the network to ONNX (tf2onnx)")
    case Array("ORTM".utf8): return ("a model in onnxruntime's own format", original)
    default: break
    }
    let header = bytes.dropFirst(8)
    return header.starts(with: "{\"".utf8) && bytes[5...7].allSatisfy { $0 == 0 }
      ? ("a safetensors file, which has weights without a network", export) : nil
  }
}
