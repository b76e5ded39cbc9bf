//! The operating system tells a loop nothing beside its completions here.

use crate::engine::Engine;

#[derive(Default)]
pub(crate) struct OsEvents;

impl OsEvents {
    pub(crate) fn deliver(&self, _: &Engine, _: u128) {}

    pub(crate) fn close(&self) {}
}
