import Dispatch

/// Runs an actor on a dispatch queue.
///
/// An actor with this executor and the timers on its queue share one thread of control, so a timer's handler enters the
/// actor with `assumeIsolated`, synchronously and checked at run time. Actors on the same queue may enter each other
/// the same way.
final class QueueExecutor: SerialExecutor {
  let queue: DispatchQueue

  /// - Parameter queue: a serial queue; a concurrent one would break the actor's isolation.
  init(queue: DispatchQueue) { self.queue = queue }

  convenience init(label: String) { self.init(queue: DispatchQueue(label: label)) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedSerialExecutor()
    queue.async { job.runSynchronously(on: executor) }
  }

  /// What makes `assumeIsolated` work for code that the queue runs outside of any task.
  func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }
}
