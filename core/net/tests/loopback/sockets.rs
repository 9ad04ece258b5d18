//! UDP and TCP on loopback.

use crate::support::*;
use cooee_machine::{Action, CloseReason, Event, SocketId, StreamId, Transport};
use cooee_net::{Driver, Limits, ListenConfig, ListenError, Listeners, Trust};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

fn doors(udp: Vec<std::net::SocketAddr>, tcp: Vec<std::net::SocketAddr>) -> Result<Listeners, ListenError> {
    Listeners::bind(ListenConfig { udp, tcp, tls: vec![], certificate: None, trust: Trust::nobody() })
}

async fn bound(driver: &mut Driver) -> std::net::SocketAddr {
    match next(driver).await.event() {
        Event::Bound { local, .. } => local.unwrap(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn datagrams_go_both_ways_between_bound_sockets() {
    let (mut one, mut other) = (phone(Trust::nobody(), Limits::default()), phone(Trust::nobody(), Limits::default()));
    one.perform(Action::Bind { socket: SocketId(1), local: loopback() });
    other.perform(Action::Bind { socket: SocketId(9), local: loopback() });
    let (here, there) = (bound(&mut one).await, bound(&mut other).await);
    one.perform(Action::Send { socket: SocketId(1), remote: there, payload: vec![5; 40_000] });
    let incoming = next(&mut other).await;
    let Event::Datagram { socket, local, remote, payload } = incoming.event() else { panic!() };
    assert_eq!((socket, local, remote, payload.len()), (SocketId(9), there, here, 40_000));
    other.perform(Action::Send { socket: SocketId(9), remote: here, payload: vec![] });
    assert!(matches!(next(&mut one).await.event(), Event::Datagram { payload: [], .. }));
}

#[tokio::test]
async fn a_socket_toward_somebody_knows_its_own_address_before_anything_was_sent() {
    let (mut one, mut other) = (phone(Trust::nobody(), Limits::default()), phone(Trust::nobody(), Limits::default()));
    other.perform(Action::Bind { socket: SocketId(9), local: loopback() });
    let there = bound(&mut other).await;
    one.perform(Action::BindToward { socket: SocketId(1), remote: there });
    let here = bound(&mut one).await;
    assert!(here.ip() == there.ip() && here.port() != 0 && here != there, "{here}");
    one.perform(Action::Send { socket: SocketId(1), remote: there, payload: vec![1] });
    assert!(matches!(next(&mut other).await.event(), Event::Datagram { remote, .. } if remote == here));
}

#[tokio::test]
async fn a_port_that_is_taken_is_reported_in_words() {
    let mut driver = phone(Trust::nobody(), Limits::default());
    driver.perform(Action::Bind { socket: SocketId(1), local: loopback() });
    let taken = bound(&mut driver).await;
    driver.perform(Action::Bind { socket: SocketId(2), local: taken });
    let incoming = next(&mut driver).await;
    assert!(matches!(incoming.event(), Event::Bound { socket: SocketId(2), local: Err(_) }));
    let error = doors(vec![taken], vec![]).err().unwrap();
    assert!(matches!(error, ListenError::Taken { transport: Transport::Udp, .. }));
    assert!(error.to_string().contains("choose another port"));
}

#[tokio::test]
async fn a_listeners_udp_socket_is_the_one_the_machine_binds() {
    let listeners = doors(vec![loopback()], vec![]).unwrap();
    let address = listeners.addresses().next().unwrap().1;
    let mut server = phone(Trust::nobody(), Limits::default());
    server.listen(listeners);
    server.perform(Action::Bind { socket: SocketId(3), local: address });
    assert_eq!(bound(&mut server).await, address);
}

#[tokio::test]
async fn after_unbind_the_port_is_free_again() {
    let mut driver = phone(Trust::nobody(), Limits::default());
    driver.perform(Action::Bind { socket: SocketId(1), local: loopback() });
    let address = bound(&mut driver).await;
    driver.perform(Action::Unbind(SocketId(1)));
    // The task that reads it ends at its next turn.
    tokio::task::yield_now().await;
    driver.perform(Action::Bind { socket: SocketId(2), local: address });
    assert_eq!(bound(&mut driver).await, address);
}

#[tokio::test]
async fn nobody_listening_is_refused() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut driver = phone(Trust::nobody(), Limits::default());
    open(&mut driver, 2, free, None);
    assert_eq!(next_of_stream(&mut driver).await, (StreamId(2), Told::Closed(CloseReason::Refused)));
}

#[tokio::test]
async fn what_was_written_before_a_close_still_arrives() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut driver = phone(Trust::nobody(), Limits::default());
    let stream = open(&mut driver, 2, listener.local_addr().unwrap(), None);
    let (mut peer, _) = listener.accept().await.unwrap();
    assert!(matches!(next_of_stream(&mut driver).await.1, Told::Opened(_)));
    driver.perform(Action::Write { stream, payload: vec![1; 200_000] });
    driver.perform(Action::Close(stream));
    driver.perform(Action::Write { stream, payload: vec![2; 10] });
    let reader = async {
        let mut all = Vec::new();
        peer.read_to_end(&mut all).await.unwrap();
        all
    };
    let all = tokio::select! { all = reader => all, _ = async { loop { next(&mut driver).await; } } => unreachable!() };
    assert_eq!((all.len(), all.contains(&2)), (200_000, false));
}

#[tokio::test]
async fn a_close_is_reported_and_frees_the_name() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut driver = phone(Trust::nobody(), Limits::default());
    for _ in 0..2 {
        let stream = open(&mut driver, 2, listener.local_addr().unwrap(), None);
        let _peer = listener.accept().await.unwrap();
        assert!(matches!(next_of_stream(&mut driver).await.1, Told::Opened(_)));
        driver.perform(Action::Close(stream));
        assert_eq!(next_of_stream(&mut driver).await.1, Told::Closed(CloseReason::ByUs));
    }
}

