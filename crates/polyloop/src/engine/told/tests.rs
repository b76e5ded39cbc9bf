use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use polyloop_core::{Interest, Key, LoopConfig, Op, OpenSpec, Output};

use super::OnCompletion;
use crate::backend::Backend;
use crate::callback;
use crate::engine::{Begun, Engine, Ready, WaitId};

/// Notes its name when it is called, and gives another entry up.
struct Noting {
    name: &'static str,
    log: Rc<RefCell<Vec<String>>>,
    gives_up: Cell<Option<WaitId>>,
}

impl OnCompletion for Noting {
    fn on_completion(self: Rc<Self>, engine: &Rc<Engine>, id: WaitId) {
        let completion = engine.take_completed(id).expect("it is called for a completion");
        assert!(matches!(completion.result, Ok(Output::Ready(_))), "{completion:?}");
        self.log.borrow_mut().push(self.name.to_owned());
        if let Some(other) = self.gives_up.take() {
            engine.abandon(other);
        }
    }
}

/// A loop with a pipe that nothing was written to, and a log.
struct Scene {
    engine: Rc<Engine>,
    read: Key,
    write: Key,
    log: Rc<RefCell<Vec<String>>>,
}

impl Scene {
    fn new() -> Scene {
        let engine = Engine::new(&Backend::Auto, &LoopConfig::default()).unwrap();
        let opened = match engine.begin(Op::Open { spec: Box::new(OpenSpec::Pipe) }) {
            Begun::Done(completion) => completion,
            Begun::Waiting(id) => (0..100)
                .find_map(|_| {
                    engine.iterate(engine.now() + Duration::from_millis(100));
                    engine.take_completed(id)
                })
                .expect("a pipe is made"),
        };
        let Ok(Output::OpenedPair { read, write }) = opened.result else { panic!("{opened:?}") };
        Scene { engine, read, write, log: Rc::default() }
    }

    fn poll(&self, name: &'static str) -> (WaitId, Rc<Noting>) {
        let op = Op::Poll { key: self.read, interest: Interest::READABLE };
        let Begun::Waiting(id) = self.engine.begin(op) else { panic!("nothing is there yet") };
        let noting = Rc::new(Noting { name, log: self.log.clone(), gives_up: Cell::default() });
        self.engine.call_on(id, noting.clone());
        (id, noting)
    }

    fn write(&self) {
        let bytes: &[u8] = b"x";
        self.engine.submit_and_forget(Op::Send { key: self.write, buffer: bytes.into() });
    }

    /// Iterates until there are `count` entries in the log, and once more.
    fn run_until(&self, count: usize) {
        for _ in 0..100 {
            if self.log.borrow().len() >= count {
                break;
            }
            self.engine.iterate(self.engine.now() + Duration::from_millis(100));
        }
        self.engine.iterate(self.engine.now());
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.engine.close(Duration::from_secs(1));
    }
}

#[test]
fn handlers_are_called_in_their_place_in_the_ready_queue() {
    let scene = Scene::new();
    let (_, first) = scene.poll("polled");
    scene.poll("polled");
    scene.write();
    let log = scene.log.clone();
    let noting = callback::once(move || log.borrow_mut().push("callback".to_owned()));
    scene.engine.push_ready(Ready::Callback(noting));
    scene.run_until(3);
    assert_eq!(*scene.log.borrow(), ["callback", "polled", "polled"]);
    assert_eq!(Rc::strong_count(&first), 1, "the entry is gone with its completion");
}

#[test]
fn an_entry_that_was_given_up_calls_nobody() {
    let scene = Scene::new();
    let (one, first) = scene.poll("polled");
    let (other, second) = scene.poll("polled");
    // Whichever is called first: by then the call of the other is in the ready queue behind it.
    first.gives_up.set(Some(other));
    second.gives_up.set(Some(one));
    scene.write();
    scene.run_until(1);
    assert_eq!(*scene.log.borrow(), ["polled"]);
    assert_eq!((Rc::strong_count(&first), Rc::strong_count(&second)), (1, 1), "nothing holds them");
}
