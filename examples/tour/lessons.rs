use std::rc::Rc;
use std::time::{Duration, Instant};

use polyloop::{Result, create_task, gather, sleep, wait_for};

use crate::echo;

/// How a lesson went.
pub(crate) struct Outcome {
    pub(crate) lesson: &'static str,
    /// What it must give, where that is known beforehand.
    pub(crate) expected: String,
    pub(crate) answer: String,
    pub(crate) took: Duration,
    /// What it takes at least, and what it would take if nothing ran at once.
    pub(crate) at_least: Duration,
    pub(crate) less_than: Duration,
}

/// Gives every lesson, one after the other, on the loop that runs.
pub(crate) async fn all(file: Rc<Vec<u8>>) -> Vec<Outcome> {
    let checksum = echo::checksum(&file);
    vec![
        measure("hello after 100 ms", "hello", 100..400, hello()).await,
        measure("sleep 200 and 300 ms, gathered", "200 300", 300..500, gathered()).await,
        measure("look up three users at once", "ada ben cyd", 300..600, three_users()).await,
        measure("give up after 100 ms", "timed out", 100..1000, give_up()).await,
        measure("two coroutines in turn", "what, when", 500..800, in_turn()).await,
        measure("the same two as tasks", "what, when", 300..500, as_tasks()).await,
        measure("a file through 64 connections", &checksum, 0..30_000, echo::file(file)).await,
    ]
}

/// A task can wait without keeping others from running.
async fn hello() -> Result<String> {
    sleep(Duration::from_millis(100)).await;
    Ok("hello".to_owned())
}

/// What is gathered takes as long as the longest, and comes back in the order of the call.
async fn gathered() -> Result<String> {
    let (first, second) = gather!(sleeper(200), sleeper(300)).await?;
    Ok(format!("{first} {second}"))
}

async fn sleeper(millis: u64) -> u64 {
    sleep(Duration::from_millis(millis)).await;
    millis
}

/// Three look-ups of 3, 2 and 1 steps are done when the longest is.
async fn three_users() -> Result<String> {
    let users = [("ada", 3), ("ben", 2), ("cyd", 1)];
    let found = gather(users.map(|(name, steps)| look_up(name, steps))).await?;
    Ok(found.join(" "))
}

async fn look_up(name: &'static str, steps: u32) -> &'static str {
    for _ in 0..steps {
        sleep(Duration::from_millis(100)).await;
    }
    name
}

/// A wait that takes too long is given up, and what was waited for is dropped.
async fn give_up() -> Result<String> {
    let patience = Duration::from_millis(100);
    Ok(match wait_for(sleeper(10_000), patience).await {
        Ok(millis) => format!("waited {millis} ms"),
        Err(timed_out) => timed_out.to_string(),
    })
}

/// Awaiting a coroutine runs it there and then: two of them take the sum.
async fn in_turn() -> Result<String> {
    let first = say_after(200, "what").await;
    let second = say_after(300, "when").await;
    Ok(format!("{first}, {second}"))
}

/// A task runs from its creation on, whoever awaits it when: two of them take the longest.
async fn as_tasks() -> Result<String> {
    let first = create_task(say_after(200, "what"));
    let second = create_task(say_after(300, "when"));
    Ok(format!("{}, {}", first.await?, second.await?))
}

async fn say_after(millis: u64, word: &'static str) -> &'static str {
    sleep(Duration::from_millis(millis)).await;
    word
}

async fn measure(
    lesson: &'static str,
    expected: &str,
    millis: std::ops::Range<u64>,
    run: impl Future<Output = Result<String>>,
) -> Outcome {
    let began = Instant::now();
    let answer = run.await.unwrap_or_else(|error| format!("failed: {error}"));
    Outcome {
        lesson,
        expected: expected.to_owned(),
        answer,
        took: began.elapsed(),
        at_least: Duration::from_millis(millis.start),
        less_than: Duration::from_millis(millis.end),
    }
}
