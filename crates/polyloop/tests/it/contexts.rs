//! `ContextVar`: values that belong to a task and what it starts.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use polyloop::{
    Context, ContextVar, Error, Loop, Protocol, StreamReader, StreamWriter, Transport, all_tasks,
    call_later, call_soon, copy_context, create_connection, create_connection_with, create_future,
    create_server, create_task, create_task_in, new_event_loop, open_connection, sleep,
    start_server, timeout, yield_now,
};

use crate::run;

static NUMBER: ContextVar<u32> = ContextVar::new("number");
static WORD: ContextVar<String> = ContextVar::with_default("word", || "default".to_owned());

#[test]
fn a_variable_gives_its_value_its_default_or_nothing() {
    assert_eq!(NUMBER.get(), None);
    assert_eq!(WORD.get().as_deref(), Some("default"));
    assert_eq!(WORD.name(), "word");
    let mut context = Context::new();
    assert!(context.is_empty());
    context.run(|| {
        let token = WORD.set("one".to_owned());
        assert_eq!(token.old_value(), None, "the default is not a value");
        let inner = WORD.set("two".to_owned());
        assert_eq!(inner.old_value().as_deref(), Some("one"));
        WORD.with(|word| assert_eq!(word.unwrap(), "two"));
        WORD.reset(inner);
        assert_eq!(WORD.get().unwrap(), "one");
        WORD.reset(token);
        assert_eq!(WORD.get().unwrap(), "default");
        NUMBER.set(1);
    });
    assert_eq!((context.len(), context.get(&NUMBER)), (1, Some(1)));
    assert_eq!(NUMBER.get(), None, "the context was left");
}

#[test]
#[should_panic(expected = "not one of the variable")]
fn a_token_of_another_variable_is_refused() {
    let other = ContextVar::<u32>::new("other");
    let token = Context::new().run(|| other.set(1));
    NUMBER.reset(token);
}

#[test]
fn a_task_gets_a_copy_and_its_sets_do_not_leak() {
    run(async {
        NUMBER.set(1);
        let child = create_task(async {
            let mut seen = vec![NUMBER.get()];
            NUMBER.set(2);
            WORD.set("child".to_owned());
            yield_now().await;
            seen.push(NUMBER.get());
            sleep(Duration::from_millis(2)).await;
            seen.push(NUMBER.get());
            seen
        });
        NUMBER.set(3);
        yield_now().await;
        assert_eq!((NUMBER.get(), WORD.get().unwrap().as_str()), (Some(3), "default"));
        assert_eq!(child.context().get(&NUMBER), Some(2));
        assert_eq!(child.await.unwrap(), [Some(1), Some(2), Some(2)]);
        assert_eq!(NUMBER.get(), Some(3));
    });
    assert_eq!(NUMBER.get(), None, "the thread's own context is as it was");
}

#[test]
fn callbacks_run_in_the_context_in_which_they_were_scheduled() {
    run(async {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let log = |name: &'static str| {
            let seen = seen.clone();
            move || {
                seen.borrow_mut().push((name, NUMBER.get()));
                NUMBER.set(99);
            }
        };
        let future = create_future::<u8>();
        let task = create_task(async {});
        NUMBER.set(1);
        let soon = call_soon(log("soon"));
        NUMBER.set(2);
        let later = call_later(Duration::from_millis(1), log("later"));
        NUMBER.set(3);
        let (on_future, on_task) = (log("future"), log("task"));
        future.add_done_callback(move |_| on_future());
        NUMBER.set(4);
        task.add_done_callback(move |_| on_task());
        NUMBER.set(6);
        let on_view = log("view");
        all_tasks().last().unwrap().add_done_callback(move |_| on_view());
        NUMBER.set(5);
        future.set_result(1).unwrap();
        assert_eq!(soon.context().get(&NUMBER), Some(1));
        assert_eq!(later.context().get(&NUMBER), Some(2));
        sleep(Duration::from_millis(3)).await;
        let mut seen = seen.take();
        seen.sort_unstable();
        let expected = [("future", 3), ("later", 2), ("soon", 1), ("task", 4), ("view", 6)];
        assert_eq!(seen, expected.map(|(name, number)| (name, Some(number))));
        assert_eq!(NUMBER.get(), Some(5));
        assert_eq!(soon.context().get(&NUMBER), Some(1), "after it has run");
    });
}

