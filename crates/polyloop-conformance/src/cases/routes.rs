use polyloop_core::{OpKind, Route};

use crate::harness::Harness;

/// Every op has a route, but for what is optional.
pub(crate) fn every_op_has_a_route(harness: &Harness) {
    let rig = harness.rig();
    let capabilities = rig.events.capabilities();
    for (kind, route) in capabilities.routes() {
        // Not every system has descriptors of processes.
        let optional = matches!(kind, OpKind::Extension | OpKind::AwaitExit)
            || (kind == OpKind::Detach && !capabilities.attach);
        assert!(
            optional || route != Route::Unsupported,
            "{} is unsupported: every op works on every loop",
            kind.name()
        );
    }
}

/// The capabilities name the backend as its factory does.
pub(crate) fn the_capabilities_name_the_backend(harness: &Harness) {
    let rig = harness.rig();
    let backend = rig.events.capabilities().backend();
    assert_eq!(backend, harness.factory().name(), "factory and loop agree on the name");
}

/// What a loop says it cannot do it refuses; the capabilities and the answers agree.
pub(crate) fn optional_capabilities_and_answers_agree(harness: &Harness) {
    let mut rig = harness.rig();
    let (attach, guest) =
        (rig.events.capabilities().attach, rig.events.capabilities().guest_descriptor);
    assert_eq!(rig.events.guest_descriptor().is_ok(), guest, "guest_descriptor");
    let listener = std::net::TcpListener::bind(crate::parts::anywhere()).expect("a listener");
    let attached = rig.events.attach(polyloop_core::OsHandle::TcpListener(listener));
    assert_eq!(attached.is_ok(), attach, "attach");
}
