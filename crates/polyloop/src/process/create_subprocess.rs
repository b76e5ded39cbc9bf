//! asyncio's names, which stand at the root of the crate.

use std::ffi::OsStr;

use super::Command;

/// Begins a command that runs a program with arguments: asyncio's name for [`Command::new`].
///
/// # Examples
///
/// ```
/// use polyloop::process::PIPE;
///
/// polyloop::run(async {
///     let mut echo = polyloop::create_subprocess_exec("echo", ["hello"]).stdout(PIPE).await?;
///     assert_eq!(echo.communicate("").await?.0, b"hello\n");
///     Ok::<(), polyloop::Error>(())
/// })?
/// # ; Ok::<(), polyloop::Error>(())
/// ```
pub fn create_subprocess_exec<A: AsRef<OsStr>>(
    program: impl AsRef<OsStr>,
    arguments: impl IntoIterator<Item = A>,
) -> Command {
    Command::new(program).args(arguments)
}

/// Begins a command that has `/bin/sh` run a script: asyncio's name for [`Command::shell`].
///
/// Whoever puts text of others into the script lets them run what they like.
pub fn create_subprocess_shell(script: impl AsRef<OsStr>) -> Command {
    Command::shell(script)
}
