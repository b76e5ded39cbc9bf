use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use super::var::{ContextVar, VarId};

/// What the [`ContextVar`]s hold: a value, copied in constant time.
///
/// A task gets a copy of its spawner's context, a callback a copy of the context in which it was
/// scheduled, so what one sets is not seen by the others. Unlike in Python a context is a value
/// and not an object with an identity: two holders never share one, and none can be entered twice.
///
/// Values need not be `Send`, so a context does not follow a call into another thread.
///
/// # Examples
///
/// ```
/// use polyloop::{Context, ContextVar};
///
/// static USER: ContextVar<&str> = ContextVar::new("user");
///
/// let mut context = Context::new();
/// context.run(|| USER.set("ada"));
/// assert_eq!(context.get(&USER), Some("ada"));
/// assert_eq!(USER.get(), None);
/// ```
#[derive(Clone, Default)]
pub struct Context {
    /// Nothing until something is set, so that an unused context costs one pointer; a list that
    /// is shared is copied before it is changed.
    entries: Option<Rc<Vec<Entry>>>,
}

type Entry = (VarId, Value);

/// One variable's value, whatever its type.
pub(super) type Value = Rc<dyn Any>;

thread_local! {
    static CURRENT: RefCell<Context> = const { RefCell::new(Context { entries: None }) };
    /// Whether something is set in the current context: every poll asks, and mostly nothing is.
    static IS_SET: Cell<bool> = const { Cell::new(false) };
}

/// Copies the context in which this is called.
pub fn copy_context() -> Context {
    if is_current_empty() {
        return Context::new();
    }
    // While the thread ends its context is gone.
    CURRENT.try_with(|current| current.borrow().clone()).unwrap_or_default()
}

impl Context {
    /// Makes a context in which nothing is set.
    pub const fn new() -> Context {
        Context { entries: None }
    }

    /// Calls a function in this context; what it sets stays here.
    pub fn run<R>(&mut self, function: impl FnOnce() -> R) -> R {
        let _entered = Entered::new(self);
        function()
    }

    /// Gives a variable's value, or its default.
    pub fn get<T: Clone + 'static>(&self, var: &ContextVar<T>) -> Option<T> {
        var.value_of(self.value(var.id()))
    }

    /// Tells how many variables are set.
    pub fn len(&self) -> usize {
        self.entries.as_ref().map_or(0, |entries| entries.len())
    }

    /// Tells whether no variable is set.
    pub fn is_empty(&self) -> bool {
        self.entries.is_none()
    }

    fn value(&self, var: VarId) -> Option<Value> {
        let entries = self.entries.as_ref()?;
        entries.iter().find(|(id, _)| *id == var).map(|(_, value)| value.clone())
    }

    /// Sets or unsets a variable and gives what it held.
    fn replace(&mut self, var: VarId, value: Option<Value>) -> Option<Value> {
        let entries = Rc::make_mut(self.entries.get_or_insert_default());
        let position = entries.iter().position(|(id, _)| *id == var);
        let old = match (position, value) {
            (Some(position), Some(value)) => {
                Some(std::mem::replace(&mut entries[position].1, value))
            }
            (Some(position), None) => Some(entries.swap_remove(position).1),
            (None, Some(value)) => {
                entries.push((var, value));
                None
            }
            (None, None) => None,
        };
        if entries.is_empty() {
            self.entries = None;
        }
        old
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({} set)", self.len())
    }
}

/// Looks a variable up in the context of the caller.
pub(super) fn current_value(var: VarId) -> Option<Value> {
    CURRENT.try_with(|current| current.borrow().value(var)).ok().flatten()
}

/// Sets or unsets a variable in the context of the caller and gives what it held.
pub(super) fn replace_current(var: VarId, value: Option<Value>) -> Option<Value> {
    CURRENT.with_borrow_mut(|current| {
        let old = current.replace(var, value);
        IS_SET.set(!current.is_empty());
        old
    })
}

/// Tells whether nothing is set in the context of the caller.
#[inline]
pub(crate) fn is_current_empty() -> bool {
    !IS_SET.get()
}

/// Makes a context the current one and gives the one that was.
pub(crate) fn swap_context(mut context: Context) -> Context {
    swap(&mut context);
    context
}

/// A context that is the current one; meanwhile the outer one is kept in its place.
struct Entered<'a> {
    context: &'a mut Context,
}

impl<'a> Entered<'a> {
    fn new(context: &'a mut Context) -> Entered<'a> {
        swap(context);
        Entered { context }
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        swap(self.context);
    }
}

fn swap(context: &mut Context) {
    // Swapping drops nothing, so no destructor of the user's runs while this is borrowed.
    let _ = CURRENT.try_with(|current| {
        let mut current = current.borrow_mut();
        std::mem::swap(&mut *current, context);
        IS_SET.set(!current.is_empty());
    });
}
