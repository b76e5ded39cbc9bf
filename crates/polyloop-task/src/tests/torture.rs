//! Everything at once and at random, from inside of everything that is called back: for the tools that look for wrong
//! uses of memory.

mod shapes;

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::mpsc::{self, Sender};
use std::task::{Context, Poll, Waker};
use std::thread;

use shapes::{A16, A128, Check, Empty, Thing};

use super::OwnHome;
use crate::{
    Body, Home, LocalWaker, Onlooker, OutputRef, Record, Running, TaskQueue, TaskRef, WakerTable,
    Woken,
};

/// Actions that are begun inside of others.
const DEPTH_MAX: u32 = 4;

#[derive(Default)]
struct World {
    random: Cell<u64>,
    depth: Cell<u32>,
    homes: RefCell<Vec<Home>>,
    running: RefCell<Vec<Running>>,
    tasks: RefCell<Vec<TaskRef<Random>>>,
    outputs: RefCell<Vec<Box<dyn AnyOutput>>>,
    wakers: RefCell<Vec<Waker>>,
    locals: RefCell<Vec<LocalWaker<Random>>>,
    queues: [TaskQueue<Random>; 3],
    elsewhere: RefCell<Option<Sender<Waker>>>,
    own_homes: RefCell<Vec<OwnHome>>,
}

thread_local! {
    static WORLD: World = World::default();
}

static INBOX: Mutex<Vec<(Home, Woken<Random>)>> = Mutex::new(Vec::new());

impl World {
    fn random(&self, below: u64) -> u64 {
        let next = self.random.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        self.random.set(next);
        (next >> 33) % below
    }

    /// Takes any of a list.
    fn take<T>(&self, list: &RefCell<Vec<T>>) -> Option<T> {
        let mut list = list.borrow_mut();
        let len = list.len() as u64;
        (len > 0).then(|| list.swap_remove(self.random(len) as usize))
    }

    fn queue(&self) -> &TaskQueue<Random> {
        &self.queues[self.random(3) as usize]
    }
}

fn world<T>(call: impl FnOnce(&World) -> T) -> Option<T> {
    WORLD.try_with(call).ok()
}

/// Does something, and perhaps panics.
fn act(may_panic: bool) {
    let panics = world(|world| {
        if world.depth.get() >= DEPTH_MAX {
            return false;
        }
        world.depth.set(world.depth.get() + 1);
        let _leave = Leave;
        for _ in 0..world.random(3) {
            act_once(world);
        }
        may_panic && world.random(12) == 0
    });
    assert!(panics != Some(true) || thread::panicking(), "as wanted");
}

struct Leave;

impl Drop for Leave {
    fn drop(&mut self) {
        world(|world| world.depth.set(world.depth.get() - 1));
    }
}

fn act_once(world: &World) {
    match world.random(24) {
        0 => spawn(world),
        1 => drop(world.take(&world.tasks)),
        2 => drop(world.take(&world.outputs)),
        3 => drop(world.take(&world.wakers)),
        4 => drop(world.take(&world.locals)),
        5 | 6 => {
            if let Some(task) = world.take(&world.tasks) {
                task.run();
            }
        }
        7 | 8 => {
            if let Some(task) = world.queue().pop() {
                task.run();
            }
        }
        9 => {
            if let Some(task) = world.take(&world.tasks) {
                task.abandon();
                world.tasks.borrow_mut().push(task);
            }
        }
        10 | 11 => {
            if let Some(task) = world.take(&world.tasks) {
                task.wake();
                world.queue().push(task);
            }
        }
        12 => {
            if let Some(waker) = world.take(&world.wakers) {
                waker.wake();
            }
        }
        13 => {
            if let Some(local) = world.take(&world.locals) {
                local.wake();
            }
        }
        14 => {
            if let Some(waker) = world.take(&world.wakers) {
                if let Some(local) = LocalWaker::of(&waker) {
                    world.locals.borrow_mut().push(local);
                }
                let clone = waker.clone();
                world.wakers.borrow_mut().extend([waker, clone]);
            }
        }
        15 | 16 => {
            let Some(waker) = world.take(&world.wakers) else { return };
            if let Some(elsewhere) = &*world.elsewhere.borrow() {
                elsewhere.send(waker).expect("it is there");
            }
        }
        17 => {
            let (one, other) = (world.queue(), world.queue());
            one.append(other);
        }
        18 => {
            if let Some(task) = world.take(&world.tasks) {
                task.set_note(Note("set", [9; 5]));
                assert!(task.note().is_none_or(|note| note == Note("set", [9; 5])));
                world.wakers.borrow_mut().push(task.waker());
                world.locals.borrow_mut().push(task.local_waker());
                world.tasks.borrow_mut().push(task.clone());
                assert!(task.name.len() == 4);
            }
        }
        19 => come_home(world),
        20 => drop(world.take(&world.running)),
        21 => {
            let home = world.homes.borrow()[world.random(2) as usize];
            if home.is_here() {
                world.running.borrow_mut().push(home.run());
            }
        }
        _ => {
            let Some(mut output) = world.take(&world.outputs) else { return };
            output.use_it();
            world.outputs.borrow_mut().push(output);
        }
    }
}

