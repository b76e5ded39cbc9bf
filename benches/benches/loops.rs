//! How a server grows with the loops of its group: it in one process, the load on one loop in another.
//!
//!     cargo bench -p polyloop-benches --bench loops -- [--seconds S] [--rounds R] [--loops 1,2,4]
//!
//! For each number of loops: messages or connections a second, and the server's CPU time for each, in rounds that are
//! interleaved. On a machine with few processors, the load takes its share of them, so read the
//! CPU time: what it grows by with the loops is what they cost each other.

#![allow(missing_docs, reason = "a program")]
#![forbid(unsafe_code)]

#[cfg(target_os = "linux")]
mod linux {
    use std::cell::Cell;
    use std::hint::black_box;
    use std::io::{BufRead, BufReader, Read};
    use std::net::SocketAddr;
    use std::process::{Child, Command, Stdio};
    use std::rc::Rc;
    use std::time::{Duration, Instant};

    use polyloop::{Error, LoopGroup, Result, Runner, Spread, TcpStream, create_task};

    const SERVER: &str = "POLYLOOP_BENCH_LOOPS_SERVER";
    const CONNECTIONS: usize = 64;
    const MESSAGE: usize = 64;

    /// What is asked of the server.
    struct Row {
        name: &'static str,
        spread: Spread,
        /// Rounds of arithmetic for each message; a thousand are about a microsecond.
        arithmetic: u64,
        /// Whether each message has a connection of its own.
        reconnects: bool,
    }

    const ROWS: [Row; 4] = [
        Row { name: "echo", spread: Spread::ReusePort, arithmetic: 0, reconnects: false },
        Row {
            name: "echo and arithmetic",
            spread: Spread::ReusePort,
            arithmetic: 50_000,
            reconnects: false,
        },
        Row {
            name: "connect, shared port",
            spread: Spread::ReusePort,
            arithmetic: 0,
            reconnects: true,
        },
        Row {
            name: "connect, handed over",
            spread: Spread::RoundRobin,
            arithmetic: 0,
            reconnects: true,
        },
    ];

    /// What a server was measured doing.
    struct Measured {
        per_second: f64,
        cpu_us: f64,
    }

    pub(super) fn main() -> Result<()> {
        if let Ok(plan) = std::env::var(SERVER) {
            return serve(&plan);
        }
        let arguments: Vec<String> = std::env::args().collect();
        let value = |name: &str, default: &str| {
            let at = arguments.iter().position(|argument| argument == name);
            at.and_then(|at| arguments.get(at + 1)).cloned().unwrap_or_else(|| default.to_owned())
        };
        let number =
            |name: &str, default| value(name, default).parse::<u32>().map_err(Error::other);
        let (seconds, rounds) = (number("--seconds", "2")?, number("--rounds", "5")?);
        let loops: Vec<u32> = value("--loops", "1,2,4")
            .split(',')
            .map(|loops| loops.parse().map_err(Error::other))
            .collect::<Result<_>>()?;
        println!("| what | loops | a second | server's CPU, us each | CPU against one loop |");
        println!("|---|---|---|---|---|");
        for row in &ROWS {
            let mut measured: Vec<Vec<Measured>> = loops.iter().map(|_| Vec::new()).collect();
            for _ in 0..rounds {
                for (index, loops) in loops.iter().enumerate() {
                    measured[index].push(measure(
                        row,
                        *loops,
                        Duration::from_secs(seconds.into()),
                    )?);
                }
            }
            let ratio = |index: usize| {
                let pairs = measured[index].iter().zip(&measured[0]);
                median(pairs.map(|(this, first)| this.cpu_us / first.cpu_us).collect())
            };
            for (index, loops) in loops.iter().enumerate() {
                let per_second = median(measured[index].iter().map(|it| it.per_second).collect());
                let cpu_us = median(measured[index].iter().map(|it| it.cpu_us).collect());
                let (name, ratio) = (row.name, ratio(index));
                println!("| {name} | {loops} | {per_second:.0} | {cpu_us:.2} | {ratio:.2} |");
            }
        }
        Ok(())
    }

    fn median(mut values: Vec<f64>) -> f64 {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    }

