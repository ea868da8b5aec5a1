/// Threads of one piece of work: those that have nothing of their own left help those that have.
///
/// Help is only ever work done *ahead* (`Ahead`): whoever shares its work takes the results in an order of its
/// own, so that what comes out does not depend on who computed what, or whether anybody helped.
public final class Crew: @unchecked Sendable {
  private let monitor = Monitor()
  // All below belongs to whoever is inside.
  private var busy = 0
  private var waiting = 0
  private var shared: [any SharedWork] = []

  /// Nobody works yet.
  public init() {}

  /// A thread begins to work on something of its own.
  public func join() { monitor.locked { busy += 1 } }

  /// A thread that joined has nothing of its own left: helps until nobody has.
  public func help() {
    monitor.locked {
      busy -= 1
      waiting += 1
      if busy == 0 { monitor.wake() }
      while busy > 0 {
        if let task = anyTask() { monitor.unlocked(task) } else { monitor.wait() }
      }
      waiting -= 1
    }
  }

  /// A piece of what is shared: of what was shared first.
  private func anyTask() -> (() -> Void)? {
    for work in shared {
      if let task = work.next() { return task }
    }
    return nil
  }

  /// Runs `body`, and lets others do pieces of `work` meanwhile.
  public func share<Value>(_ work: some SharedWork, during body: () -> Value) -> Value {
    change { shared.append(work) }
    defer { monitor.locked { shared.removeAll { $0 === work } } }
    return body()
  }

  /// Changes what is shared, while nobody else reads it.
  public func change<Value>(_ body: () -> Value) -> Value {
    monitor.locked {
      defer { if waiting > 0 { monitor.wake() } }
      return body()
    }
  }

  /// Work on a value that nobody has begun; from `SharedWork.next` alone.
  ///
  /// - Parameter then: done behind it, while nobody else reads what is shared.
  public func task<Value>(
    _ ahead: Ahead<Value>, then: @escaping () -> Void, _ body: @escaping () -> Value
  ) -> () -> Void {
    ahead.state = .begun
    return { [monitor] in
      let value = body()
      monitor.locked {
        ahead.state = .done(value)
        then()
        monitor.wake()
      }
    }
  }

  /// A value that is needed now: computed here where nobody has begun. While another thread is at it, this
  /// one works ahead, too.
  public func value<Value>(
    _ ahead: Ahead<Value>, of work: some SharedWork, _ body: () -> Value
  ) -> Value {
    let found: Value? = monitor.locked {
      while true {
        switch ahead.state {
        case .done(let value): return value
        case .open:
          ahead.state = .begun
          return nil
        case .begun:
          if let task = work.next() { monitor.unlocked(task) } else { monitor.wait() }
        }
      }
    }
    return found ?? body()
  }
}

/// Work of which pieces can be done ahead.
public protocol SharedWork: AnyObject {
  /// The next piece that nobody has begun, by `Crew.task`; nil where there is none, or enough lies ready. Called
  /// by one thread at a time, and while `Crew.change` runs by none.
  func next() -> (() -> Void)?
}

/// A value that is computed once, by whom it is needed or by another ahead of that.
public final class Ahead<Value>: @unchecked Sendable {
  fileprivate enum State {
    case open, begun
    case done(Value)
  }

  /// Belongs to whoever is inside of the crew's monitor.
  fileprivate var state = State.open

  /// Nobody has begun.
  public init() {}

  /// Whether nobody has begun; from `SharedWork.next` alone.
  public var isOpen: Bool { if case .open = state { true } else { false } }
  /// The value, where it was computed ahead; from `SharedWork.next` alone.
  public var value: Value? { if case .done(let value) = state { value } else { nil } }
}
