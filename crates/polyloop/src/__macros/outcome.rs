use std::marker::PhantomData;

use polyloop_core::{Error, ErrorKind, Result};

use crate::runner::RunnerBuilder;

/// Runs the function of `#[polyloop::main]`; the loop is closed when this returns.
#[track_caller]
pub fn run<F: Future + 'static>(
    builder: RunnerBuilder,
    main: impl FnOnce() -> F,
) -> Result<F::Output> {
    builder.build()?.run(main())
}

/// Chooses, by the type of what the function gives, how a failure of the runner is told.
///
/// A `Result` is found by a method of this type, anything else by one of a reference to it, which
/// method lookup tries later: so a `Result` with an unfit error is a compile error about that.
#[derive(Debug)]
pub struct Outcome<T>(PhantomData<T>);

impl<T> Outcome<T> {
    /// Takes the type, and nothing else.
    pub fn of(_: &Result<T>) -> Outcome<T> {
        Outcome(PhantomData)
    }
}

/// The outcome of a function that gives a `Result`.
pub trait ResultOutcome {
    /// Gives the way to end.
    fn ending(&self) -> ResultEnding {
        ResultEnding
    }
}

impl<T, E> ResultOutcome for Outcome<std::result::Result<T, E>> {}

/// The outcome of a function that gives anything else.
pub trait PlainOutcome {
    /// Gives the way to end.
    fn ending(&self) -> PlainEnding {
        PlainEnding
    }
}

impl<T> PlainOutcome for &Outcome<T> {}

/// A failure of the runner is converted.
#[derive(Debug)]
pub struct ResultEnding;

impl ResultEnding {
    /// Gives what the function gave.
    pub fn end<T, E: From<Error>>(
        self,
        outcome: Result<std::result::Result<T, E>>,
    ) -> std::result::Result<T, E> {
        outcome?
    }
}

/// A failure of the runner ends the program.
#[derive(Debug)]
pub struct PlainEnding;

impl PlainEnding {
    /// Gives what the function gave.
    #[track_caller]
    pub fn end<T>(self, outcome: Result<T>) -> T {
        match outcome {
            Ok(output) => output,
            // As a shell says it of a program that Ctrl-C ended.
            Err(error) if error.kind() == ErrorKind::Interrupted => std::process::exit(130),
            Err(error) => panic!("#[polyloop::main] cannot run: {error}"),
        }
    }
}
