//! Looking names up: `getaddrinfo`, `getnameinfo`, resolvers.

use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::mpsc;
use std::time::Duration;

use polyloop::{
    AddressFamily, AddressHints, AddressQuery, ErrorKind, Executor, Lookup, Loop, NameFlags,
    Resolve, ResolvedAddress, SocketKind, SystemResolver, gather_tasks, getaddrinfo, getnameinfo,
    wait_for,
};

use crate::run;

/// A resolver that gives the same answer to every question, and counts them.
pub(crate) struct Scripted {
    pub(crate) answer: Vec<SocketAddr>,
    pub(crate) asked: Cell<u32>,
}

impl Resolve for Scripted {
    fn lookup(&self, _query: AddressQuery) -> Lookup {
        self.asked.set(self.asked.get() + 1);
        let answer = self.answer.iter().copied().map(ResolvedAddress::stream).collect();
        Box::pin(async { Ok(answer) })
    }
}

/// Has the running loop answer every name with these addresses.
pub(crate) fn script(answer: Vec<SocketAddr>) -> Rc<Scripted> {
    let scripted = Rc::new(Scripted { answer, asked: Cell::new(0) });
    Loop::current().unwrap().set_resolver(scripted.clone());
    scripted
}

/// Has the running loop ask the system on an executor, and gives both.
fn system_on(threads: usize) -> (Rc<SystemResolver>, Executor) {
    let executor = Executor::new("names", threads).unwrap();
    let resolver = Rc::new(SystemResolver::on(executor.clone()));
    Loop::current().unwrap().set_resolver(resolver.clone());
    (resolver, executor)
}

#[test]
fn a_name_gives_addresses_with_the_port_asked_for() {
    run(async {
        let found = getaddrinfo("localhost", 8080, AddressHints::stream()).await.unwrap();
        assert!(!found.is_empty());
        for found in found {
            assert!(found.address.ip().is_loopback(), "{found:?}");
            assert_eq!(found.address.port(), 8080);
            assert_eq!((found.kind, found.protocol), (Some(SocketKind::Stream), 6));
        }
    });
}

#[test]
fn hints_choose_the_family_the_kind_and_the_canonical_name() {
    run(async {
        let hints = AddressHints::new().family(AddressFamily::V4).canonical_name(true);
        let found = getaddrinfo("localhost", 1, hints).await.unwrap();
        assert!(found.iter().all(|found| found.family() == AddressFamily::V4));
        let kinds: Vec<_> = found.iter().map(|found| found.kind).collect();
        assert!(kinds.contains(&Some(SocketKind::Stream)), "{found:?}");
        assert!(kinds.contains(&Some(SocketKind::Datagram)), "{found:?}");
        assert!(found[0].canonical_name.as_deref().is_some_and(|name| !name.is_empty()));

        let datagrams = AddressHints::new().kind(SocketKind::Datagram);
        let found = getaddrinfo("127.0.0.1", 53, datagrams).await.unwrap();
        assert_eq!((found.len(), found[0].protocol), (1, 17));
        let mapped = AddressHints::stream().family(AddressFamily::V6).v4_mapped(true);
        let found = getaddrinfo("127.0.0.1", 53, mapped).await.unwrap();
        assert_eq!(found[0].address.ip(), "::ffff:127.0.0.1".parse::<IpAddr>().unwrap());
    });
}

#[test]
fn no_host_is_this_machine() {
    run(async {
        let scripted = script(Vec::new());
        let found = getaddrinfo(None, 7, AddressHints::stream()).await.unwrap();
        assert!(found.iter().all(|found| found.address.ip().is_loopback()), "{found:?}");
        let passive = AddressHints::stream().passive(true);
        let found = getaddrinfo(None, "7", passive).await.unwrap();
        assert!(found.iter().all(|found| found.address.ip().is_unspecified()), "{found:?}");
        assert_eq!(scripted.asked.get(), 0);
    });
}

#[test]
fn a_numeric_address_needs_neither_a_thread_nor_the_resolver() {
    run(async {
        let (_resolver, executor) = system_on(1);
        let events = Loop::current().unwrap();
        executor.shutdown(None).await.unwrap();
        events.shutdown_default_executor(None).await.unwrap();
        for (host, address) in
            [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("fe80::1%1", "[fe80::1%1]:80")]
        {
            let found = getaddrinfo(host, "80", AddressHints::stream()).await.unwrap();
            assert_eq!(found[0].address, address.parse().unwrap());
        }
        let address = "127.0.0.1:80".parse().unwrap();
        let names = getnameinfo(address, NameFlags::numeric()).await.unwrap();
        assert_eq!(names, ("127.0.0.1".to_owned(), "80".to_owned()));
        assert_eq!(executor.threads(), 0);

        let error = getaddrinfo("localhost", 80, AddressHints::new()).await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("localhost") && text.contains("shut down"), "{text}");
        let scripted = script(Vec::new());
        getaddrinfo("127.0.0.1", 80, AddressHints::new()).await.unwrap();
        assert_eq!(scripted.asked.get(), 0);
    });
}

