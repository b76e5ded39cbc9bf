//! Callbacks of descriptors: `add_reader`, `add_writer` and their removal.

use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{ErrorKind, Loop, WaitHook, sleep, yield_now};

use crate::run;

const MS: Duration = Duration::from_millis(1);

fn pair() -> (Rc<UnixStream>, UnixStream) {
    let (here, there) = UnixStream::pair().unwrap();
    (Rc::new(here), there)
}

fn events() -> Loop {
    Loop::current().unwrap()
}

/// Waits for a condition, in bounds.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..5000 {
        if holds() {
            return;
        }
        sleep(MS).await;
    }
    panic!("this did not come: {what}");
}

fn read_byte(stream: &UnixStream) -> u8 {
    let mut byte = [0];
    (&*stream).read_exact(&mut byte).unwrap();
    byte[0]
}

/// Counts calls.
#[derive(Clone, Default)]
struct Calls(Rc<Cell<u32>>);

impl Calls {
    fn add(&self) {
        self.0.set(self.0.get() + 1);
    }

    fn count(&self) -> u32 {
        self.0.get()
    }

    fn counting(&self) -> impl FnMut() + 'static {
        let calls = self.clone();
        move || calls.add()
    }
}

#[test]
fn a_reader_is_called_again_while_there_is_something_to_read() {
    run(async {
        let (here, mut there) = pair();
        let read = Rc::new(RefCell::new(Vec::new()));
        let (stream, log) = (here.clone(), read.clone());
        events()
            .add_reader(&here, move || {
                let byte = read_byte(&stream);
                log.borrow_mut().push(byte);
            })
            .unwrap();
        for text in [&b"abcdef"[..], b"g"] {
            there.write_all(text).unwrap();
            let wanted = read.borrow().len() + text.len();
            until("every byte", || read.borrow().len() == wanted).await;
        }
        sleep(5 * MS).await;
        assert_eq!(*read.borrow(), b"abcdefg", "a call without anything to read would block");
        assert!(events().remove_reader(&here));
    });
}

#[test]
fn one_call_is_made_in_an_iteration() {
    run(async {
        let (here, mut there) = pair();
        there.write_all(b"stays").unwrap();
        let calls = Calls::default();
        events().add_reader(&here, calls.counting()).unwrap();
        until("the first call", || calls.count() > 0).await;
        for _ in 0..50 {
            let before = calls.count();
            yield_now().await;
            assert!(calls.count() <= before + 1);
        }
        until("many calls", || calls.count() > 20).await;
        assert!(events().remove_reader(&here));
    });
}

#[test]
fn reader_and_writer_of_one_descriptor_are_independent() {
    run(async {
        let (here, mut there) = pair();
        let (reads, writes) = (Calls::default(), Calls::default());
        events().add_reader(&here, reads.counting()).unwrap();
        events().add_writer(&here, writes.counting()).unwrap();
        until("writable", || writes.count() > 2).await;
        assert_eq!(reads.count(), 0);
        assert!(events().remove_writer(&here));
        assert!(!events().remove_writer(&here));
        let writes_then = writes.count();
        there.write_all(b"x").unwrap();
        until("readable", || reads.count() > 2).await;
        assert_eq!(writes.count(), writes_then);
        assert!(events().remove_reader(&here));
        let reads_then = reads.count();
        sleep(5 * MS).await;
        assert_eq!(reads.count(), reads_then, "it was removed");
        assert!(!events().remove_reader(&here));
    });
}

#[test]
fn a_full_socket_becomes_writable_when_the_peer_reads() {
    run(async {
        let (here, mut there) = pair();
        here.set_nonblocking(true).unwrap();
        let piece = [0; 4096];
        let mut sent = 0;
        while let Ok(count) = (&*here).write(&piece) {
            sent += count;
        }
        let calls = Calls::default();
        events().add_writer(&here, calls.counting()).unwrap();
        sleep(5 * MS).await;
        assert_eq!(calls.count(), 0);
        let mut all = vec![0; sent];
        there.read_exact(&mut all).unwrap();
        until("room", || calls.count() > 0).await;
        events().remove_writer(&here);
    });
}

