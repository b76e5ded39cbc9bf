use std::cell::RefCell;
use std::hint::black_box;

/// What is counted between [`Section::begin`] and [`Section::end`], on whichever thread.
///
/// Callgrind writes its counts down, and begins at nothing again, whenever [`mark_of_a_section`] is entered;
/// the line that `end` prints tells which of these belongs to what.
#[derive(Debug)]
#[must_use]
pub(crate) struct Section {
    name: &'static str,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// `marks` is how often callgrind has written its counts down.
#[derive(Default)]
struct State {
    marks: u64,
    backend: &'static str,
}

impl Section {
    /// Begins to count.
    pub(crate) fn begin(name: &'static str) -> Section {
        mark();
        Section { name }
    }

    /// Ends counting; `ops` is how often what the section is named after has happened.
    pub(crate) fn end(self, ops: u64) {
        let dump = mark();
        let backend = STATE.with_borrow(|state| state.backend);
        println!("{dump}\t{backend}\t{}\t{ops}", self.name);
    }
}

/// Says to which backend the sections that follow belong.
pub(crate) fn set_backend(backend: &'static str) {
    STATE.with_borrow_mut(|state| state.backend = backend);
}

/// Gives the number of the dump that callgrind has just written.
fn mark() -> u64 {
    mark_of_a_section();
    STATE.with_borrow_mut(|state| {
        state.marks += 1;
        state.marks
    })
}

/// Where callgrind is told to write its counts down (`--dump-before`).
#[inline(never)]
fn mark_of_a_section() {
    black_box(());
}
