//! Counters of the kernel and the processor, put on a child from outside.

use std::io;

use perf_event::events::{Hardware, Tracepoint};
use perf_event::{Builder, Counter};

/// Where the kernel shows its tracepoints; the second is the older place.
const TRACING: [&str; 2] = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/// Counts something in every thread of a process, those to come included.
pub(crate) struct Counters {
    threads: Vec<Counter>,
}

impl Counters {
    /// Counts system calls. Every process pays for each call as long as this exists.
    pub(crate) fn of_system_calls(process: u32) -> io::Result<Counters> {
        let point = Tracepoint::with_id(system_call_tracepoint()?);
        Counters::open(process, || Builder::new(point), true)
    }

    /// Counts instructions outside of the kernel.
    pub(crate) fn of_instructions(process: u32) -> io::Result<Counters> {
        Counters::open(process, || Builder::new(Hardware::INSTRUCTIONS), false)
    }

    fn open<'a>(
        process: u32,
        builder: impl Fn() -> Builder<'a>,
        in_kernel: bool,
    ) -> io::Result<Counters> {
        let mut threads = Vec::new();
        for entry in std::fs::read_dir(format!("/proc/{process}/task"))? {
            let Some(thread) = entry?.file_name().to_str().and_then(|id| id.parse().ok()) else {
                continue;
            };
            let mut builder = builder();
            builder.observe_pid(thread).any_cpu().inherit(true);
            // A tracepoint is in the kernel; instructions are counted outside of it.
            builder.exclude_kernel(!in_kernel);
            let mut counter = builder.build()?;
            counter.enable()?;
            threads.push(counter);
        }
        Ok(Counters { threads })
    }

    /// Gives the sum so far.
    pub(crate) fn read(&mut self) -> io::Result<u64> {
        self.threads.iter_mut().map(Counter::read).sum()
    }
}

/// Says why system calls cannot be counted, if so.
pub(crate) fn system_calls_refusal() -> Option<String> {
    let own = Counters::of_system_calls(std::process::id());
    own.err().map(|error| format!("the kernel's tracepoint cannot be used ({error})"))
}

/// Tells whether the processor counts instructions for us.
pub(crate) fn counts_instructions() -> bool {
    let own = Counters::of_instructions(std::process::id());
    own.and_then(|mut counters| counters.read()).is_ok_and(|count| count > 0)
}

fn system_call_tracepoint() -> io::Result<u64> {
    let id = |place: &&str| {
        let path = format!("{place}/events/raw_syscalls/sys_enter/id");
        std::fs::read_to_string(path).ok()?.trim().parse().ok()
    };
    TRACING.iter().find_map(id).ok_or_else(|| io::Error::other("there is no tracing here"))
}
