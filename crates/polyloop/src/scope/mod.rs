//! Scopes: concurrent futures that borrow from who waits for them.

mod children;
mod run;
mod scoped;
mod wakes;

pub use scoped::{Scope, ScopedTask, scope};
