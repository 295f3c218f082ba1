//! That wrong and missing answers are found, and that the servers give neither.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use super::dialect::Dialect;
use super::template::frame_head;
use super::websocket::{WebSocket, frame};
use super::{Options, Peer, SLOT, Scenario, Template, run};
use crate::payload::Payload;
use crate::server::{Server, node, serve};

const STALL: Duration = Duration::from_millis(400);

fn options(address: SocketAddr, peer: Peer) -> Options {
    Options {
        address,
        pid: std::process::id(),
        peer,
        connections: 4,
        in_flight: 8,
        calls: 1,
        active: None,
        publisher: None,
        payload: Payload::Text,
        rate: 1000,
        warm_up: Duration::from_millis(20),
        window: Duration::from_millis(80),
        patience: Duration::from_secs(20),
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

fn start(server: Server) -> SocketAddr {
    start_with(server, None)
}

fn start_with(server: Server, redis: Option<u16>) -> SocketAddr {
    let address = free_address();
    thread::spawn(move || serve(server, address.port(), redis).unwrap());
    while TcpStream::connect(address).is_err() {
        thread::yield_now();
    }
    address
}

/// A server in a process of its own, which is ended when this is dropped.
struct External {
    process: Child,
    address: SocketAddr,
}

impl External {
    fn start(command: impl Fn(SocketAddr) -> Command) -> Self {
        let address = free_address();
        let mut process = command(address).spawn().unwrap();
        while TcpStream::connect(address).is_err() {
            assert_eq!(process.try_wait().unwrap(), None, "it ended; is all installed that it needs?");
            thread::yield_now();
        }
        Self { process, address }
    }
}

impl Drop for External {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

const PEERS: [(Server, Peer); 8] = [
    (Server::Floor, Peer::Raw),
    (Server::FloorEach, Peer::Raw),
    (Server::Tungstenite, Peer::Raw),
    (Server::TungsteniteBatched, Peer::Raw),
    (Server::Axum, Peer::Raw),
    (Server::Streampod, Peer::Streampod),
    (Server::Tonic, Peer::Grpc),
    (Server::Tonic, Peer::GrpcEach),
];

#[test]
fn every_server_sends_back_what_it_gets() {
    for (server, peer) in PEERS {
        let address = start(server);
        for payload in [Payload::Text, Payload::Sample] {
            echoes(address, peer, payload);
        }
        let measured = run(Scenario::Latency, &options(address, peer)).unwrap();
        assert!(measured["p99Micros"].as_f64() > Some(0.0), "{server:?}: {measured}");
    }
}

#[test]
fn other_servers_send_back_texts() {
    let node = External::start(node::command);
    echoes(node.address, Peer::Raw, Payload::Text);
    echoes(start(Server::Socketioxide), Peer::SocketIo, Payload::Text);
    echoes(start(Server::Jsonrpsee), Peer::JsonRpc, Payload::Text);
}

fn echoes(address: SocketAddr, peer: Peer, payload: Payload) {
    for in_flight in [1, 8, 200] {
        let options = Options { payload, in_flight, ..options(address, peer) };
        let measured = run(Scenario::Echo, &options).unwrap_or_else(|error| panic!("{peer:?}: {error:#}"));
        assert!(measured["count"].as_u64() > Some(0), "{peer:?}: {measured}");
    }
}

#[test]
fn tonics_own_client_gets_back_what_it_sends() {
    let address = start(Server::Tonic);
    for payload in [Payload::Text, Payload::Sample] {
        for in_flight in [1, 200] {
            let options = Options { payload, in_flight, ..options(address, Peer::GrpcClient) };
            let measured = run(Scenario::Echo, &options).unwrap_or_else(|error| panic!("{error:#}"));
            assert!(measured["count"].as_u64() > Some(0), "{measured}");
        }
    }
}

#[test]
fn what_is_published_comes_to_all() {
    let node = External::start(node::command);
    let peers = [
        (start(Server::Floor), Peer::Raw),
        (start(Server::FloorEach), Peer::Raw),
        (start(Server::Streampod), Peer::Streampod),
        (start(Server::Jsonrpsee), Peer::JsonRpc),
        (node.address, Peer::Raw),
    ];
    for (address, peer) in peers {
        for in_flight in [1, 16] {
            let options = Options { connections: 50, in_flight, ..options(address, peer) };
            let measured =
                run(Scenario::FanOut, &options).unwrap_or_else(|error| panic!("{peer:?}: {error:#}"));
            assert!(measured["count"].as_u64() > Some(0), "{peer:?}: {measured}");
        }
    }
}

#[test]
fn connections_take_turns() {
    for (server, peer) in [(Server::Streampod, Peer::Streampod), (Server::Floor, Peer::Raw)] {
        let options = Options { connections: 20, active: Some(3), ..options(start(server), peer) };
        let measured = run(Scenario::Echo, &options).unwrap_or_else(|error| panic!("{server:?}: {error:#}"));
        assert!(measured["count"].as_u64() > Some(0), "{server:?}: {measured}");
    }
}

#[test]
fn calls_and_channels_take_turns() {
    let address = start(Server::Streampod);
    for calls in [1, 10, 2000] {
        for scenario in [Scenario::Interleaved, Scenario::Channels] {
            let options = Options { calls, connections: 2, ..options(address, Peer::Streampod) };
            let measured = run(scenario, &options).unwrap_or_else(|error| panic!("{scenario:?}: {error:#}"));
            assert!(measured["count"].as_u64() > Some(0), "{scenario:?}: {measured}");
        }
    }
}

#[test]
fn what_is_published_comes_to_another_server() {
    let redis = External::start(|address| {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &address.port().to_string()]);
        command.args(["--save", "", "--appendonly", "no", "--logfile", "/dev/null"]);
        command
    });
    let port = Some(redis.address.port());
    let publisher = Some(start_with(Server::Streampod, port));
    let receivers = [(Server::Streampod, Peer::Streampod), (Server::RedisSubscriber, Peer::Raw)];
    for (server, peer) in receivers {
        let address = start_with(server, port);
        // An answer is 1,000 messages, which may take long.
        let window = Duration::from_secs(1);
        let options = Options { publisher, in_flight: 2000, window, ..options(address, peer) };
        let measured =
            run(Scenario::Cluster, &options).unwrap_or_else(|error| panic!("{server:?}: {error:#}"));
        assert!(measured["count"].as_u64() > Some(0), "{server:?}: {measured}");
    }
}

#[test]
fn a_wrong_message_of_one_of_many_calls_is_found() {
    let opening = |number| crate::frames::Call::new("listen", number, None);
    let answer = |call: usize, number: u64| {
        let text = Payload::Text.wrapped(0).replace(SLOT, &format!("{number:010}"));
        opening(call).answer(&text)
    };
    let answers = |texts: &[String]| {
        let mut dialect = Peer::Streampod.listener(3);
        let mut bytes = b"HTTP/1.1 101 Switching Protocols\r\n\r\n".to_vec();
        for text in (0..3).map(|call| opening(call).opened()).chain(texts.iter().cloned()) {
            frame_head(&mut bytes, 0x1, text.len(), None);
            bytes.extend_from_slice(text.as_bytes());
        }
        dialect.receive(&bytes, &mut Vec::new()).map(|progress| progress.answers)
    };
    // The calls' order is free, and that of a call's messages is not.
    assert_eq!(answers(&[answer(1, 1), answer(0, 0), answer(0, 3), answer(2, 2)]).unwrap(), 4);
    for wrong in [answer(0, 3), answer(0, 1), answer(3, 3), answer(1, 0)] {
        assert!(answers(std::slice::from_ref(&wrong)).is_err(), "{wrong}");
    }
}

#[test]
fn calls_open_and_end() {
    let peers = [
        (Server::Streampod, Peer::Streampod),
        (Server::Tonic, Peer::Grpc),
        (Server::Jsonrpsee, Peer::JsonRpc),
    ];
    for (server, peer) in peers {
        let address = start(server);
        for in_flight in [1, 50] {
            let options = Options { in_flight, ..options(address, peer) };
            let measured =
                run(Scenario::Calls, &options).unwrap_or_else(|error| panic!("{server:?}: {error:#}"));
            assert!(measured["count"].as_u64() > Some(0), "{server:?}: {measured}");
            if server != Server::Jsonrpsee {
                run(Scenario::Idle, &options).unwrap_or_else(|error| panic!("{server:?}: {error:#}"));
            }
        }
    }
}

#[test]
fn calls_over_http_are_answered() {
    for server in [Server::Streampod, Server::Axum] {
        let options = Options { in_flight: 1, ..options(start(server), Peer::Http) };
        let measured = run(Scenario::Echo, &options).unwrap_or_else(|error| panic!("{server:?}: {error:#}"));
        assert!(measured["count"].as_u64() > Some(0), "{server:?}: {measured}");
    }
}

/// What is wrong with the third message of a connection, which is never the first of a write.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    Changed,
    Dropped,
    Doubled,
    /// It and all that follow are not answered.
    Silent,
    Closed,
    Stalled(usize),
}

