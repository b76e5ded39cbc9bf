//! What a subscriber of the crate `tracing` sees of a task, with the feature of that name: a span
//! around every poll, and events at its start and its end. Without the feature, nothing is kept
//! and nothing is done.

#[cfg(feature = "tracing")]
mod kept {
    use tracing::span::Entered;
    use tracing::{Level, Span, debug, span};

    use crate::engine::LoopId;
    use crate::task::TaskError;
    use crate::task::record::TaskRecord;

    /// A task's span, whose fields are what was known when the task was made.
    pub(in super::super) struct TaskTrace(Span);

    impl TaskTrace {
        pub(in super::super) fn spawned(task: &TaskRecord, home: LoopId) -> TaskTrace {
            let (name, place) = (task.name(), task.created_at());
            let span = span!(
                target: "polyloop::task",
                Level::DEBUG,
                "task",
                name,
                made_at = %place,
                loop_id = home.number().get(),
            );
            span.in_scope(|| debug!(target: "polyloop::task", "spawned"));
            TaskTrace(span)
        }

        /// Is in the span until the guard is dropped.
        pub(in super::super) fn enter(&self) -> Entered<'_> {
            self.0.enter()
        }

        pub(in super::super) fn finished<T>(&self, result: &Result<T, TaskError>) {
            let outcome = match result {
                Ok(_) => "finished",
                Err(error) if error.is_cancelled() => "cancelled",
                Err(_) => "panicked",
            };
            self.0.in_scope(|| debug!(target: "polyloop::task", outcome, "ended"));
        }
    }
}

#[cfg(not(feature = "tracing"))]
mod absent {
    use crate::engine::LoopId;
    use crate::task::TaskError;
    use crate::task::record::TaskRecord;

    pub(in super::super) struct TaskTrace;

    /// Nothing is entered.
    pub(in super::super) struct Entered;

    /// Having a destructor, as the real guard has, makes dropping it early mean the same.
    impl Drop for Entered {
        fn drop(&mut self) {}
    }

    impl TaskTrace {
        pub(in super::super) fn spawned(_: &TaskRecord, _: LoopId) -> TaskTrace {
            TaskTrace
        }

        pub(in super::super) fn enter(&self) -> Entered {
            Entered
        }

        pub(in super::super) fn finished<T>(&self, _: &Result<T, TaskError>) {}
    }
}

#[cfg(not(feature = "tracing"))]
pub(super) use absent::TaskTrace;
#[cfg(feature = "tracing")]
pub(super) use kept::TaskTrace;