fn come_home(world: &World) {
    let homes = world.homes.borrow().clone();
    let mut inbox = INBOX.lock().expect("nothing panics with it");
    let posted: Vec<_> = inbox.extract_if(.., |(home, _)| homes.contains(home)).collect();
    drop(inbox);
    for (_, woken) in posted {
        world.tasks.borrow_mut().extend(woken.task());
        // It comes back where its home is closed.
        drop(woken.wake());
    }
}

/// A spawned task's output, whatever it is.
trait AnyOutput {
    fn use_it(&mut self);
}

struct Watched<O>(OutputRef<O, Random>, Onlooker<O, Random>);

impl<O: Check> AnyOutput for Watched<O> {
    fn use_it(&mut self) {
        if let Some(output) = self.0.output() {
            output.check();
            act(false);
            output.check();
        }
        self.1.look(|output| {
            output.check();
            act(true);
            assert!(self.0.take().is_none(), "it is looked at");
            output.check();
        });
        if world(|world| world.random(3)) == Some(0) {
            let taken = self.0.take();
            act(true);
            drop(taken);
        }
    }
}

struct Polled<B, O>(B, fn() -> O);

impl<B: Check + 'static, O: Check + 'static> Body<Random> for Polled<B, O> {
    type Output = O;

    fn poll(self: Pin<&mut Self>, task: &TaskRef<Random>, cx: &mut Context<'_>) -> Poll<O> {
        self.0.check();
        assert!(task.is_running() && !task.abandon());
        world(|world| match world.random(6) {
            0 => cx.waker().wake_by_ref(),
            1 => world.wakers.borrow_mut().push(cx.waker().clone()),
            2 => world.locals.borrow_mut().extend(LocalWaker::of(cx.waker())),
            3 => world.tasks.borrow_mut().push(task.clone()),
            4 => thread::scope(|scope| {
                let waker = cx.waker();
                scope.spawn(move || waker.wake_by_ref());
                scope.spawn(move || drop(waker.clone()));
            }),
            _ => {}
        });
        act(true);
        self.0.check();
        let ready = world(|world| world.random(3) == 0) == Some(true);
        if ready { Poll::Ready((self.1)()) } else { Poll::Pending }
    }

    fn abandon(self: Pin<&mut Self>, _: &TaskRef<Random>) -> O {
        act(true);
        self.0.check();
        (self.1)()
    }

    fn last_look(output: O, record: &Random, _: Home, _: u16) {
        act(true);
        output.check();
        assert_eq!(record.name, "name");
    }
}

struct Random {
    name: String,
}

