//! The repository's own checks, run as `cargo run -p xtask -- <check>`.
//!
//! `arrows` judges which way the crates depend on each other, `tidy` judges how the files read, and
//! `budgets` counts the instructions of the hot paths. Each prints what it finds, one finding a line, and fails if there is any.

#![forbid(unsafe_code)]

mod arrows;
mod budgets;
mod rust_code;
mod tidy;
mod workspace;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = workspace::root();
    let findings = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["arrows"] => workspace::packages(&root).map(|packages| arrows::findings(&packages)),
        ["tidy"] => tidy_tree(&root),
        ["budgets", "--bless", ref parts @ ..] => budgets::findings(&root, true, parts),
        ["budgets", ref parts @ ..] => budgets::findings(&root, false, parts),
        _ => Err("usage: cargo run -p xtask -- arrows|tidy|budgets [--bless] [PART]...".to_owned()),
    };
    match findings {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(findings) => {
            for finding in &findings {
                eprintln!("{finding}");
            }
            eprintln!("{} finding(s)", findings.len());
            ExitCode::FAILURE
        }
        Err(reason) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn tidy_tree(root: &Path) -> Result<Vec<String>, String> {
    Ok(tidy::findings(&workspace::text_files(root)?))
}