/// A server that sends back what it gets, but for the fault.
fn faulty(fault: Fault) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for socket in listener.incoming() {
            thread::spawn(move || echo(socket.unwrap(), fault));
        }
    });
    address
}

fn echo(mut socket: TcpStream, fault: Fault) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    socket.write_all(b"HTTP/1.1 101 Switching Protocols\r\n\r\n").ok()?;
    for number in 0.. {
        let mut head = [0; 2];
        socket.read_exact(&mut head).ok()?;
        let mut length = usize::from(head[1] & 0x7f);
        if length == 126 {
            socket.read_exact(&mut head).ok()?;
            length = usize::from(u16::from_be_bytes(head));
        }
        let mut mask = [0; 4];
        socket.read_exact(&mut mask).ok()?;
        let mut payload = vec![0; length];
        socket.read_exact(&mut payload).ok()?;
        payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        let mut times = 1;
        // The first opens the call.
        match fault {
            Fault::Changed if number == 3 => payload[length - 5] ^= 1,
            Fault::Dropped if number == 3 => times = 0,
            Fault::Doubled if number == 3 => times = 2,
            Fault::Silent if number >= 3 => times = 0,
            Fault::Closed if number == 3 => return None,
            Fault::Stalled(at) if number == at => thread::sleep(STALL),
            _ => {}
        }
        let mut out = Vec::new();
        for _ in 0..times {
            frame_head(&mut out, 0x1, length, None);
            out.extend_from_slice(&payload);
        }
        socket.write_all(&out).ok()?;
    }
    None
}