#[tokio::test]
async fn a_connection_closed_before_it_is_up_never_opens() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut driver = phone(Trust::nobody(), Limits::default());
    let stream = open(&mut driver, 2, listener.local_addr().unwrap(), Some("example.org"));
    driver.perform(Action::Close(stream));
    assert_eq!(next_of_stream(&mut driver).await.1, Told::Closed(CloseReason::ByUs));
}

#[tokio::test]
async fn a_peer_that_never_reads_harms_only_itself() {
    let authority = Authority::new();
    let limits = Limits { queued: 64 * 1024, ..Limits::default() };
    let (mut server, _, tcp) = server(authority.issue(&["example.org"], |_| {}), Trust::nobody(), limits);
    let deaf = TcpStream::connect(tcp).await.unwrap();
    let (deaf_id, told) = next_of_stream(&mut server).await;
    assert!(matches!(told, Told::Opened(_)));
    let mut good = TcpStream::connect(tcp).await.unwrap();
    let (good_id, _) = next_of_stream(&mut server).await;
    let (mut blocked, mut echoed) = (false, 0);
    let end = loop {
        server.perform(Action::Write { stream: deaf_id, payload: vec![0; 16 * 1024] });
        good.write_all(b"ping").await.unwrap();
        server.perform(Action::Write { stream: good_id, payload: b"pong".to_vec() });
        match next_of_stream(&mut server).await {
            (id, Told::Blocked) if id == deaf_id => blocked = true,
            (id, Told::Closed(reason)) if id == deaf_id => break reason,
            (id, told) => assert!(id == good_id && matches!(told, Told::Bytes(_)), "{told:?}"),
        }
        let mut pong = [0; 4];
        good.read_exact(&mut pong).await.unwrap();
        echoed += 1;
    };
    assert_eq!((end, blocked, echoed > 1), (CloseReason::Overflow, true, true));
    drop(deaf);
}

