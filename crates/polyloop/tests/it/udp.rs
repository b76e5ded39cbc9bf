use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use polyloop::{ErrorKind, OptionName, SocketOption, UdpSocket, UdpSpec, create_task, sleep};

use crate::{run, until_it_fails};

async fn two() -> (UdpSocket, UdpSocket) {
    let bind = || UdpSocket::bind("127.0.0.1:0");
    (bind().await.unwrap(), bind().await.unwrap())
}

#[test]
fn a_datagram_says_who_sent_it_and_an_empty_one_is_one() {
    run(async {
        let (here, there) = two().await;
        let (from, to) = (here.local_addr().unwrap(), there.local_addr().unwrap());
        let receiving = create_task(async move {
            let mut buf = [0; 64];
            let first = there.recv_from(&mut buf).await.unwrap();
            let second = there.recv_from(&mut buf[10..]).await.unwrap();
            (first, second, buf[..5].to_vec())
        });
        sleep(Duration::from_millis(5)).await;
        assert_eq!(here.send_to(b"hello", to).await.unwrap(), 5);
        assert_eq!(here.send_to(b"", to).await.unwrap(), 0);
        let (first, second, bytes) = receiving.await.unwrap();
        assert_eq!((first, second), ((5, from), (0, from)));
        assert_eq!(bytes, b"hello");
    });
}

#[test]
fn a_connected_socket_has_one_peer_and_learns_that_it_is_gone() {
    run(async {
        let (here, there) = two().await;
        let error = here.peer_addr().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::NotConnected));
        here.connect(there.local_addr().unwrap()).await.unwrap();
        assert_eq!(here.peer_addr().unwrap(), there.local_addr().unwrap());
        there.connect(here.local_addr().unwrap()).await.unwrap();
        here.send(b"to the peer").await.unwrap();
        let mut buf = [0; 32];
        assert_eq!(there.recv(&mut buf).await.unwrap(), 11);
        drop(there);
        let ask = async || {
            here.send(b"anybody?").await?;
            let mut answer = [0; 8];
            let answer = here.recv(&mut answer);
            polyloop::timeout(Duration::from_millis(50), answer).await.unwrap_or(Ok(0))
        };
        let error = until_it_fails(ask).await;
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::ConnectionRefused), "{error}");
    });
}

#[test]
fn trying_and_looking_do_not_wait_and_looking_takes_nothing() {
    run(async {
        let (here, there) = two().await;
        let mut buf = [0; 16];
        assert!(there.try_recv_from(&mut buf).unwrap_err().is_would_block());
        here.try_send_to(b"look", there.local_addr().unwrap()).unwrap();
        there.readable().await.unwrap();
        for _ in 0..3 {
            let (count, from) = there.peek_from(&mut buf).await.unwrap();
            assert_eq!((&buf[..count], from), (&b"look"[..], here.local_addr().unwrap()));
        }
        assert_eq!(there.try_recv_from(&mut buf).unwrap().0, 4);
        assert!(there.try_recv(&mut buf).unwrap_err().is_would_block());
        here.writable().await.unwrap();
    });
}

/// Many tasks wait for one socket's datagrams: each is given one, and none waits for ever.
#[test]
fn every_task_that_waits_for_a_datagram_gets_one() {
    run(async {
        let (here, there) = two().await;
        let (to, there) = (there.local_addr().unwrap(), std::rc::Rc::new(there));
        let waiting: Vec<_> = (0..20)
            .map(|_| {
                let there = there.clone();
                create_task(async move {
                    let mut buf = [0; 4];
                    there.recv_from(&mut buf).await.unwrap();
                    buf[0]
                })
            })
            .collect();
        sleep(Duration::from_millis(5)).await;
        for number in 0..20 {
            here.send_to(&[number], to).await.unwrap();
        }
        let mut got = Vec::new();
        for task in waiting {
            got.push(task.await.unwrap());
        }
        got.sort_unstable();
        assert_eq!(got, (0..20).collect::<Vec<_>>());
    });
}

