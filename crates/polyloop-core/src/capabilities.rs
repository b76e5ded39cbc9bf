use crate::OpKind;

/// By which way a loop does an op.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Route {
    /// The kernel does it and tells when it is done.
    Native,
    /// The loop tries, waits for readiness, and tries again.
    Emulated,
    /// A thread of a bounded pool does it, blocking.
    Offloaded,
    /// A non-blocking call within `submit` does it: it never waits.
    Immediate,
    /// It completes as *unsupported*.
    Unsupported,
}

/// What a loop can do, and how; it can change when the kernel refuses a native op.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Capabilities {
    backend: &'static str,
    routes: [Route; OpKind::ALL.len()],
    /// OS handles can be attached and detached.
    pub attach: bool,
    /// The loop has a guest descriptor.
    pub guest_descriptor: bool,
    /// A multishot receive receives ahead into chunks.
    pub receives_ahead: bool,
}

impl Capabilities {
    /// Makes the capabilities of a loop that can do nothing yet.
    pub const fn new(backend: &'static str) -> Capabilities {
        Capabilities {
            backend,
            routes: [Route::Unsupported; OpKind::ALL.len()],
            attach: false,
            guest_descriptor: false,
            receives_ahead: false,
        }
    }

    /// Says by which route the ops of these kinds go.
    #[must_use]
    pub fn with(mut self, route: Route, kinds: &[OpKind]) -> Capabilities {
        for kind in kinds {
            self.set_route(*kind, route);
        }
        self
    }

    /// Changes a route, when the kernel has refused the one before.
    pub fn set_route(&mut self, kind: OpKind, route: Route) {
        self.routes[kind.index()] = route;
    }

    /// Tells by which route ops of this kind go.
    pub fn route(&self, kind: OpKind) -> Route {
        self.routes[kind.index()]
    }

    /// Gives the backend's name, which is its factory's: `mio`, `io-uring`, `polling`, or a third
    /// party's.
    pub const fn backend(&self) -> &'static str {
        self.backend
    }

    /// Visits every kind of op with its route.
    pub fn routes(&self) -> impl Iterator<Item = (OpKind, Route)> {
        OpKind::ALL.iter().map(|kind| (*kind, self.route(*kind)))
    }
}
