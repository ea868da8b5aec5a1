import CProcess
import Glibc

/// The names of files that wait for their own: `.certify-MACHINE-PROCESS-NUMBER.tmp`, in the folder
/// of the output.
struct TemporaryName {
  private static let (prefix, suffix) = (".certify-", ".tmp")

  let machine: String
  let process: pid_t
  let number: Int

  /// A name of this process.
  init(number: Int) {
    (machine, process, self.number) = (TemporaryName.machine, getpid(), number)
  }

  /// Reads a name; nil for any other file's.
  init?(_ name: String) {
    guard name.hasPrefix(TemporaryName.prefix), name.hasSuffix(TemporaryName.suffix) else {
      return nil
    }
    let parts = name.dropFirst(TemporaryName.prefix.count).dropLast(TemporaryName.suffix.count)
      .split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count > 2, let process = pid_t(parts[parts.count - 2]),
      let number = Int(parts[parts.count - 1]), process > 0
    else { return nil }
    (self.process, self.number) = (process, number)
    machine = parts.dropLast(2).joined(separator: "-")
  }

  var text: String {
    "\(TemporaryName.prefix)\(machine)-\(process)-\(number)\(TemporaryName.suffix)"
  }

  /// Whether a process of this machine had it that is no more.
  var isOrphan: Bool {
    guard machine == TemporaryName.machine, process != getpid() else { return false }
    if kill(process, 0) != 0 { return errno == ESRCH }
    // One that has ended, and that nobody asked for its status, has its number still.
    let status = (try? readFile("/proc/\(process)/stat")) ?? []
    let state = status.lastIndex(of: UInt8(ascii: ")")).map {
      status[($0 + 1)...].dropFirst().first
    }
    return state == UInt8(ascii: "Z")
  }

  /// The name of the machine; a folder may be shared by several.
  private static let machine: String = {
    var system = utsname()
    guard uname(&system) == 0 else { return "unnamed" }
    return withUnsafeBytes(of: system.nodename) { bytes in
      String(decoding: bytes.prefix { $0 != 0 && $0 != UInt8(ascii: "/") }, as: UTF8.self)
    }
  }()
}

/// Creates a new file in the folder of `destination`, which nobody takes for one that was left behind.
func openTemporary(
  beside destination: String, file: String
) throws(OutputError) -> (descriptor: Int32, path: String, slot: Int32) {
  let folder = folderPart(of: destination)
  for attempt in 0..<1000 {
    let name = "\(folder)/\(TemporaryName(number: attempt).text)"
    var slot: Int32 = -1
    let descriptor = unfinished_create(name, &slot)
    if descriptor >= 0 {
      // Held as long as the file is open: containers of one machine do not see each other's processes.
      _ = flock(descriptor, LOCK_EX | LOCK_NB)
      return (descriptor, name, slot)
    }
    guard errno == EEXIST || errno == EINTR else { break }
  }
  let words = errno == ENOENT ? "no such folder" : systemErrorWords(errno)
  throw OutputError(.cannotCreate, file: file, found: words)
}

/// Removes what killed processes left beside outputs: files under a temporary name, of one's own, of a
/// process of this machine that is no more, and that nobody holds.
///
/// - Returns: the files that were removed.
public func removeLeftovers(beside outputs: [String]) -> [String] {
  var folders: [String] = []
  for output in outputs where output != "-" && !output.utf8.contains(0) && !output.isEmpty {
    guard let end = try? linkEnd(of: output) else { continue }
    let folder = folderPart(of: end)
    if !folders.contains(folder) { folders.append(folder) }
  }
  return folders.flatMap { folder in
    names(in: folder).sorted().compactMap { name -> String? in
      let path = folder == "." ? name : "\(folder)/\(name)"
      guard TemporaryName(name)?.isOrphan == true, removeUnheld(path) else { return nil }
      return path
    }
  }
}

/// The names of temporary files in a folder.
private func names(in folder: String) -> [String] {
  guard let stream = opendir(folder) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if TemporaryName(name) != nil { names.append(name) }
  }
  return names
}

/// Removes a regular file of one's own that no process has locked.
private func removeUnheld(_ path: String) -> Bool {
  let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
  guard descriptor >= 0 else { return false }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
    status.st_uid == geteuid(), flock(descriptor, LOCK_EX | LOCK_NB) == 0
  else { return false }
  return unlink(path) == 0
}