#[derive(Clone, Copy, PartialEq, Debug)]
struct Note(&'static str, [u64; 5]);

impl Default for Note {
    fn default() -> Note {
        act(true);
        Note("note", [5; 5])
    }
}

impl Drop for Random {
    fn drop(&mut self) {
        act(true);
        assert_eq!(self.name, "name");
    }
}

impl Record for Random {
    type Note = Note;

    fn wakers() -> &'static WakerTable<Random> {
        static WAKERS: WakerTable<Random> = WakerTable::new();
        &WAKERS
    }

    fn ready(task: TaskRef<Random>) {
        act(true);
        world(|world| world.queue().push(task));
    }

    fn post(home: Home, woken: Woken<Random>) {
        INBOX.lock().expect("nothing panics with it").push((home, woken));
    }

    fn ended(_: &TaskRef<Random>) {
        act(true);
    }
}

fn spawn(world: &World) {
    match world.random(8) {
        0 => spawn_one(world, || Empty, || Empty),
        1 => spawn_one(world, || Thing::new(()), || Empty),
        2 => spawn_one(world, || Empty, || Thing::new([0_u8; 3])),
        3 => spawn_one(world, || Thing::new(A16(1)), || Thing::new(())),
        4 => spawn_one(world, || Thing::new(()), || Thing::new(A128(1))),
        5 => spawn_one(world, || Thing::new([0_u64; 300]), || Thing::new(A16(2))),
        6 => spawn_one(world, || Thing::new([0_u16; 50]), || Thing::new([0_u8; 200])),
        _ => spawn_one(world, || Thing::new(1_u64), || Thing::new(2_u64)),
    }
}

fn spawn_one<B: Check + 'static, O: Check + 'static>(
    world: &World,
    body: fn() -> B,
    output: fn() -> O,
) {
    if world.tasks.borrow().len() > 40 {
        return;
    }
    let home = world.homes.borrow()[world.random(2) as usize];
    if !home.is_here() {
        return;
    }
    let record = Random { name: "name".to_owned() };
    let task = crate::spawn(home, record, Polled(body(), output));
    world.tasks.borrow_mut().push((*task).clone());
    let onlooker = task.onlooker();
    world.outputs.borrow_mut().push(Box::new(Watched(task, onlooker)));
}

/// Acts, closes one of two homes, ends a part of what is left, and leaves the rest to the thread's end.
fn torture(seed: u64, acts: u32) {
    let (sender, receiver) = mpsc::channel::<Waker>();
    let elsewhere = thread::spawn(move || {
        let mut kept = Vec::new();
        for (turn, waker) in receiver.into_iter().enumerate() {
            match turn % 5 {
                0 => waker.wake(),
                1 => kept.push(waker.clone()),
                2 => waker.wake_by_ref(),
                3 => kept.push(waker),
                _ => drop((waker, kept.pop())),
            }
        }
        kept
    });
    let here = thread::spawn(move || {
        world(|world| {
            world.random.set(seed);
            let homes = [OwnHome::new(), OwnHome::new()];
            world.homes.borrow_mut().extend(homes.iter().map(|home| home.0));
            world.own_homes.borrow_mut().extend(homes);
            *world.elsewhere.borrow_mut() = Some(sender);
            for _ in 0..acts {
                drop(catch_unwind(AssertUnwindSafe(|| act_once(world))));
            }
            world.homes.borrow()[0].close();
            for _ in 0..acts / 4 {
                drop(catch_unwind(AssertUnwindSafe(|| {
                    if let Some(local) = world.take(&world.locals) {
                        local.wake();
                    }
                    if let Some(waker) = world.take(&world.wakers) {
                        waker.wake();
                    }
                    if let Some(task) = world.queue().pop().or_else(|| world.take(&world.tasks)) {
                        task.abandon();
                    }
                    drop(world.take(&world.outputs));
                })));
            }
            world.depth.set(DEPTH_MAX);
        });
    });
    here.join().expect("panics are caught");
    drop(elsewhere.join().expect("it does not panic"));
}

#[test]
#[cfg_attr(miri, ignore = "it takes minutes, and what panics while it is dropped is leaked")]
fn whatever_is_done_from_wherever_uses_no_memory_wrongly() {
    for seed in 0..4 {
        torture(seed, 500);
    }
    INBOX.lock().expect("nothing panics with it").clear();
}
