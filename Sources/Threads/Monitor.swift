import Glibc

/// What several threads share is touched by one of them at a time; the others may wait until it changes.
public final class Monitor: @unchecked Sendable {
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  /// Nobody is inside.
  public init() {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_mutex_destroy(lock)
    pthread_cond_destroy(changed)
    lock.deallocate()
    changed.deallocate()
  }

  /// Runs `body` while no other thread is inside.
  public func locked<Value>(_ body: () -> Value) -> Value {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }

  /// From inside: lets others in while `body` runs.
  public func unlocked(_ body: () -> Void) {
    pthread_mutex_unlock(lock)
    defer { pthread_mutex_lock(lock) }
    body()
  }

  /// From inside: lets others in until one of them says that something has changed.
  public func wait() { pthread_cond_wait(changed, lock) }

  /// Something has changed.
  public func wake() { pthread_cond_broadcast(changed) }
}