/// A receive that is given up again and again takes none of the datagrams that others then get.
#[test]
fn receives_that_are_given_up_lose_no_datagram() {
    run(async {
        let (here, there) = two().await;
        let to = there.local_addr().unwrap();
        let sending = create_task(async move {
            for number in 0..200u8 {
                here.send_to(&[number], to).await.unwrap();
                if number % 7 == 0 {
                    polyloop::yield_now().await;
                }
            }
        });
        let mut received = Vec::new();
        let mut buf = [0; 8];
        while received.len() < 200 {
            let wait = Duration::from_micros(received.len() as u64 % 5 * 20);
            match polyloop::timeout(wait, there.recv_from(&mut buf)).await {
                Ok(result) => received.push((result.unwrap().0, buf[0])),
                Err(_) => polyloop::yield_now().await,
            }
        }
        sending.await.unwrap();
        let expected: Vec<_> = (0..200u8).map(|number| (1, number)).collect();
        assert_eq!(received, expected);
    });
}

#[test]
fn a_datagram_that_is_too_long_says_where_it_was_to_go() {
    run(async {
        let (here, there) = two().await;
        let to = there.local_addr().unwrap();
        let error = here.send_to(&vec![0; 70_000], to).await.unwrap_err();
        assert!(error.to_string().contains(&format!("send a datagram to {to}")), "{error}");
        assert!(error.raw_os_error().is_some(), "{error:?}");
        assert_eq!(here.recv(&mut []).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        let taken = UdpSocket::bind(to).await.unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::Io(std::io::ErrorKind::AddrInUse));
        assert!(taken.to_string().contains(&to.to_string()), "{taken}");
    });
}

#[test]
fn sockets_come_from_std_and_go_back() {
    run(async {
        let (here, there) = two().await;
        let std_socket = there.into_std().await.unwrap();
        std_socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        here.send_to(b"std", std_socket.local_addr().unwrap()).await.unwrap();
        let mut buf = [0; 8];
        assert_eq!(std_socket.recv_from(&mut buf).unwrap(), (3, here.local_addr().unwrap()));
        let again = UdpSocket::from_std(std_socket).unwrap();
        here.send_to(b"loop", again.local_addr().unwrap()).await.unwrap();
        assert_eq!(again.recv(&mut buf).await.unwrap(), 4);
    });
}

/// What is sent to a group arrives at each of two sockets that share its port, and no longer once
/// they have left.
#[test]
fn a_group_receives_what_is_sent_to_it() {
    run(async {
        let group = Ipv4Addr::new(239, 255, 77, 1);
        let mut spec = UdpSpec::at("0.0.0.0:0".parse().unwrap());
        spec.reuse_address = true;
        let first = UdpSocket::open(spec.clone()).await.unwrap();
        let port = first.local_addr().unwrap().port();
        spec.bind.set_port(port);
        let second = UdpSocket::open(spec).await.unwrap();
        for member in [&first, &second] {
            if let Err(error) = member.join_multicast_v4(group, Ipv4Addr::LOCALHOST) {
                eprintln!("skipped: no multicast on the loopback interface: {error}");
                return;
            }
        }
        let twice = first.join_multicast_v4(group, Ipv4Addr::LOCALHOST).unwrap_err();
        assert!(twice.to_string().contains("join the group 239.255.77.1"), "{twice}");
        let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        sender.set_option(SocketOption::MulticastInterfaceV4(Ipv4Addr::LOCALHOST)).unwrap();
        sender.set_option(SocketOption::MulticastLoop(true)).unwrap();
        sender.set_option(SocketOption::MulticastHops(0)).unwrap();
        let to = SocketAddr::from((group, port));
        let mut buf = [0; 16];
        sender.send_to(b"to all", to).await.unwrap();
        for member in [&first, &second] {
            let (count, from) = member.recv_from(&mut buf).await.unwrap();
            assert_eq!((&buf[..count], from), (&b"to all"[..], sender.local_addr().unwrap()));
        }
        second.leave_multicast_v4(group, Ipv4Addr::LOCALHOST).unwrap();
        assert!(second.leave_multicast_v4(group, Ipv4Addr::LOCALHOST).is_err());
        let alone = SocketOption::MulticastLoop(true);
        assert_eq!(sender.option(OptionName::MulticastLoop).unwrap(), alone);
        let not_a_group = first.join_multicast_v4(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST);
        assert!(not_a_group.is_err());
    });
}

