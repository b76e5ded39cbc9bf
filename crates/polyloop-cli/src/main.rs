//! The command `polyloop`: looks into a running program that uses polyloop.
//!
//! It speaks a protocol of one line and one text over a Unix socket (`docs/inspecting.md`), so it
//! needs neither the library nor the version of it that the program was built with.

#![forbid(unsafe_code)]

mod sys;
mod target;

use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
Looks into a running program that uses polyloop.

Usage: polyloop ps|pstree|metrics PID|PATH

  ps       every task on a line: its state, what it waits for, where it was made
  pstree   the tasks as trees, each above those that it waits for
  metrics  what the loop has done and holds

PID is a process that was started with POLYLOOP_INSPECT=DIRECTORY, or that asked for it itself
(RunnerBuilder::inspect). PATH is the loop's socket, or a directory with such sockets.
";

const REQUESTS: [&str; 3] = ["ps", "pstree", "metrics"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["-h" | "--help" | "help"] => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        ["-V" | "--version"] => {
            println!("polyloop {}", env!("CARGO_PKG_VERSION"));
            ExitCode::SUCCESS
        }
        [request, target] if REQUESTS.contains(&request) => show(request, target),
        _ => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Asks every loop of the target, and fails if one does not answer.
fn show(request: &str, target: &str) -> ExitCode {
    let sockets = match target::sockets(target) {
        Ok(sockets) => sockets,
        Err(reason) => {
            eprintln!("polyloop: {request} {target}: {reason}");
            return ExitCode::FAILURE;
        }
    };
    let mut code = ExitCode::SUCCESS;
    for socket in &sockets {
        if sockets.len() > 1 {
            println!("{}:", socket.display());
        }
        match ask(socket, request) {
            Ok(text) => print!("{}", harmless(&text)),
            Err(reason) => {
                eprintln!("polyloop: {request} {target}: {}", harmless(&reason));
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

fn ask(socket: &Path, request: &str) -> Result<String, String> {
    let reply = sys::ask(socket, request)?;
    match reply.split_once('\n') {
        Some(("ok", text)) => Ok(text.to_owned()),
        Some((line, _)) if line.starts_with("error: ") => Err(line["error: ".len()..].to_owned()),
        _ => Err(format!("what listens at {} is no polyloop", socket.display())),
    }
}

/// Takes out what could command a terminal: whoever made the socket wrote the text.
fn harmless(text: &str) -> String {
    let safe = |c: char| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().map(safe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_cannot_command_the_terminal() {
        assert_eq!(harmless("a\n\u{1b}[2Jb"), "a\n\u{fffd}[2Jb");
    }
}
