use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use super::Settings;
use super::cell::{ACCEPTS_AT_ONCE, Cell, DATAGRAM_SOCKETS, HTTP_CONNECTIONS, Load as Kind};
use super::child::Child;
use super::counters::Counters;
use crate::load::{Accepts, Datagrams, Exchange, Idle, Load, Streams, Until};
use crate::peer::Peer;
use crate::report::Metric;
use crate::serve::usage::Usage;
use crate::work::{Alone, HELLO, REQUEST};

/// What one repetition gave.
pub(crate) type Sample = BTreeMap<Metric, f64>;

/// Bytes of the messages of [`Kind::Accept`] and [`Kind::Idle`].
const SMALL: usize = 64;

/// Measures one peer at one cell, once, in a fresh process.
pub(crate) fn measure(
    peer: Peer,
    cell: &Cell,
    settings: &Settings,
    cpu: usize,
) -> io::Result<Sample> {
    let mut child = Child::start(peer, cell, cpu, &[])?;
    match cell.load {
        Kind::Idle => idle(&child, settings.idle_connections()),
        Kind::Alone(alone) => run_alone(peer, &mut child, alone, settings),
        _ => {
            let mut load = load_of(cell, &child.address)?;
            serve(peer, &mut child, &mut *load, cell, settings)
        }
    }
}

/// Opens what loads a server.
pub(crate) fn load_of(cell: &Cell, address: &str) -> io::Result<Box<dyn Load>> {
    let server: SocketAddr = address.parse().map_err(io::Error::other)?;
    Ok(match cell.load {
        Kind::UserTime => Box::new(Streams::open(server, 50, Exchange::echo(1024, 1), 1)?),
        Kind::Echo { connections, size, depth } => {
            let exchange = Exchange::echo(size, depth);
            Box::new(Streams::open(server, connections, exchange, depth)?)
        }
        Kind::Http => {
            let exchange = Exchange::new(REQUEST, HELLO.to_vec(), 1);
            Box::new(Streams::open(server, HTTP_CONNECTIONS, exchange, 1)?)
        }
        Kind::Accept => Box::new(Accepts::new(server, ACCEPTS_AT_ONCE, SMALL)),
        Kind::Datagrams { size } => Box::new(Datagrams::open(server, DATAGRAM_SOCKETS, size)?),
        Kind::Idle | Kind::Alone(_) => return Err(io::ErrorKind::Unsupported.into()),
    })
}

fn serve(
    peer: Peer,
    child: &mut Child,
    load: &mut dyn Load,
    cell: &Cell,
    settings: &Settings,
) -> io::Result<Sample> {
    let mut sample = Sample::new();
    load.run(Until::Elapsed(settings.warm_up))?;
    let mut instructions = Counters::of_instructions(child.id()).ok();
    let before = child.mark()?;
    let phase = load.run(Until::Elapsed(cell.measured(settings)))?;
    let used = child.mark()?.since(before);
    let messages = phase.messages as f64;
    if let Some(counters) = &mut instructions {
        sample.insert(Metric::Instructions, counters.read()? as f64 / messages);
    }
    sample.insert(Metric::Rate, messages / phase.elapsed.as_secs_f64());
    add_usage(&mut sample, peer, used, messages);
    let percentiles = [(Metric::P50, 50.0), (Metric::P99, 99.0), (Metric::P999, 99.9)];
    for (metric, percentile) in percentiles {
        sample.insert(metric, phase.latencies.micros_at(percentile));
    }
    if phase.lost > 0 {
        sample.insert(Metric::Lost, phase.lost as f64);
    }
    if let Ok(mut counters) = Counters::of_system_calls(child.id()) {
        let phase = load.run(Until::Elapsed(settings.counted))?;
        let calls = counters.read()? as f64;
        sample.insert(Metric::SystemCalls, calls / phase.messages as f64);
    }
    Ok(sample)
}

fn run_alone(
    peer: Peer,
    child: &mut Child,
    alone: Alone,
    settings: &Settings,
) -> io::Result<Sample> {
    let mut sample = Sample::new();
    if alone == Alone::IdleTasks {
        // One batch of a fresh process: what it has grown to would hide in the next.
        let ran = child.run(Duration::ZERO)?;
        sample.insert(Metric::AllocatedBytes, ran.own_bytes as f64 / ran.operations as f64);
        return Ok(sample);
    }
    child.run(settings.warm_up)?;
    let mut instructions = Counters::of_instructions(child.id()).ok();
    let ran = child.run(settings.measured)?;
    let operations = ran.operations as f64;
    let timers = matches!(alone, Alone::TimerInsert | Alone::TimerCancel | Alone::TimerFire);
    if timers {
        // The other phases of a timer's life are in everything but its own measure.
        sample.insert(Metric::CpuNs, ran.own_ns as f64 / operations);
        sample.insert(Metric::Allocations, ran.own_allocations as f64 / operations);
        return Ok(sample);
    }
    if let Some(counters) = &mut instructions {
        sample.insert(Metric::Instructions, counters.read()? as f64 / operations);
    }
    sample.insert(Metric::Rate, operations / (ran.elapsed_ns as f64 / 1e9));
    add_usage(&mut sample, peer, ran.usage, operations);
    match alone {
        Alone::Reads(_) => {}
        Alone::ThreadWake => {
            sample.insert(Metric::P50, ran.own_ns as f64 / operations / 1e3);
        }
        // What the thread took, without making and unmaking what a batch needs.
        _ => {
            sample.insert(Metric::CpuNs, ran.own_ns as f64 / operations);
        }
    }
    if let Ok(mut counters) = Counters::of_system_calls(child.id()) {
        let ran = child.run(settings.counted)?;
        let calls = counters.read()? as f64;
        sample.insert(Metric::SystemCalls, calls / ran.operations as f64);
    }
    Ok(sample)
}

fn idle(child: &Child, connections: usize) -> io::Result<Sample> {
    let mut idle = Idle::new(child.address.parse().map_err(io::Error::other)?, SMALL);
    // What the first ones make the process grow by is there once, whatever comes.
    idle.open(connections / 10)?;
    let before = child.resident_bytes()?;
    idle.open(connections)?;
    let grown = child.resident_bytes()?.saturating_sub(before);
    Ok(Sample::from([(Metric::BytesPerConnection, grown as f64 / connections as f64)]))
}

fn add_usage(sample: &mut Sample, peer: Peer, used: Usage, operations: f64) {
    sample.insert(Metric::CpuNs, (used.user_ns + used.system_ns) as f64 / operations);
    sample.insert(Metric::UserNs, used.user_ns as f64 / operations);
    sample.insert(Metric::SystemNs, used.system_ns as f64 / operations);
    if peer.counts_allocations() {
        sample.insert(Metric::Allocations, used.allocations as f64 / operations);
    }
}
