import Testing

/// Files that are no model, or a model in a form that nobody reads here.
@Suite struct OtherFileTests {
  @Test("files of other kinds are named, with what to do")
  func otherKinds() {
    let export = "export the network to ONNX first (torch.onnx.export, tf2onnx, skl2onnx)"
    let expected = "; expected a model in ONNX, JSON or .nnet form\n"
    let cases: [([UInt8], String)] = [
      ([0x1f, 0x8b, 8], "net: a gzip file\(expected)unpack it first (gunzip)"),
      (
        Array("PK\u{3}\u{4}".utf8),
        "net: a ZIP archive (PyTorch, Keras and NPZ files are)\(expected)\(export)"
      ),
      ([0x89] + Array("HDF".utf8), "net: an HDF5 file\(expected)\(export)"),
      ([0x93] + Array("NUMPY".utf8), "net: an NPY file\(expected)\(export)"),
      ([0xef, 0xbb, 0xbf, 0x7b], "net: a byte order mark\(expected)save the text without one"),
      (Array("GGUF".utf8) + [3, 0, 0, 0], "net: a GGUF file\(expected)\(export)"),
      (
        [0x1c, 0, 0, 0] + Array("TFL3".utf8),
        "net: a model of TensorFlow Lite\(expected)export the network to ONNX (tf2onnx)"
      ),
      (
        [0x30, 0, 0, 0] + Array("ORTM".utf8),
        "net: a model in onnxruntime's own format\(expected)"
          + "give the network in ONNX form that it was made of"
      ),
      (
        [0x40, 1, 0, 0, 0, 0, 0, 0] + Array("{\"fc.weight\":".utf8),
        "net: a safetensors file, which has weights without a network\(expected)\(export)"
      ),
    ]
    for (bytes, words) in cases { #expect(refusal { try read(bytes) } == words) }
  }
}
