//! Teaches: names are looked up off the loop, many at once, and each has its own error.
//!
//!     cargo run --release --example dns_lookup -- localhost 127.0.0.1 example.com
//!
//! A host's name gives its addresses, an address its name. One that is not found is told on
//! standard error, and does not keep the others. `--self-test` looks up this machine.
#![forbid(unsafe_code)]

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use polyloop::{
    AddressHints, Backend, Error, NameFlags, Result, Runner, TcpListener, TcpStream,
    gather_results, getaddrinfo, getnameinfo,
};
use polyloop_examples::{Arguments, exit};

const USAGE: &str =
    "dns_lookup [--backend auto|mio|io-uring|polling] [--timeout SECONDS] (--self-test | HOST...)";

fn main() -> ExitCode {
    exit(run())
}

fn run() -> Result<()> {
    let mut arguments = Arguments::of_process();
    let backend: Backend = arguments.value("--backend")?.unwrap_or_default();
    let timeout = Duration::from_secs(arguments.value("--timeout")?.unwrap_or(10));
    let self_test = arguments.flag("--self-test");
    let hosts: Vec<String> = std::iter::from_fn(|| arguments.positional()).collect();
    arguments.finish(USAGE)?;
    if hosts.is_empty() != self_test {
        return Err(Error::other(format_args!("usage: {USAGE}")));
    }
    let runner = Runner::builder().backend(backend).build()?;
    if self_test { runner.run(test_self())? } else { runner.run(look_up(hosts, timeout))? }
}

/// Looks up all hosts at once, and prints them in their order.
async fn look_up(hosts: Vec<String>, timeout: Duration) -> Result<()> {
    let begin = Instant::now();
    let lookups = hosts.iter().cloned().map(|host| polyloop::wait_for(describe(host), timeout));
    let mut failures = 0;
    for (host, answer) in hosts.iter().zip(gather_results(lookups).await) {
        // A task's outcome, around the timeout's, around the lookup's.
        match answer.map_err(Error::from)? {
            Ok(Ok(answers)) => answers.iter().for_each(|answer| println!("{host}\t{answer}")),
            Ok(Err(error)) => (failures, _) = (failures + 1, eprintln!("{error}")),
            Err(_) => (failures, _) = (failures + 1, eprintln!("look up {host:?}: no answer")),
        }
    }
    println!("{} of {} found in {:.1?}", hosts.len() - failures, hosts.len(), begin.elapsed());
    if failures == 0 { Ok(()) } else { Err(Error::other("not every host was found")) }
}

/// Gives the addresses of a name, or the name of an address.
async fn describe(host: String) -> Result<Vec<String>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        let flags = NameFlags::new().name_required(true);
        let (name, _service) = getnameinfo(SocketAddr::new(address, 0), flags).await?;
        return Ok(vec![name]);
    }
    let hints = AddressHints::stream().canonical_name(true);
    let found = getaddrinfo(&*host, 0, hints).await?;
    let canonical = found[0].canonical_name.clone().filter(|name| *name != host);
    let addresses = found.iter().map(|found| found.address.ip().to_string());
    Ok(canonical.map(|name| format!("is {name}")).into_iter().chain(addresses).collect())
}

/// Finds this machine by its name, connects to it by its name, and fails to find what is not
/// there.
async fn test_self() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let found = getaddrinfo("localhost", port, AddressHints::stream()).await?;
    if !found.iter().all(|found| found.address.ip().is_loopback()) {
        return Err(Error::other(format_args!("localhost is not this machine: {found:?}")));
    }
    let stream = TcpStream::connect(("localhost", port)).await?;
    if stream.peer_addr()? != listener.local_addr()? {
        return Err(Error::other("localhost is another machine"));
    }
    let numbers = getnameinfo(listener.local_addr()?, NameFlags::numeric()).await?;
    if numbers != ("127.0.0.1".to_owned(), port.to_string()) {
        return Err(Error::other(format_args!("the listener's name is {numbers:?}")));
    }
    let only_numbers = AddressHints::stream().numeric_host(true);
    match getaddrinfo("no-such-host", port, only_numbers).await {
        Ok(found) => Err(Error::other(format_args!("a name is no number: {found:?}"))),
        Err(error) => {
            println!("as it should be: {error}");
            println!("dns_lookup works (backend {})", polyloop::backend_info().name());
            Ok(())
        }
    }
}
