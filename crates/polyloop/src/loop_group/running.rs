//! What the thread of a loop of a group does.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::mpsc::Sender;
use std::time::Duration;

use polyloop_core::Result;

use super::ending::LoopEnd;
use super::local::Local;
use super::member::{GroupId, Member};
use crate::outcome::Outcome;
use crate::runner::{Runner, RunnerBuilder};
use crate::sys::cores;
use crate::time;

/// Is called on the thread of each loop, inside the loop, before anything else.
pub(super) type OnStart = Arc<dyn Fn(usize) + Send + Sync>;

/// What a loop is to be.
pub(super) struct Plan {
    pub(super) group: GroupId,
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) cpu: Option<usize>,
    pub(super) builder: RunnerBuilder,
    pub(super) on_start: Option<OnStart>,
}

/// How who builds the group hears of a loop that runs, or cannot be made.
pub(super) type Started = Sender<Result<Arc<Member>>>;

/// How a loop hears for how long what it does may still go on.
pub(super) type Stop = Arc<Outcome<Duration>>;

/// Runs a loop until it is told to stop.
pub(super) fn run(plan: Plan, started: &Started, stop: Stop) -> LoopEnd {
    let (index, name) = (plan.index, plan.name.clone());
    let ran = catch_unwind(AssertUnwindSafe(|| match make(&plan) {
        Ok(runner) => drive(plan, &runner, started, stop),
        Err(error) => {
            tell(started, Err(error));
            LoopEnd::clean(plan.index, plan.name)
        }
    }));
    // The loop is closed, so what its servers hold can be dropped, and nothing comes after it.
    Local::leave();
    ran.unwrap_or_else(|panic| LoopEnd::panicked(index, name, &*panic))
}

fn make(plan: &Plan) -> Result<Runner> {
    if let Some(cpu) = plan.cpu {
        cores::pin_this_thread(cpu)?;
    }
    plan.builder.build()
}

fn drive(plan: Plan, runner: &Runner, started: &Started, stop: Stop) -> LoopEnd {
    let mut end = LoopEnd::clean(plan.index, plan.name.clone());
    let events = runner.event_loop();
    let member = Arc::new(Member {
        group: plan.group,
        index: plan.index,
        name: plan.name,
        handle: events.handle(),
        info: events.backend_info(),
        connections: AtomicUsize::new(0),
        accepted: AtomicU64::new(0),
    });
    let local = Local::enter(member.clone());
    let begun = runner.run(async move {
        if let Some(on_start) = plan.on_start {
            on_start(plan.index);
        }
    });
    if let Err(error) = begun {
        tell(started, Err(error));
        return end;
    }
    tell(started, Ok(member));
    match runner.run(until_stopped(local, stop)) {
        Ok((tasks, connections)) => {
            (end.aborted_tasks, end.aborted_connections) = (tasks, connections);
        }
        Err(error) => end.failure = Some(format!("its loop ended: {error}")),
    }
    end
}

/// Tells who builds the group; if that has given up, because another loop cannot be made, the stop
/// comes at once and nobody needs to know.
fn tell(started: &Started, what: Result<Arc<Member>>) {
    drop(started.send(what));
}

/// Waits to be told to stop, lets what there is go on for that long, and counts what is left then.
async fn until_stopped(local: Rc<Local>, stop: Stop) -> (usize, usize) {
    // Without a word the group was dropped.
    let grace = poll_fn(|cx| stop.poll(cx)).await.unwrap_or_default();
    local.stop_accepting(None).await;
    if time::timeout(grace, local.idle()).await.is_ok() { (0, 0) } else { local.left() }
}