#[test]
fn adding_again_replaces_also_from_inside() {
    run(async {
        let (here, mut there) = pair();
        let (old, new) = (Calls::default(), Calls::default());
        events().add_reader(&here, old.counting()).unwrap();
        events().add_reader(&here, new.counting()).unwrap();
        assert_eq!(Rc::strong_count(&old.0), 1, "the old function is dropped");
        there.write_all(b"x").unwrap();
        until("the new one is called", || new.count() > 0).await;
        assert_eq!(old.count(), 0);

        let (first, second) = (Calls::default(), Calls::default());
        let (source, count, next) = (here.clone(), first.clone(), second.clone());
        let swap = move || {
            count.add();
            events().add_reader(&source, next.counting()).unwrap();
        };
        events().add_reader(&here, swap).unwrap();
        until("the second is called", || second.count() > 1).await;
        assert_eq!(first.count(), 1);
        assert_eq!(Rc::strong_count(&first.0), 1);
        assert!(events().remove_reader(&here));
        assert!(!events().remove_reader(&here));
    });
}

#[test]
fn a_callback_can_remove_itself_and_one_that_is_due() {
    run(async {
        let (one, mut write_one) = pair();
        let (other, mut write_other) = pair();
        write_one.write_all(b"x").unwrap();
        write_other.write_all(b"x").unwrap();
        let calls = Calls::default();
        for source in [&one, &other] {
            let (one, other, count) = (one.clone(), other.clone(), calls.clone());
            let remove_both = move || {
                count.add();
                assert!(events().remove_reader(&one));
                assert!(events().remove_reader(&other));
            };
            events().add_reader(source, remove_both).unwrap();
        }
        until("the first call", || calls.count() > 0).await;
        sleep(5 * MS).await;
        assert_eq!(calls.count(), 1, "the other was due, and was removed");
        assert_eq!(Rc::strong_count(&calls.0), 1, "the functions are dropped");
        until("nothing is left", || events().census().resources == 0).await;
    });
}

#[test]
fn a_panic_is_reported_and_watching_goes_on() {
    run(async {
        let reported = Calls::default();
        let count = reported.clone();
        events().set_exception_handler(move |context| {
            assert_eq!(context.panic, "in a callback");
            count.add();
        });
        let (here, mut there) = pair();
        let stream = here.clone();
        events()
            .add_reader(&here, move || {
                read_byte(&stream);
                panic!("in a callback");
            })
            .unwrap();
        there.write_all(b"xyz").unwrap();
        until("three reports", || reported.count() == 3).await;
        assert!(events().remove_reader(&here));
        events().clear_exception_handler();
    });
}

#[test]
fn regular_files_and_directories_are_refused() {
    run(async {
        for path in ["Cargo.toml", "src"] {
            let file = std::fs::File::open(path).unwrap();
            let error = events().add_reader(&file, || {}).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::PermissionDenied));
            assert!(error.to_string().contains("regular file"), "{error}");
            events().add_writer(&file, || {}).unwrap_err();
            assert!(!events().remove_reader(&file));
        }
        assert_eq!(events().census().resources, 0);
    });
}

#[test]
fn pipes_and_devices_can_be_watched() {
    run(async {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let calls = Calls::default();
        events().add_reader(&reader, calls.counting()).unwrap();
        let writable = Calls::default();
        events().add_writer(&writer, writable.counting()).unwrap();
        until("room in the pipe", || writable.count() > 0).await;
        assert_eq!(calls.count(), 0);
        writer.write_all(b"x").unwrap();
        until("bytes in the pipe", || calls.count() > 0).await;
        events().remove_reader(&reader);
        events().remove_writer(&writer);
    });
}

/// Counts how often the loop waits.
#[derive(Default)]
struct Waits(Cell<u32>);

