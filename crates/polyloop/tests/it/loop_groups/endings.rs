use std::io::{Read, Write};
use std::net::TcpStream as Plain;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use polyloop::{Error, ErrorKind, Loop, LoopGroup, Spread, TcpStream, sleep};

use super::{PATIENCE, greeted, greeting, group, until};

const MS: Duration = Duration::from_millis(1);

#[test]
fn what_ends_in_time_is_let_run() {
    for spread in [Spread::Auto, Spread::RoundRobin] {
        let group = group(2);
        let server = group.server().spread(spread).start("127.0.0.1:0", |_| {
            |mut stream: TcpStream| async move {
                let mut word = [0; 4];
                stream.read_exact(&mut word).await?;
                sleep(50 * MS).await;
                stream.write_all(&word).await
            }
        });
        let address = server.as_ref().unwrap().local_addr();
        let mut streams: Vec<Plain> = (0..6).map(|_| Plain::connect(address).unwrap()).collect();
        let slow = group.spawn_on(1, || async {
            sleep(50 * MS).await;
            "done"
        });
        until("all were accepted", || group.accepted().iter().sum::<u64>() == 6);
        let stopper = std::thread::spawn(move || group.stop(PATIENCE));
        until("nobody listens", || Plain::connect(address).is_err());
        // What they answer comes after the stop has begun.
        for stream in &mut streams {
            stream.write_all(b"late").unwrap();
        }
        for stream in &mut streams {
            let mut answer = [0; 4];
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"late");
        }
        stopper.join().unwrap().unwrap();
        assert_eq!(slow.unwrap().wait().unwrap(), "done");
    }
}

#[test]
fn what_is_left_at_the_deadline_is_aborted_and_told() {
    let group = group(2);
    let server = group.server().spread(Spread::RoundRobin).start("127.0.0.1:0", greeting).unwrap();
    let mut streams: Vec<_> = (0..3).map(|_| greeted(server.local_addr())).collect();
    let endless = group.spawn_on(1, || std::future::pending::<()>()).unwrap();
    let begun = Instant::now();
    let error = group.stop(100 * MS).unwrap_err();
    assert!(begun.elapsed() >= 100 * MS);
    let ends: Vec<_> = error
        .ends()
        .iter()
        .map(|end| (end.index, end.aborted_tasks, end.aborted_connections))
        .collect();
    assert_eq!(ends, [(0, 0, 2), (1, 1, 1)], "{error}");
    assert!(
        error.to_string().contains("loop 1 (loop-1): aborted 1 tasks and 1 connections"),
        "{error}"
    );
    assert_eq!(Error::from(error).kind(), ErrorKind::TimedOut);
    assert!(endless.wait().unwrap_err().is_cancelled());
    for (stream, _) in &mut streams {
        let rest = stream.read(&mut [0; 8]);
        assert!(matches!(rest, Ok(0) | Err(_)), "{rest:?}");
    }
    // It is stopped, whoever asks again.
    group.stop(100 * MS).unwrap();
}

#[test]
fn a_loop_that_its_program_stops_is_told_when_the_group_is() {
    let group = group(2);
    let task = group.spawn_on(1, || async { Loop::current().unwrap().stop() }).unwrap();
    drop(task);
    until("the loop has ended", || group.handle(1).unwrap().is_closed());
    // The others live.
    assert_eq!(group.spawn_on(0, || async { 1 }).unwrap().wait().unwrap(), 1);
    let error = group.stop(PATIENCE).unwrap_err();
    let [end] = error.ends() else { panic!("{error}") };
    assert_eq!((end.index, end.failure.is_some()), (1, true), "{error}");
    assert!(error.to_string().contains("its loop ended"), "{error}");
}

