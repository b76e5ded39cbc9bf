use std::cell::Cell;
use std::rc::Rc;

use polyloop::{
    OptionName, SocketOption, StreamReader, StreamWriter, TcpListener, TcpStream, start_server,
};

use crate::run;

/// Tells whether small writes of what a client's connection is accepted as go out at once.
async fn accepts_with_nodelay(listener: &TcpListener) -> bool {
    let address = listener.local_addr().unwrap();
    let _client = TcpStream::connect(address).await.unwrap();
    let (accepted, _) = listener.accept().await.unwrap();
    accepted.nodelay().unwrap()
}

#[test]
fn small_writes_of_accepted_connections_go_out_at_once() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        for _ in 0..3 {
            assert!(accepts_with_nodelay(&listener).await);
        }
        // Whatever the listener is told later.
        listener.set_option(SocketOption::Nodelay(false)).unwrap();
        for _ in 0..2 {
            assert!(accepts_with_nodelay(&listener).await);
        }
    });
}

#[test]
fn small_writes_of_connections_from_before_the_loop_go_out_at_once() {
    run(async {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        // It waits in the backlog, and has inherited nothing.
        let _early = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        assert!(listener.accept().await.unwrap().0.nodelay().unwrap());
        for _ in 0..2 {
            assert!(accepts_with_nodelay(&listener).await);
        }
    });
}

#[test]
fn small_writes_of_what_a_server_serves_go_out_at_once() {
    run(async {
        let seen = Rc::new(Cell::new(0));
        let count = seen.clone();
        let handler = move |_: StreamReader, writer: StreamWriter| {
            let option = writer.extra_info().option(OptionName::Nodelay);
            assert_eq!(option.unwrap(), SocketOption::Nodelay(true));
            count.set(count.get() + 1);
            async {}
        };
        let server = start_server(handler, "127.0.0.1:0").await.unwrap();
        for _ in 0..3 {
            let mut client = TcpStream::connect(server.local_addr().unwrap()).await.unwrap();
            assert_eq!(client.read(&mut [0; 8]).await.unwrap(), 0);
        }
        assert_eq!(seen.get(), 3);
        server.close();
    });
}
