use std::cell::Cell;
use std::rc::Rc;

use polyloop::{
    BufferedProtocol, Server, TcpListener, Transport, connect_accepted_socket, connect_read_pipe,
    create_connection, create_server,
};
#[cfg(unix)]
use polyloop::{create_unix_connection, create_unix_server};

use crate::protocols::until;
use crate::run;
use crate::streams::pair;

/// Adds up what comes.
struct Summing {
    buffer: [u8; 100],
    sum: Rc<Cell<u64>>,
}
impl BufferedProtocol for Summing {
    fn get_buffer(&mut self, size_hint: usize) -> &mut [u8] {
        assert!(size_hint > 0);
        &mut self.buffer
    }
    fn buffer_updated(&mut self, _: &Transport, count: usize) {
        let sum: u64 = self.buffer[..count].iter().copied().map(u64::from).sum();
        self.sum.set(self.sum.get() + sum);
    }
}

#[test]
fn a_buffered_protocol_receives_into_its_own_buffer() {
    run(async {
        let (here, mut peer) = pair().await;
        let sum = Rc::new(Cell::new(0));
        let summing = || Summing { buffer: [0; 100], sum: sum.clone() };
        let transport = connect_accepted_socket(summing, here);
        peer.write_all(&[3; 100_000]).await.unwrap();
        until("all has come", || sum.get() == 300_000).await;
        drop(peer);
        until("it is closed", || transport.is_closing()).await;
    });
}

#[test]
fn a_buffered_protocol_goes_wherever_another_goes() {
    run(async {
        let sum = Rc::new(Cell::new(0));
        let of = sum.clone();
        let summing = move || Summing { buffer: [0; 100], sum: of.clone() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let over = Server::builder().create_server_over(summing.clone(), listener).unwrap();
        let server = create_server(summing.clone(), "127.0.0.1:0").await.unwrap();
        for address in [address, server.local_addr().unwrap()] {
            let transport = create_connection(summing.clone(), address).await.unwrap();
            transport.write(&[1; 500]);
            transport.close();
        }
        until("what both servers got", || sum.get() == 1000).await;
        let (reader, mut writer) = polyloop::io::pipe().await.unwrap();
        let transport = connect_read_pipe(summing.clone(), reader);
        writer.write_all(&[2; 500]).await.unwrap();
        until("what a pipe gave", || sum.get() == 2000).await;
        transport.set_protocol(summing());
        writer.write_all(&[1; 10]).await.unwrap();
        until("what it gave to the next", || sum.get() == 2010).await;
        transport.close();
        #[cfg(unix)]
        {
            let path = crate::unix_sockets::SocketPath::new();
            let unix = create_unix_server(summing.clone(), path.as_ref()).await.unwrap();
            let transport = create_unix_connection(summing, path.as_ref()).await.unwrap();
            transport.write(&[3; 100]);
            transport.close();
            until("what a Unix server got", || sum.get() == 2310).await;
            unix.close();
        }
        over.close();
        server.close();
    });
}
