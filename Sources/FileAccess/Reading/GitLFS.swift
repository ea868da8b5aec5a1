/// What Git leaves in place of a large file where Git LFS did not fetch it: a few lines of text.
public enum GitLFS {
  /// The refusal of a pointer; nil for any other content.
  ///
  /// - Parameters:
  ///   - file: The file's name in messages.
  ///   - what: What was to be read, in words.
  public static func refusal(
    _ bytes: some Sequence<UInt8>, file: String, place: String = "", expected what: String
  ) -> InputError? {
    // A pointer is shorter than 1024 bytes; the older name of the service was hawser.
    let text = Array(bytes.prefix(1024))
    let starts = ["version https://git-lfs.github.com/spec/", "version https://hawser.github.com/"]
    guard starts.contains(where: { text.starts(with: $0.utf8) }) else { return nil }
    let lines = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
    let size = lines.first { $0.hasPrefix("size ") }?.dropFirst(5)
    let count = size.flatMap { Int($0) }.map { ", of \($0) bytes" } ?? ""
    return InputError(
      file: file, place: place, found: "a Git LFS pointer, not the file itself\(count)",
      expected: what, remedy: "git lfs pull fetches the file")
  }
}
