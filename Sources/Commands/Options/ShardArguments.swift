import ArgumentParser
import FileAccess
import Glibc
import Reports

/// Which part of a run this is.
struct ShardArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Only part K of N, for 'merge' to join; or 'slurm', 'k8s/N' of a job. (default: the whole)",
      valueName: "K/N"))
  var shard: String?

  /// nil for the whole.
  ///
  /// - Parameter variable: what the surroundings say at a name.
  func part(_ variable: @escaping (String) -> String? = environmentVariable) throws(InputError)
    -> ShardDescription?
  {
    guard let shard else { return nil }
    if shard == "slurm" { return try Scheduler(variable).slurm() }
    let parts = shard.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 2, parts[0] == "k8s", let count = wholeNumber(parts[1]), count > 0 {
      return try Scheduler(variable).kubernetes(count)
    }
    guard parts.count == 2, let index = wholeNumber(parts[0]), let count = wholeNumber(parts[1]),
      let part = ShardDescription(index, of: count)
    else {
      throw InputError(
        .usage, file: "--shard", found: quoted(shard),
        expected: "K/N with K from 1 to N, such as 3/8; or slurm, or k8s/N")
    }
    return part
  }
}

/// What the scheduler of a cluster says of the job that runs here.
private struct Scheduler {
  let variable: (String) -> String?

  init(_ variable: @escaping (String) -> String?) { self.variable = variable }

  /// The task of a job array, whatever number it starts at and however it is stepped.
  func slurm() throws(InputError) -> ShardDescription {
    let name = "SLURM_ARRAY_TASK_"
    let id = try number(name + "ID", of: "a task of a Slurm job array (sbatch --array=1-8)")
    let least = try number(name + "MIN", of: "a task of a Slurm job array")
    let count = try number(name + "COUNT", of: "a task of a Slurm job array")
    let step = variable(name + "STEP").flatMap(wholeNumber) ?? 1
    guard step > 0, id >= least, (id - least) % step == 0,
      let part = ShardDescription((id - least) / step + 1, of: count)
    else {
      throw InputError(
        .usage, file: "--shard slurm",
        found: "task \(id) of \(count) from \(least), in steps of \(step)",
        expected: "an array without gaps, such as --array=1-8",
        remedy: "For tasks of your own choice, give each its --shard K/N.")
    }
    return part
  }

  /// The pod of an Indexed Job, which counts from 0.
  func kubernetes(_ count: Int) throws(InputError) -> ShardDescription {
    let index = try number("JOB_COMPLETION_INDEX", of: "a pod of an Indexed Job of Kubernetes")
    guard let part = ShardDescription(index + 1, of: count) else {
      throw InputError(
        .usage, file: "--shard k8s/\(count)", found: "JOB_COMPLETION_INDEX \(index)",
        expected: "0 to \(count - 1): the job's completions are N")
    }
    return part
  }

  private func number(_ name: String, of job: String) throws(InputError) -> Int {
    let text = variable(name)
    guard let number = text.flatMap(wholeNumber) else {
      throw InputError(
        .usage, file: "--shard", found: text.map { "\(name) \(quoted($0))" } ?? "no \(name)",
        expected: "a whole number there, as in \(job)")
    }
    return number
  }
}

/// A number of digits alone.
private func wholeNumber(_ text: String) -> Int? {
  text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
}

/// What the environment says at a name.
func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