#[test]
fn faults_are_found() {
    let faults = [
        (Fault::Changed, "a wrong answer"),
        (Fault::Dropped, "a wrong answer"),
        (Fault::Doubled, "a wrong answer"),
        (Fault::Silent, "are missing"),
        (Fault::Closed, "closed"),
    ];
    for (fault, expected) in faults {
        let patience = Duration::from_millis(300);
        let options = Options { patience, ..options(faulty(fault), Peer::Raw) };
        let error = run(Scenario::Echo, &options).expect_err(&format!("{fault:?} was not found"));
        let error = format!("{error:#}");
        // What closes with something unread resets the connection.
        let reset = fault == Fault::Closed && error.contains("reset");
        assert!(error.contains(expected) || reset, "{fault:?}: {error}");
    }
}

#[test]
fn an_answer_that_is_missing_at_the_end_is_found() {
    // One message in flight, none after it: no other answer shows that it is lost.
    let patience = Duration::from_millis(200);
    let options = Options { patience, in_flight: 1, ..options(faulty(Fault::Silent), Peer::Raw) };
    let error = format!("{:#}", run(Scenario::Echo, &options).unwrap_err());
    assert!(error.contains("4 are missing"), "{error}");
}

#[test]
fn a_stall_makes_all_late_that_were_due() {
    let window = Duration::from_millis(1000);
    let options = Options { connections: 1, window, ..options(faulty(Fault::Stalled(200)), Peer::Raw) };
    let measured = run(Scenario::Latency, &options).unwrap();
    // Of some 1,000 messages, a load that waits for its answers would have found one late.
    let p99 = measured["p99Micros"].as_f64().unwrap();
    assert!(p99 > STALL.as_micros() as f64 / 2.0, "{measured}");
}