#[test]
fn a_task_can_be_given_its_context() {
    run(async {
        NUMBER.set(1);
        let mut context = copy_context();
        context.run(|| NUMBER.set(2));
        let task = create_task_in(context.clone(), async { NUMBER.get() });
        assert!(task.created_at().file().ends_with("contexts.rs"));
        assert_eq!(task.await.unwrap(), Some(2));
        let empty = create_task_in(Context::new(), async { NUMBER.get() });
        assert_eq!(empty.await.unwrap(), None);
        assert_eq!(NUMBER.get(), Some(1));
    });
}

#[test]
fn a_cancelled_task_drops_its_future_in_its_context() {
    struct Seen(Rc<RefCell<Option<u32>>>);
    impl Drop for Seen {
        fn drop(&mut self) {
            self.0.replace(NUMBER.get());
        }
    }
    run(async {
        let seen = Rc::default();
        let guard = Seen(Rc::clone(&seen));
        let task = create_task(async move {
            let _guard = guard;
            NUMBER.set(6);
            std::future::pending::<()>().await;
        });
        yield_now().await;
        task.cancel();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(seen.take(), Some(6));
    });
}

#[test]
fn a_panic_leaves_the_context() {
    run(async {
        Loop::current().unwrap().set_exception_handler(|_| ());
        call_soon(|| {
            NUMBER.set(1);
            panic!("on purpose");
        });
        let task = create_task(async {
            NUMBER.set(2);
            panic!("on purpose");
        });
        assert!(task.await.is_err());
        assert_eq!(NUMBER.get(), None);
    });
    assert_eq!(NUMBER.get(), None);
}

#[test]
fn a_value_whose_destructor_uses_variables_is_dropped_outside_the_borrow() {
    struct Curious;
    impl Drop for Curious {
        fn drop(&mut self) {
            NUMBER.set(NUMBER.get().unwrap_or(0) + 1);
        }
    }
    static CURIOUS: ContextVar<Rc<Curious>> = ContextVar::new("curious");
    Context::new().run(|| {
        let token = CURIOUS.set(Rc::new(Curious));
        CURIOUS.set(Rc::new(Curious));
        assert_eq!(NUMBER.get(), Some(1));
        CURIOUS.reset(token);
        assert_eq!(NUMBER.get(), Some(2));
    });
    let events = new_event_loop().unwrap();
    events.run_until_complete(async { drop(CURIOUS.set(Rc::new(Curious))) }).unwrap();
    events.close();
}

#[test]
fn contexts_that_are_not_used_allocate_nothing() {
    let before = crate::allocations::allocations();
    let mut context = copy_context();
    context.run(|| assert_eq!(NUMBER.get(), None));
    drop(context.clone());
    assert_eq!(crate::allocations::allocations(), before);
}

/// What a protocol saw of `NUMBER` in each of its methods.
type Seen = Rc<RefCell<Vec<(&'static str, Option<u32>)>>>;

struct Seeing(Seen);

impl Seeing {
    fn see(&self, method: &'static str) {
        self.0.borrow_mut().push((method, NUMBER.get()));
    }
}

impl Protocol for Seeing {
    fn connection_made(&mut self, transport: &Transport) {
        self.see("made");
        NUMBER.set(NUMBER.get().unwrap_or(0) + 1);
        transport.write(b"hello");
    }

    fn data_received(&mut self, transport: &Transport, _: &[u8]) {
        self.see("data");
        transport.close();
    }

    fn connection_lost(&mut self, _: &Transport, _: Option<Error>) {
        self.see("lost");
    }
}

async fn until(mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), waiting).await.expect("in time");
}