impl WaitHook for Waits {
    fn before_wait(&self, _until: polyloop::Time) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn a_descriptor_that_its_owner_closed_is_no_hot_loop() {
    run(async {
        let (here, _there) = pair();
        let calls = Calls::default();
        events().add_reader(&here, calls.counting()).unwrap();
        drop(here);
        let waits = Rc::new(Waits::default());
        events().add_wait_hook(waits.clone());
        sleep(100 * MS).await;
        assert!(waits.0.get() < 20, "the loop woke up {} times", waits.0.get());
        assert_eq!(calls.count(), 0);
    });
}

#[test]
fn a_hang_up_is_told_until_it_is_removed() {
    run(async {
        let (here, there) = pair();
        let calls = Calls::default();
        events().add_reader(&here, calls.counting()).unwrap();
        drop(there);
        until("several calls", || calls.count() > 3).await;
        assert!(events().remove_reader(&here));
        let then = calls.count();
        sleep(5 * MS).await;
        assert_eq!(calls.count(), then);
    });
}

#[test]
fn a_number_that_is_used_again_is_anothers() {
    run(async {
        let (old, mut write_old) = pair();
        let (new, mut write_new) = pair();
        let (old_calls, new_calls) = (Calls::default(), Calls::default());
        events().add_reader(&old, old_calls.counting()).unwrap();
        // The new socket takes the number of the old one.
        let mut number = std::rc::Rc::into_inner(old).map(std::os::fd::OwnedFd::from).unwrap();
        rustix::io::dup2(&new, &mut number).unwrap();
        write_new.write_all(b"x").unwrap();
        sleep(5 * MS).await;
        assert_eq!(old_calls.count(), 0, "the new socket is not the old one's");
        write_old.write_all(b"x").unwrap();
        until("the old one's call", || old_calls.count() > 0).await;
        events().add_reader(&number, new_calls.counting()).unwrap();
        assert_eq!(Rc::strong_count(&old_calls.0), 1);
        until("the new one's call", || new_calls.count() > 0).await;
        assert!(events().remove_reader(&number));
    });
}

#[test]
fn io_and_timers_go_on_beside_a_descriptor_that_is_always_ready() {
    run(async {
        let (here, _there) = pair();
        let calls = Calls::default();
        events().add_writer(&here, calls.counting()).unwrap();
        sleep(20 * MS).await;
        let (server, mut client) = pair();
        let heard = Calls::default();
        events().add_reader(&server, heard.counting()).unwrap();
        client.write_all(b"x").unwrap();
        until("the other descriptor", || heard.count() > 0).await;
        assert!(calls.count() > 1);
        events().remove_writer(&here);
        events().remove_reader(&server);
    });
}

#[test]
fn the_loops_end_drops_what_is_watched() {
    let calls = Calls::default();
    let (here, _there) = pair();
    let events = polyloop::new_event_loop().unwrap();
    let (count, inner) = (calls.clone(), events.clone());
    let circle = move || {
        count.add();
        inner.stop();
    };
    events.add_writer(&here, circle).unwrap();
    events.run_forever().unwrap();
    assert_eq!(calls.count(), 1);
    events.close();
    assert_eq!(Rc::strong_count(&calls.0), 1);
    let error = events.add_writer(&here, || {}).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LoopClosed);
    assert!(!events.remove_writer(&here));
}

#[test]
fn a_callback_has_the_context_in_which_it_was_added() {
    static PLACE: std::sync::LazyLock<polyloop::ContextVar<u8>> =
        std::sync::LazyLock::new(|| polyloop::ContextVar::new("place"));
    run(async {
        let (here, mut there) = pair();
        let seen = Rc::new(Cell::new(0));
        let _token = PLACE.set(7);
        let (log, stream) = (seen.clone(), here.clone());
        events()
            .add_reader(&here, move || {
                read_byte(&stream);
                log.set(PLACE.get().unwrap_or(0));
            })
            .unwrap();
        let _token = PLACE.set(8);
        there.write_all(b"x").unwrap();
        until("the call", || seen.get() != 0).await;
        assert_eq!(seen.get(), 7);
        events().remove_reader(&here);
    });
}