#[test]
fn a_loop_that_cannot_start_says_why_and_the_others_end() {
    let (tell, told) = channel();
    let error = LoopGroup::builder()
        .loops(3)
        .on_start(move |index| {
            assert!(index != 1, "no luck");
            tell.send(index).unwrap();
        })
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("loop 1 of a group of 3"), "{error}");
    assert!(error.to_string().contains("no luck"), "{error}");
    // The sender is gone with the last of the threads.
    assert_eq!(told.iter().count(), 2);

    let error = LoopGroup::builder()
        .loops(2)
        .each_loop(|index, builder| match index {
            0 => builder,
            _ => builder.backend(polyloop::Backend::Custom(Arc::new(Refusing))),
        })
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("loop 1 of a group of 2"), "{error}");
}

/// Makes no loop.
struct Refusing;

impl polyloop_core::LoopFactory for Refusing {
    fn name(&self) -> &str {
        "refusing"
    }

    fn build(
        &self,
        _: &polyloop_core::LoopConfig,
    ) -> polyloop_core::Result<Box<dyn polyloop_core::EventLoop>> {
        Err(ErrorKind::Refused.into())
    }
}

#[test]
fn a_group_dropped_on_one_of_its_loops_ends() {
    let group = Arc::new(group(2));
    let handles: Vec<_> = (0..2).map(|index| group.handle(index).unwrap()).collect();
    let inner = group.clone();
    let ((go, gone), (tell, told)) = (channel::<()>(), channel());
    let task = group.spawn_on(0, move || async move {
        gone.recv().unwrap();
        drop(inner);
        tell.send("went on").unwrap();
    });
    drop(group);
    go.send(()).unwrap();
    drop(task);
    assert_eq!(told.recv_timeout(PATIENCE), Ok("went on"));
    until("both loops are closed", || handles.iter().all(|handle| handle.is_closed()));
}

#[test]
fn stopping_from_one_of_its_loops_is_refused_with_what_to_do() {
    let group = Arc::new(group(2));
    let inner = group.clone();
    let task = group.spawn_on(0, move || async move { drop(inner.stop(MS)) }).unwrap();
    let error = task.wait_timeout(PATIENCE).unwrap().unwrap_err();
    assert!(error.message().unwrap().contains("to_thread"), "{error}");
    let inner = group.clone();
    let task = group.spawn_on(0, move || async move {
        let serving =
            move || inner.serve("127.0.0.1:0", greeting).map(|server| server.local_addr());
        polyloop::to_thread(serving).await
    });
    assert!(task.unwrap().wait().unwrap().unwrap().is_ok());
    group.stop(PATIENCE).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_group_leaves_no_thread_and_no_descriptor_behind() {
    const ENVIRONMENT: &str = "POLYLOOP_TEST_GROUP_LEAVES_NOTHING";
    if std::env::var_os(ENVIRONMENT).is_some() {
        return leave_nothing();
    }
    // A process of its own, because the other tests come and go in this one.
    let (_, module) = module_path!().split_once("::").unwrap();
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .arg(format!("{module}::a_group_leaves_no_thread_and_no_descriptor_behind"))
        .args(["--exact", "--test-threads=1"])
        .env(ENVIRONMENT, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{output:?}");
}

#[cfg(target_os = "linux")]
fn leave_nothing() {
    let count = |what: &str| std::fs::read_dir(format!("/proc/self/{what}")).unwrap().count();
    let once = |round: usize| {
        let group = group(3);
        let spread = [Spread::ReusePort, Spread::RoundRobin, Spread::LeastConnections][round % 3];
        let server = group.server().spread(spread).start("127.0.0.1:0", greeting).unwrap();
        let streams: Vec<_> = (0..9).map(|_| greeted(server.local_addr())).collect();
        drop(group.spawn_on(round % 3, std::future::pending::<()>));
        match round % 4 {
            0 => drop(group),
            1 => drop(group.stop(Duration::ZERO)),
            2 => drop(group.stop(20 * MS)),
            _ => {
                drop(streams);
                drop(server);
                drop(group.stop(20 * MS));
            }
        }
    };
    // What is made once for the process is there after this.
    (0..12).for_each(once);
    let before = (count("task"), count("fd"));
    (0..24).for_each(once);
    // A thread that was joined may still be listed for a moment.
    until("all is as it was", || (count("task"), count("fd")) == before);
}