/// As in asyncio: what creates a transport or a server gives it a copy of its context.
#[test]
fn a_protocol_runs_in_a_copy_of_the_context_of_its_creator() {
    run(async {
        let (here, there) = (Rc::new(RefCell::default()), Rc::new(RefCell::default()));
        NUMBER.set(10);
        let seen = there.clone();
        let server = create_server(move || Seeing(seen.clone()), "127.0.0.1:0").await.unwrap();
        NUMBER.set(20);
        let seen = here.clone();
        let address = server.local_addr().unwrap();
        let transport = create_connection(|| Seeing(seen), address).await.unwrap();
        assert_eq!(NUMBER.get(), Some(20), "what a protocol sets stays with it");
        NUMBER.set(30);
        until(|| here.borrow().len() + there.borrow().len() == 6).await;
        let of = |first| {
            vec![("made", Some(first)), ("data", Some(first + 1)), ("lost", Some(first + 1))]
        };
        assert_eq!(*here.borrow(), of(20));
        assert_eq!(*there.borrow(), of(10));
        // Each connection of a server begins with the same.
        create_connection(|| Seeing(Rc::default()), address).await.unwrap();
        until(|| there.borrow().len() == 6).await;
        assert_eq!(there.borrow()[3..], of(10));
        drop(transport);
        // Nothing was left behind for who runs in no context.
        let seen = create_task_in(Context::new(), async { NUMBER.get() }).await.unwrap();
        assert_eq!(seen, None);
    });
}

#[test]
fn a_protocol_that_sets_without_a_context_keeps_that_to_itself() {
    run(async {
        let (here, there) = (Rc::new(RefCell::default()), Rc::new(RefCell::default()));
        let seen = there.clone();
        let server = create_server(move || Seeing(seen.clone()), "127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap();
        let (seen, connected) = (here.clone(), Rc::new(RefCell::new(None)));
        NUMBER.set(5);
        let told = connected.clone();
        create_connection_with(
            || Seeing(seen),
            address,
            move |transport| *told.borrow_mut() = Some((NUMBER.get(), transport.is_ok())),
        )
        .unwrap();
        NUMBER.set(6);
        until(|| here.borrow().len() == 3 && there.borrow().len() == 3).await;
        assert_eq!(*connected.borrow(), Some((Some(5), true)));
        assert_eq!(here.borrow()[1], ("data", Some(6)));
        assert_eq!(*there.borrow(), [("made", None), ("data", Some(1)), ("lost", Some(1))]);
        let callback = Rc::new(RefCell::new(None));
        let seen = callback.clone();
        Context::new().run(|| call_soon(move || *seen.borrow_mut() = Some(NUMBER.get())));
        until(|| callback.borrow().is_some()).await;
        assert_eq!(*callback.borrow(), Some(None));
    });
}

#[test]
fn the_handlers_of_a_server_run_in_copies_of_its_creators_context() {
    run(async {
        NUMBER.set(1);
        let seen = Rc::new(RefCell::new(Vec::new()));
        let noted = seen.clone();
        let handler = move |_reader: StreamReader, _writer: StreamWriter| {
            let noted = noted.clone();
            async move {
                noted.borrow_mut().push(NUMBER.get());
                NUMBER.set(99);
            }
        };
        let server = start_server(handler, "127.0.0.1:0").await.unwrap();
        NUMBER.set(2);
        for _ in 0..2 {
            let (mut reader, _writer) =
                open_connection(server.local_addr().unwrap()).await.unwrap();
            assert_eq!(reader.read(1).await.unwrap(), b"");
        }
        assert_eq!(*seen.borrow(), [Some(1), Some(1)]);
        assert_eq!(NUMBER.get(), Some(2));
    });
}