#[tokio::test]
async fn without_progress_a_connection_is_over_though_little_waits() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let limits = Limits { write: std::time::Duration::from_millis(100), queued: usize::MAX, ..Limits::default() };
    let mut driver = phone(Trust::nobody(), limits);
    let stream = open(&mut driver, 2, listener.local_addr().unwrap(), None);
    let _deaf = listener.accept().await.unwrap();
    assert!(matches!(next_of_stream(&mut driver).await.1, Told::Opened(_)));
    // More than the kernel's buffers on both sides hold.
    driver.perform(Action::Write { stream, payload: vec![0; 64 << 20] });
    assert_eq!(next_of_stream(&mut driver).await.1, Told::Closed(CloseReason::Overflow));
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_and_a_freed_place_is_given_on() {
    let authority = Authority::new();
    let limits = Limits { connections: 2, ..Limits::default() };
    let (mut server, _, tcp) = server(authority.issue(&["example.org"], |_| {}), Trust::nobody(), limits);
    let first = TcpStream::connect(tcp).await.unwrap();
    let _second = TcpStream::connect(tcp).await.unwrap();
    for _ in 0..2 {
        assert!(matches!(next_of_stream(&mut server).await.1, Told::Opened(_)));
    }
    let mut third = TcpStream::connect(tcp).await.unwrap();
    assert!(matches!(third.read(&mut [0; 1]).await, Ok(0) | Err(_)));
    drop(first);
    assert_eq!(next_of_stream(&mut server).await.1, Told::Closed(CloseReason::ByPeer));
    // The place is given back just after the event.
    let opened = async {
        loop {
            let mut next_one = TcpStream::connect(tcp).await.unwrap();
            let mut octet = [0; 1];
            if let Told::Opened(_) = tokio::select! {
                told = next_of_stream(&mut server) => told.1,
                _ = next_one.read(&mut octet) => continue,
            } {
                return;
            }
        }
    };
    tokio::time::timeout(FOREVER, opened).await.unwrap();
}

#[tokio::test]
async fn a_flood_on_one_connection_does_not_shut_datagrams_out() {
    let authority = Authority::new();
    let (mut server, _, tcp) = server(authority.issue(&["example.org"], |_| {}), Trust::nobody(), Limits::default());
    server.perform(Action::Bind { socket: SocketId(1), local: loopback() });
    let udp = bound(&mut server).await;
    let mut flood = TcpStream::connect(tcp).await.unwrap();
    tokio::spawn(async move { while flood.write_all(&[b'x'; 65_536]).await.is_ok() {} });
    // Wait until the flood is in the queue, then knock.
    while !matches!(next_of_stream(&mut server).await.1, Told::Bytes(_)) {}
    let knock = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    knock.send_to(b"knock", udp).await.unwrap();
    let mut between = 0;
    while !matches!(next(&mut server).await.event(), Event::Datagram { .. }) {
        between += 1;
        assert!(between < 1000, "the datagram waits behind the flood");
    }
}

/// Octets that nobody reads fill the buffers of the kernel and then make the writer wait.
const MORE_THAN_BUFFERS: usize = 16 << 20;

#[tokio::test]
async fn who_asks_faster_than_it_listens_is_slowed_down_and_gets_every_answer() {
    let authority = Authority::new();
    let limits = Limits { queued: 64 * 1024, ..Limits::default() };
    let (mut server, _, tcp) = server(authority.issue(&["example.org"], |_| {}), Trust::nobody(), limits);
    let peer = TcpStream::connect(tcp).await.unwrap();
    let (mut reading, mut writing) = peer.into_split();
    let asking = tokio::spawn(async move {
        for _ in 0..MORE_THAN_BUFFERS / 4096 {
            writing.write_all(&[b'?'; 4096]).await.unwrap();
        }
        writing
    });
    // An octet for an octet; the peer begins to read when the server has heard nothing for a while.
    let (mut heard, mut answered, mut slowed) = (0, 0, 0);
    let mut answers = vec![0; 1 << 20];
    while answered < MORE_THAN_BUFFERS {
        tokio::select! {
            biased;
            told = next_of_stream(&mut server) => match told {
                (stream, Told::Bytes(bytes)) => {
                    heard += bytes.len();
                    server.perform(Action::Write { stream, payload: bytes });
                }
                (_, told) => assert!(matches!(told, Told::Opened(_) | Told::Blocked), "{told:?}"),
            },
            () = tokio::time::sleep(std::time::Duration::from_millis(20)) => {
                slowed += 1;
                answered += reading.read(&mut answers).await.unwrap();
            }
        }
    }
    assert_eq!((heard, answered), (MORE_THAN_BUFFERS, MORE_THAN_BUFFERS));
    assert!(slowed > 10);
    drop(asking.await.unwrap());
}
