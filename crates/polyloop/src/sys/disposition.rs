//! What a signal does.

#[cfg(any(target_os = "linux", target_os = "android"))]
#[path = "linux_disposition.rs"]
mod system;

#[cfg(not(any(target_os = "linux", target_os = "android")))]
#[path = "other_disposition.rs"]
mod system;

pub(super) use system::of;

/// What a signal does to the process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Disposition {
    /// What the system has it do.
    Default,
    /// Nothing.
    #[cfg_attr(
        not(any(target_os = "linux", target_os = "android")),
        expect(dead_code, reason = "it cannot be told there")
    )]
    Ignored,
    /// It calls somebody's handler.
    #[cfg_attr(
        not(any(target_os = "linux", target_os = "android")),
        expect(dead_code, reason = "it cannot be told there")
    )]
    Handled,
}
