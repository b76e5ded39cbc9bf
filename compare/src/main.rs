//! Runs the same work on polyloop, its peers and bare loops in C, each in a process of its own, and
//! reports what it cost. README.md beside this crate says how it measures.

mod cli;
mod load;
mod peer;
mod report;
mod run;
mod serve;
mod work;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use cli::{Cli, Command};
use peer::Peer;
use report::Report;
use run::{Choice, Plan, Settings};
use serve::allocations::Counting;

/// Counts in the children; in the driver it only costs a little.
#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The longest that one measurement may be asked to take.
const SECONDS_MAX: f64 = 600.0;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let ended = match cli.command {
        None => run(&cli.run),
        Some(Command::List) => {
            list();
            Ok(())
        }
        Some(Command::Render { report, output }) => {
            Report::read(&report).and_then(|report| report.write(&output))
        }
        Some(Command::Serve { peer, work, cpu, buffer, deaf }) => {
            serve::be_deaf(deaf);
            run::pin(cpu).and_then(|()| serve::run(peer, work, buffer))
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("polyloop-compare: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &cli::Run) -> io::Result<()> {
    let mut settings = match (arguments.quick, arguments.targets) {
        (true, _) => Settings::quick(),
        (_, true) => Settings::targets(),
        _ => Settings::full(),
    };
    if let Some(repetitions) = arguments.repetitions {
        settings.repetitions = repetitions;
        settings.for_user_time.0 = repetitions;
    }
    if let Some(seconds) = arguments.seconds {
        if !(seconds > 0.0 && seconds <= SECONDS_MAX) {
            return Err(io::Error::other(format!("--seconds takes up to {SECONDS_MAX}")));
        }
        settings.measured = Duration::from_secs_f64(seconds);
        settings.for_user_time.1 = settings.measured;
    }
    settings.callgrind &= !arguments.no_callgrind;
    let choice = Choice { only: arguments.only.clone(), peers: arguments.peers.clone() };
    let plan = Plan::new(&choice, &settings);
    if plan.cells.is_empty() || plan.peers.is_empty() {
        return Err(io::Error::other("nothing to measure; `list` shows the works and peers"));
    }
    let report = run::run(&plan, &settings)?;
    report::print(&report);
    report.write(&arguments.output)?;
    println!("written to {}", arguments.output.display());
    Ok(())
}

fn list() {
    for cell in run::cells() {
        println!("{:<18} {}: {}", cell.name, cell.title, cell.about);
    }
    println!();
    for peer in Peer::ALL {
        let refused = peer.refusal().map_or(String::new(), |why| format!(" [skipped: {why}]"));
        println!("{:<18} {} {}{refused}", peer.name(), peer.version(), peer.about());
    }
}
