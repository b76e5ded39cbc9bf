//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::peer::Peer;
use crate::work::Work;

/// Runs the same work on polyloop, its peers and bare loops in C, each in a process of its own.
///
/// It prints tables while and after it runs, and writes comparison.md, .json and .html.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) run: Run,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the works and the peers.
    List,
    /// Writes the pages again from a report in JSON.
    Render {
        report: PathBuf,
        /// The folder for the pages.
        #[arg(long, default_value = "target/comparison")]
        output: PathBuf,
    },
    /// Is a child of a run: does one work with one peer.
    #[command(hide = true)]
    Serve {
        #[arg(long)]
        peer: Peer,
        #[arg(long)]
        work: Work,
        #[arg(long)]
        cpu: usize,
        /// Bytes of a connection's buffer.
        #[arg(long, default_value_t = 4096)]
        buffer: usize,
        /// Serves without a thread that listens to standard input: it ends by a signal only.
        #[arg(long)]
        deaf: bool,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Run {
    /// Measures shortly, and only what matters most.
    #[arg(long)]
    pub(crate) quick: bool,
    /// Measures what the table of targets needs, and nothing else: in some ten minutes.
    #[arg(long, conflicts_with = "quick")]
    pub(crate) targets: bool,
    /// Measures only works whose name contains this; may be given several times, or with commas.
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub(crate) only: Vec<String>,
    /// Measures only these peers, for example `epoll,tokio,polyloop-mio`.
    #[arg(long, value_name = "PEERS", value_delimiter = ',')]
    pub(crate) peers: Vec<Peer>,
    /// How often everything is measured.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) repetitions: Option<u32>,
    /// For how many seconds each time.
    #[arg(long)]
    pub(crate) seconds: Option<f64>,
    /// Leaves out the runs under callgrind, which a full run makes where nothing else counts
    /// instructions.
    #[arg(long)]
    pub(crate) no_callgrind: bool,
    /// The folder for the pages.
    #[arg(long, default_value = "target/comparison")]
    pub(crate) output: PathBuf,
}
