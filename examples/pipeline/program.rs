use std::os::unix::process::ExitStatusExt;
use std::process::ExitCode;
use std::time::Duration;

use polyloop::process::{DEVNULL, PIPE, Stdio};
use polyloop::{Backend, Error, Result, Runner, create_task, timeout};

use crate::stages::{Pipeline, wait};

const USAGE: &str = "pipeline [--backend auto|mio|io-uring|polling] (--self-test | PROGRAM ARG... '|' PROGRAM ARG... ...)";

pub(crate) fn main() -> ExitCode {
    match run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Gives what a shell would say of the last stage: its code, or 128 and the signal.
fn run() -> Result<u8> {
    // Options come first; what follows belongs to the stages, whatever it looks like.
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    let mut backend = Backend::default();
    if words.first().is_some_and(|word| word == "--backend") && words.len() > 1 {
        backend = words[1].parse()?;
        words.drain(..2);
    }
    let runner = Runner::builder().backend(backend).build()?;
    match words.first().map(String::as_str) {
        None => Err(Error::other(format_args!("usage: {USAGE}"))),
        Some("--self-test") => runner.run(self_test())?.map(|()| 0),
        Some(_) => {
            let pipeline = Pipeline::parse(words)?;
            runner.run(async move {
                let processes = pipeline.start(Stdio::INHERIT, Stdio::INHERIT)?;
                let status = wait(&processes).await?;
                let code = status.and_then(|it| it.code().or(it.signal().map(|it| 128 + it)));
                Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
            })?
        }
    }
}

async fn self_test() -> Result<()> {
    let count = (1..=100_000).filter(|n| n.to_string().contains('7')).count();
    let output = output_of("seq 1 100000 | grep 7 | wc -l").await?;
    check("numbers with a 7", output.trim(), &count.to_string())?;
    // The first stage writes for ever; it ends because nobody reads any more.
    check("an early end", &output_of("yes | head -n 3").await?, "y\ny\ny\n")?;
    // What is written to the first is read from the last.
    let mut row = Pipeline::parse(words("cat | tr a-z A-Z | cat"))?.start(PIPE, PIPE)?;
    let (mut first, mut last) = (row.remove(0), row.remove(1));
    let bytes = "through three processes\n".repeat(10_000);
    let upper = bytes.to_uppercase();
    let writing = create_task(async move { first.communicate(bytes).await });
    let read = last.communicate("").await?.0;
    writing.await??;
    check("a way through three", &String::from_utf8_lossy(&read), &upper)?;
    let missing = Pipeline::parse(words("cat | /no/such/program"))?.start(PIPE, DEVNULL);
    let said = missing.err().map_or(String::new(), |error| error.to_string());
    check("a missing program", said.split(':').next().unwrap_or(""), "start /no/such/program")?;
    println!("all of it works");
    Ok(())
}

fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(' ').map(str::to_owned)
}

/// Runs a row without input and gives what its last stage wrote.
async fn output_of(text: &str) -> Result<String> {
    let mut row = Pipeline::parse(words(text))?.start(DEVNULL, PIPE)?;
    let Some(last) = row.last_mut() else { return Ok(String::new()) };
    let output = timeout(Duration::from_secs(20), last.communicate("")).await??.0;
    timeout(Duration::from_secs(20), wait(&row)).await??;
    Ok(String::from_utf8_lossy(&output).into_owned())
}

fn check(what: &str, found: &str, expected: &str) -> Result<()> {
    if found == expected {
        println!("{what}: as expected");
        return Ok(());
    }
    Err(Error::other(format_args!("{what}: found {found:?} and not {expected:?}")))
}
