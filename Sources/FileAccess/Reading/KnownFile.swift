/// Files of this program's own trade, known by their first bytes: for messages that say what was given in
/// place of what was meant.
public enum KnownFile: Sendable, CaseIterable {
  case onnx, savedModel, idx, npy, zip, gzip, hdf5, pickle, png, html, json, journal, text

  /// What the bytes look like; nil for nothing that is known.
  ///
  /// - Parameter path: A SavedModel is known by its name alone.
  public init?(_ bytes: [UInt8], path: String) {
    if path.split(separator: "/").last == "saved_model.pb" {
      self = .savedModel
      return
    }
    let starts: [(start: [UInt8], file: KnownFile)] = [
      ([0x93] + Array("NUMPY".utf8), .npy), (Array("PK\u{3}\u{4}".utf8), .zip),
      ([0x1f, 0x8b], .gzip), ([0x89] + Array("HDF".utf8), .hdf5),
      ([0x89] + Array("PNG".utf8), .png),
      ([0x80, 0x02], .pickle), ([0x80, 0x03], .pickle), ([0x80, 0x04], .pickle),
      ([0x80, 0x05], .pickle),
    ]
    if let found = starts.first(where: { bytes.starts(with: $0.start) }) {
      self = found.file
    } else if Self.isIDX(bytes) {
      self = .idx
    } else if Self.isONNX(bytes) {
      self = .onnx
    } else if let found = Self.text(bytes) {
      self = found
    } else {
      return nil
    }
  }

  /// In words, with an article.
  public var words: String {
    switch self {
    case .onnx: "an ONNX model"
    case .savedModel: "a SavedModel of TensorFlow"
    case .idx: "an IDX file"
    case .npy: "an NPY file"
    case .zip: "a ZIP archive (PyTorch, Keras and NPZ files are)"
    case .gzip: "a gzip file"
    case .hdf5: "an HDF5 file"
    case .pickle: "a Python pickle"
    case .png: "a PNG picture"
    case .html: "an HTML page"
    case .json: "a JSON document"
    case .journal: "a journal of a run"
    case .text: "a text"
    }
  }

  /// Two zeros, a type of elements and a number of dimensions.
  private static func isIDX(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 8 && bytes[0] == 0 && bytes[1] == 0
      && [0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e].contains(bytes[2]) && (1...16).contains(bytes[3])
  }

  /// `ir_version`, a small number, and then the producer's name or one of the fields up to the graph's.
  private static func isONNX(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 4 && bytes[0] == 0x08 && (1...0x20).contains(bytes[1])
      && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].contains(bytes[2])
  }

  private static func text(_ bytes: [UInt8]) -> KnownFile? {
    let start = bytes.prefix(1000)
    guard !start.isEmpty,
      start.allSatisfy({ ($0 >= 0x20 && $0 != 0x7f) || (0x09...0x0d).contains($0) })
    else { return nil }
    let words = start.drop { $0 == 0x20 || (0x09...0x0d).contains($0) }
    if words.starts(with: "{\"journal\":".utf8) { return .journal }
    if words.first == UInt8(ascii: "{") || words.first == UInt8(ascii: "[") { return .json }
    // Fewer letters may be anything.
    guard bytes.count >= 8 else { return nil }
    let head = String(decoding: words.prefix(15), as: UTF8.self).lowercased()
    return head.hasPrefix("<!doctype html") || head.hasPrefix("<html") ? .html : .text
  }
}
