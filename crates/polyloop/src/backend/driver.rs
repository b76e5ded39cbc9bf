//! The type of the loop underneath: the backend itself where it is the only one and no other can
//! come at run time, else a boxed loop.

#[allow(unused_macros, reason = "used with exactly one backend and without custom")]
macro_rules! fixed {
    ($only:ty) => {
        pub(crate) type Driver = $only;

        pub(crate) fn erase(events: $only) -> Driver {
            events
        }
    };
}

#[cfg(all(
    feature = "mio",
    not(any(feature = "io-uring", feature = "polling", feature = "custom"))
))]
fixed!(polyloop_mio::MioLoop);

#[cfg(all(
    feature = "io-uring",
    not(any(feature = "mio", feature = "polling", feature = "custom"))
))]
fixed!(polyloop_uring::UringLoop);

#[cfg(all(
    feature = "polling",
    not(any(feature = "mio", feature = "io-uring", feature = "custom"))
))]
fixed!(polyloop_polling::PollingLoop);

#[cfg(any(
    feature = "custom",
    all(feature = "mio", feature = "io-uring"),
    all(feature = "mio", feature = "polling"),
    all(feature = "io-uring", feature = "polling"),
    not(any(feature = "mio", feature = "io-uring", feature = "polling")),
))]
mod dynamic {
    use polyloop_core::EventLoop;

    pub(crate) type Driver = Box<dyn EventLoop>;

    #[cfg(any(feature = "mio", feature = "io-uring", feature = "polling"))]
    pub(crate) fn erase(events: impl EventLoop + 'static) -> Driver {
        Box::new(events)
    }
}

#[cfg(any(
    feature = "custom",
    all(feature = "mio", feature = "io-uring"),
    all(feature = "mio", feature = "polling"),
    all(feature = "io-uring", feature = "polling"),
    not(any(feature = "mio", feature = "io-uring", feature = "polling")),
))]
pub(crate) use dynamic::*;
