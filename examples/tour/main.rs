//! Teaches: what asyncio's first lessons are in polyloop, and that every backend gives the same
//! answers.
//!
//!     cargo run --release --example tour [-- FILE]
//!
//! `lessons` has the lessons; read it first. `echo` sends a file through 64 connections at once.
//! This file runs both on each backend that this system has, says which those are and why, and
//! ends with a table. The exit status is 1 if a backend gives another answer than it should.
#![forbid(unsafe_code)]

mod echo;
mod lessons;
mod table;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;

use polyloop::{Backend, Error, Result, Runner};
use polyloop_examples::{Arguments, available_backends, exit};

const USAGE: &str = "tour [FILE]";

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let path = arguments.positional().map_or_else(default_file, PathBuf::from);
    arguments.finish(USAGE)?;
    let file = fs::read(&path)
        .map_err(|error| Error::from(error).attempting(format_args!("read {}", path.display())))?;
    let file = Rc::new(file);

    introduce_backends();
    println!("\nthe file is {}, {} bytes long", path.display(), file.len());
    let mut table = table::Table::default();
    for backend in available_backends() {
        // The choice is obeyed or refused; nothing falls back to another backend.
        let runner = Runner::builder().backend(backend.clone()).build()?;
        table.add(&backend, runner.run(lessons::all(file.clone()))?);
    }
    println!("\n{table}");
    table.check()
}

/// Says which backends this system has, and which one a program gets that does not choose.
fn introduce_backends() {
    for backend in Backend::BUILT_IN {
        match backend.probe() {
            Ok(_) => println!("{backend}: can run here"),
            Err(refusal) => println!("{backend}: {refusal}"),
        }
    }
    match Backend::Auto.probe() {
        Ok(info) => println!("auto takes {info}"),
        Err(refusal) => println!("auto: {refusal}"),
    }
}

/// Gives the nearest Cargo.lock, from the current folder upwards; else that of this repository.
fn default_file() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let mut candidates = here.ancestors().map(|folder| folder.join("Cargo.lock"));
    candidates
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock")))
}