#[test]
fn a_version_6_socket_has_its_own_options_where_the_machine_has_it() {
    run(async {
        let Ok(socket) = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).await else {
            eprintln!("skipped: no internet version 6 here");
            return;
        };
        let options = [
            (OptionName::MulticastHops, SocketOption::MulticastHops(3)),
            (OptionName::MulticastLoop, SocketOption::MulticastLoop(false)),
            (OptionName::HopLimit, SocketOption::HopLimit(9)),
        ];
        for (name, option) in options {
            socket.set_option(option.clone()).unwrap();
            assert_eq!(socket.option(name).unwrap(), option);
        }
        let group = Ipv6Addr::new(0xff01, 0, 0, 0, 0, 0, 0, 0x77);
        match socket.join_multicast_v6(group, 1) {
            Ok(()) => socket.leave_multicast_v6(group, 1).unwrap(),
            Err(error) => eprintln!("skipped: interface 1 takes no groups: {error}"),
        }
    });
}

/// One send of 3,000 bytes becomes three datagrams of 1,000.
#[test]
#[cfg(target_os = "linux")]
fn a_send_is_cut_into_segments() {
    run(async {
        let (here, there) = two().await;
        let to = there.local_addr().unwrap();
        here.set_segment_size(1000).unwrap();
        let size = here.option(OptionName::SegmentSize).unwrap();
        assert_eq!(size, SocketOption::SegmentSize(1000));
        let bytes: Vec<u8> = (0..3000u32).map(|n| (n % 251) as u8).collect();
        assert_eq!(here.send_to(&bytes, to).await.unwrap(), 3000);
        let mut buf = [0; 2000];
        for part in bytes.chunks(1000) {
            let count = there.recv(&mut buf).await.unwrap();
            assert_eq!(&buf[..count], part);
        }
        assert!(there.try_recv(&mut buf).unwrap_err().is_would_block(), "three, and no more");
        here.set_segment_size(0).unwrap();
        here.send_to(&bytes[..1500], to).await.unwrap();
        assert_eq!(there.recv(&mut buf).await.unwrap(), 1500);
    });
}

#[test]
fn a_port_can_be_shared_where_the_spec_says_so() {
    run(async {
        let mut spec = UdpSpec::at("127.0.0.1:0".parse().unwrap());
        spec.reuse_port = true;
        spec.options = vec![SocketOption::TrafficClass(0x20)];
        let first = match UdpSocket::open(spec.clone()).await {
            Ok(first) => first,
            Err(error) if error.kind() == ErrorKind::Unsupported => return,
            Err(error) => panic!("{error}"),
        };
        spec.bind = first.local_addr().unwrap();
        let second = UdpSocket::open(spec).await.unwrap();
        assert_eq!(second.local_addr().unwrap(), first.local_addr().unwrap());
        let class = second.option(OptionName::TrafficClass).unwrap();
        assert_eq!(class, SocketOption::TrafficClass(0x20));
        assert_eq!(second.option(OptionName::ReusePort).unwrap(), SocketOption::ReusePort(true));
        assert!(second.take_error().unwrap().is_none());
    });
}

#[cfg(target_os = "linux")]
#[test]
fn only_who_says_so_may_send_to_all() {
    run(async {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let all = SocketAddr::from((Ipv4Addr::new(127, 255, 255, 255), 9));
        let error = socket.send_to(b"all", all).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io(std::io::ErrorKind::PermissionDenied), "{error}");
        socket.set_broadcast(true).unwrap();
        match socket.send_to(b"all", all).await {
            Ok(sent) => assert_eq!(sent, 3),
            Err(error) => {
                let unreachable = ErrorKind::Io(std::io::ErrorKind::NetworkUnreachable);
                assert_eq!(error.kind(), unreachable, "{error}");
            }
        }
        socket.set_broadcast(false).unwrap();
        socket.send_to(b"all", all).await.unwrap_err();
    });
}