    /// Serves until standard input ends.
    fn serve(plan: &str) -> Result<()> {
        let numbers: Vec<u64> = plan.split(' ').map(|word| word.parse().unwrap_or(0)).collect();
        let [loops, in_turn, arithmetic] = numbers[..] else { return Err(Error::other("no plan")) };
        let spread = if in_turn == 1 { Spread::RoundRobin } else { Spread::ReusePort };
        let group = LoopGroup::builder().loops(loops as usize).build()?;
        let server = group.server().spread(spread).start("127.0.0.1:0", move |_| {
            move |stream: TcpStream| async move {
                // The load resets its connections.
                drop(echo(stream, arithmetic).await);
            }
        })?;
        println!("{} {}", server.local_addr(), group.backend_info(0)?.name());
        std::io::stdin().read_to_end(&mut Vec::new())?;
        // Connections that are left are no failure here.
        drop(group.stop(Duration::ZERO));
        Ok(())
    }

    async fn echo(mut stream: TcpStream, arithmetic: u64) -> Result<()> {
        while let Some(chunk) = stream.read_chunk().await? {
            let mut state = u64::from(chunk[0]) + 1;
            for _ in 0..arithmetic {
                state ^= state << 13;
                state ^= state >> 7;
            }
            black_box(state);
            stream.write_all(&chunk).await?;
        }
        Ok(())
    }

    fn measure(row: &Row, loops: u32, during: Duration) -> Result<Measured> {
        let in_turn = u8::from(row.spread == Spread::RoundRobin);
        let mut child = Command::new(std::env::current_exe()?)
            .env(SERVER, format!("{loops} {in_turn} {}", row.arithmetic))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = child.stdout.take().ok_or_else(|| Error::other("no output"))?;
        BufReader::new(output).read_line(&mut line)?;
        let address = line.split(' ').next().unwrap_or_default().parse().map_err(Error::other)?;
        let measured = load(&child, address, row.reconnects, during);
        drop(child.stdin.take());
        child.wait()?;
        measured
    }

    /// Puts the server under load, and looks at its CPU time once all connections are busy.
    fn load(
        child: &Child,
        address: SocketAddr,
        reconnects: bool,
        during: Duration,
    ) -> Result<Measured> {
        let id = child.id();
        Runner::new()?.run(async move {
            let done = Rc::new(Cell::new(0_u64));
            for _ in 0..CONNECTIONS {
                let done = done.clone();
                create_task(async move {
                    if let Err(error) = ask(address, reconnects, &done).await {
                        eprintln!("a connection ended: {error}");
                    }
                })
                .detach();
            }
            polyloop::sleep(during / 5).await;
            let (begun, before, cpu) = (Instant::now(), done.get(), cpu_us(id)?);
            polyloop::sleep(during).await;
            let count = (done.get() - before) as f64;
            let cpu_us = (cpu_us(id)? - cpu) / count;
            Ok(Measured { per_second: count / begun.elapsed().as_secs_f64(), cpu_us })
        })?
    }

    async fn ask(address: SocketAddr, reconnects: bool, done: &Cell<u64>) -> Result<()> {
        let mut buf = [7; MESSAGE];
        loop {
            let mut stream = TcpStream::connect(address).await?;
            // Else the ports run out, each waiting for a minute.
            stream.set_linger(Some(Duration::ZERO))?;
            loop {
                stream.write_all(&buf).await?;
                stream.read_exact(&mut buf).await?;
                done.set(done.get() + 1);
                if reconnects {
                    break;
                }
            }
        }
    }

    /// Reads how long a process has run on any processor: proc(5), in hundredths of a second.
    fn cpu_us(id: u32) -> Result<f64> {
        let text = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
        let after_name = text.rsplit(')').next().unwrap_or_default();
        let fields: Vec<f64> =
            after_name.split_whitespace().map(|field| field.parse().unwrap_or(0.0)).collect();
        Ok((fields[11] + fields[12]) * 10_000.0)
    }
}

#[cfg(target_os = "linux")]
fn main() -> polyloop::Result<()> {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("skipped: the CPU time of another process is read as Linux gives it");
}