#[test]
fn frames_are_read_however_they_are_cut() {
    for peer in [Peer::Raw, Peer::Grpc] {
        let bytes = if peer == Peer::Raw { raw_answers() } else { grpc_answers() };
        for cut in 0..=bytes.len() {
            let mut dialect = peer.echo(Payload::Text, 0);
            let (mut out, mut answers) = (Vec::new(), 0);
            dialect.send(2, &mut out);
            let first = dialect.receive(&bytes[..cut], &mut out).unwrap();
            let rest = dialect.receive(&bytes[first.consumed..], &mut out).unwrap();
            answers += first.answers + rest.answers;
            assert_eq!((answers, first.consumed + rest.consumed), (2, bytes.len()), "{peer:?}, cut at {cut}");
        }
    }
}

#[test]
fn a_wrong_message_of_grpc_is_found() {
    let good = grpc_answers();
    for index in good.len() - 100..good.len() {
        let mut bytes = good.clone();
        bytes[index] ^= 1;
        let mut dialect = Peer::Grpc.echo(Payload::Text, 0);
        let error = dialect.receive(&bytes, &mut Vec::new()).unwrap_err();
        assert!(error.to_string().contains("a wrong answer"), "{error}");
    }
}

/// The upgrade, the opening of the call and two answers.
fn raw_answers() -> Vec<u8> {
    let call = crate::frames::Call::new("text", 0, Some("messages"));
    let mut answer = Payload::Text.template(&call.request(&Payload::Text.wrapped(0)));
    let texts = [call.open("{}").into_bytes(), answer.with(0).to_vec(), answer.with(1).to_vec()];
    let mut bytes = b"HTTP/1.1 101 Switching Protocols\r\n\r\n".to_vec();
    for text in texts {
        frame_head(&mut bytes, 0x1, text.len(), None);
        bytes.extend_from_slice(&text);
    }
    bytes
}

/// Headers, and two answers in two frames of data that are cut elsewhere.
fn grpc_answers() -> Vec<u8> {
    let mut message = Payload::Text.protobuf(0);
    let mut data = Vec::new();
    for number in 0..2 {
        super::grpc::message(&mut data, message.with(number));
    }
    let mut bytes = vec![0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88];
    for part in data.chunks(300) {
        bytes.extend_from_slice(&[0, (part.len() >> 8) as u8, part.len() as u8, 0, 0, 0, 0, 0, 1]);
        bytes.extend_from_slice(part);
    }
    bytes
}

#[test]
fn a_masked_template_has_its_number_wherever_it_stands() {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    for before in [0, 1, 2, 3, 120, 121, 200] {
        let text = format!("{}{SLOT} and more", "b".repeat(before));
        let mut template = Template::text(&text).masked(mask);
        for number in [7, 9_876_543_210] {
            let mut frame = template.with(number).to_vec();
            let head = if text.len() < 126 { 6 } else { 8 };
            frame[head..].iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
            assert_eq!(frame[head..], *text.replace(SLOT, &format!("{number:010}")).as_bytes());
        }
    }
}

#[test]
fn pings_are_answered() {
    let mut socket = WebSocket::new(Vec::new(), None, Vec::new());
    let mut out = Vec::new();
    socket.receive(b"HTTP/1.1 101 Switching Protocols\r\n\r\n\x89\x02hi", &mut out).unwrap();
    assert_eq!(out, b"\x8a\x82\0\0\0\0hi");
    assert!(frame(b"\x81\x05hell").unwrap().is_none());
}
