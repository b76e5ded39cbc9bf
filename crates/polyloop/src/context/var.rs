use std::fmt;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::map::{Value, current_value, replace_current};

/// A variable whose value belongs to a task and what it starts: asyncio's `ContextVar`.
///
/// Usually a `static`. Reading and setting mean the context of the running task or callback (see
/// [`Context`](crate::Context)); outside a loop, that of the thread.
///
/// # Examples
///
/// ```
/// use polyloop::ContextVar;
///
/// static REQUEST: ContextVar<u64> = ContextVar::with_default("request", || 0);
///
/// polyloop::run(async {
///     REQUEST.set(7);
///     let child = polyloop::create_task(async {
///         let inherited = REQUEST.get();
///         REQUEST.set(8);
///         inherited
///     });
///     assert_eq!(child.await.unwrap(), Some(7));
///     assert_eq!(REQUEST.get(), Some(7));
/// })?;
/// # Ok::<(), polyloop::Error>(())
/// ```
pub struct ContextVar<T> {
    name: &'static str,
    default: Option<fn() -> T>,
    /// Zero until the first use.
    id: AtomicU64,
}

/// Names a variable; never used again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct VarId(u64);

/// What a variable held before it was set, to restore that.
#[derive(Clone)]
pub struct ContextToken<T> {
    var: VarId,
    old: Option<Value>,
    of: PhantomData<fn() -> T>,
}

impl<T: 'static> ContextVar<T> {
    /// Makes a variable without a default.
    pub const fn new(name: &'static str) -> ContextVar<T> {
        ContextVar { name, default: None, id: AtomicU64::new(0) }
    }

    /// Makes a variable that gives a default while it is not set.
    pub const fn with_default(name: &'static str, default: fn() -> T) -> ContextVar<T> {
        ContextVar { name, default: Some(default), id: AtomicU64::new(0) }
    }

    /// Gives the value, or the default; nothing if there is neither.
    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.value_of(current_value(self.id()))
    }

    /// Calls a function with the value, or the default, in place; what it sets counts afterwards.
    pub fn with<R>(&self, function: impl FnOnce(Option<&T>) -> R) -> R {
        match current_value(self.id()) {
            Some(value) => function(Some(of_its_type(&value))),
            None => function(self.default.map(|default| default()).as_ref()),
        }
    }

    /// Sets the value in the current context; the token restores what was there before.
    pub fn set(&self, value: T) -> ContextToken<T> {
        let var = self.id();
        ContextToken { var, old: replace_current(var, Some(Rc::new(value))), of: PhantomData }
    }

    /// Restores, in the current context, what the variable held before the `set` that gave the
    /// token.
    ///
    /// # Panics
    ///
    /// If the token is another variable's.
    pub fn reset(&self, token: ContextToken<T>) {
        assert!(token.var == self.id(), "the token is not one of the variable {:?}", self.name);
        let dropped = replace_current(token.var, token.old);
        drop(dropped);
    }

    /// Gives the variable's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn id(&self) -> VarId {
        static USED: AtomicU64 = AtomicU64::new(0);
        // Relaxed throughout: the number itself is all that is shared.
        let id = self.id.load(Ordering::Relaxed);
        if id != 0 {
            return VarId(id);
        }
        let new = USED.fetch_add(1, Ordering::Relaxed) + 1;
        let exchanged = self.id.compare_exchange(0, new, Ordering::Relaxed, Ordering::Relaxed);
        // The loser of a race uses the winner's.
        VarId(exchanged.map_or_else(|winners| winners, |_| new))
    }

    pub(super) fn value_of(&self, value: Option<Value>) -> Option<T>
    where
        T: Clone,
    {
        match value {
            Some(value) => Some(of_its_type::<T>(&value).clone()),
            None => self.default.map(|default| default()),
        }
    }
}

fn of_its_type<T: 'static>(value: &Value) -> &T {
    value.downcast_ref().expect("a variable's id is its own, so the value is of its type")
}

impl<T: Clone + 'static> ContextToken<T> {
    /// Gives what the variable held before, not counting its default.
    pub fn old_value(&self) -> Option<T> {
        self.old.as_ref().map(|value| of_its_type::<T>(value).clone())
    }
}

impl<T> fmt::Debug for ContextVar<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContextVar({})", self.name)
    }
}

impl<T> fmt::Debug for ContextToken<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContextToken(of variable {})", self.var.0)
    }
}
