use std::process::ExitCode;

use polyloop::Result;

/// Ends a program: a failure goes to standard error, and the exit status says that there was one.
pub fn exit(result: Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
