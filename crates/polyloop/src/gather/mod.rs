//! Running several futures at once and waiting for all of them.

mod group;
mod member;
mod tuple;

pub use group::{
    Gather, GatherResults, TryGather, gather, gather_results, gather_tasks, try_gather,
};
pub use tuple::{GatherTuple, Gatherable};

/// Runs futures of different types at once and gives a tuple of what they gave.
///
/// Each becomes a task. Awaiting gives `Ok` with the tuple, or the first [`TaskError`] if one is
/// cancelled or panics; the others then run on, as in asyncio. Dropping the future that this
/// gives cancels them all. Takes one to twelve futures.
///
/// # Examples
///
/// ```
/// # use std::time::Duration;
/// polyloop::run(async {
///     let number = async { 1 };
///     let word = async {
///         polyloop::sleep(Duration::from_millis(1)).await;
///         "two"
///     };
///     assert_eq!(polyloop::gather!(number, word).await.unwrap(), (1, "two"));
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
///
/// [`TaskError`]: crate::TaskError
#[macro_export]
macro_rules! gather {
    ($($future:expr),+ $(,)?) => {
        $crate::Gatherable::gather(($($future,)+))
    };
}