#[test]
fn a_missing_host_is_named_with_what_the_resolver_said() {
    run(async {
        let only_numbers = AddressHints::stream().numeric_host(true);
        let error = getaddrinfo("no-such-host", 80, only_numbers).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::NotFound), "{error}");
        let text = error.to_string();
        assert!(text.contains("no-such-host") && text.contains("80"), "{text}");
        if cfg!(all(target_os = "linux", target_env = "gnu")) {
            assert!(text.contains("Name or service not known"), "{text}");
        }
        let family = AddressHints::new().family(AddressFamily::V6);
        let error = getaddrinfo("127.0.0.1", 80, family).await.unwrap_err();
        assert!(error.to_string().contains("127.0.0.1"), "{error}");
        let error = getaddrinfo("a\0b", 80, AddressHints::new()).await.unwrap_err();
        assert_eq!(error.io_kind(), std::io::ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains(r#""a\0b""#), "{error}");
        let service = getaddrinfo("localhost", "no-such-service", AddressHints::stream()).await;
        let error = service.unwrap_err();
        assert!(error.to_string().contains("no-such-service"), "{error}");
    });
}

#[test]
fn a_lookup_that_is_given_up_goes_back_or_ends_on_its_own() {
    run(async {
        let (_resolver, executor) = system_on(1);
        let (release, released) = mpsc::channel::<()>();
        let busy = executor.submit(move || released.recv().is_err());
        let lookup = getaddrinfo("localhost", 80, AddressHints::new());
        wait_for(lookup, Duration::from_millis(20)).await.unwrap_err();
        assert_eq!(executor.queued(), 0, "no thread had begun it, so it was taken back");
        drop(release);
        assert!(busy.await.unwrap());
        assert!(getaddrinfo("localhost", 80, AddressHints::new()).await.is_ok());
    });
}

#[test]
fn a_loop_ends_while_a_thread_looks_up() {
    let (release, released) = mpsc::channel::<()>();
    run(async {
        let (_resolver, executor) = system_on(1);
        executor.submit(move || released.recv().is_err()).detach();
        let lookup = getaddrinfo("localhost", 80, AddressHints::new());
        wait_for(lookup, Duration::from_millis(5)).await.unwrap_err();
    });
    drop(release);
}

#[test]
fn many_lookups_share_a_bounded_number_of_threads() {
    run(async {
        let resolver = Rc::new(SystemResolver::new());
        Loop::current().unwrap().set_resolver(resolver.clone());
        let lookup = || polyloop::create_task(getaddrinfo("localhost", 1, AddressHints::new()));
        let tasks: Vec<_> = (0..100).map(|_| lookup()).collect();
        for found in gather_tasks(tasks).await.unwrap() {
            found.unwrap();
        }
        let executor = resolver.executor();
        assert!((1..=executor.threads_max()).contains(&executor.threads()));
        assert!(executor.threads_max() <= 16);
    });
}

#[test]
fn an_address_is_named() {
    run(async {
        let address = "127.0.0.1:0".parse().unwrap();
        let (host, service) = getnameinfo(address, NameFlags::new()).await.unwrap();
        assert!(!host.is_empty());
        assert_eq!(service, "0");
        let unnamed = "240.0.0.1:1".parse().unwrap();
        let flags = NameFlags::new().name_required(true);
        let error = getnameinfo(unnamed, flags).await.unwrap_err();
        assert!(error.to_string().contains("240.0.0.1:1"), "{error}");
    });
}

#[test]
fn a_resolver_of_ones_own_is_asked_for_names_and_must_answer() {
    run(async {
        let address = "10.0.0.1:1".parse().unwrap();
        let scripted = script(vec![address]);
        let found = getaddrinfo("anything", 1, AddressHints::new()).await.unwrap();
        assert_eq!((found[0].address, found.len(), scripted.asked.get()), (address, 1, 1));
        script(Vec::new());
        let error = getaddrinfo("anything", 1, AddressHints::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::NotFound));
        assert!(error.to_string().contains("anything"), "{error}");
    });
}
