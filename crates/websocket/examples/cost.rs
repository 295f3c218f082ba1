//! What a frame costs to read and to write, beside tungstenite in the same process.
//!
//! Time: `cargo run --release -p streampod-websocket --features deflate --example cost`.
//!
//! Instructions: `valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/examples/cost read 1000`, and the
//! same with 2000 rounds; the difference of the two, by 1000 rounds of 64 frames.

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::time::Instant;

use bytes::BytesMut;
use streampod_websocket::{
    Deflater, Event, Gap, Inflater, Kind, Opcode, Reader, Role, WindowBits, Writer, apply_mask,
};
use tokio_tungstenite::tungstenite::protocol::{self, WebSocket, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// As many as a busy connection has waiting.
const FRAMES: usize = 64;
const PAYLOAD_BYTES: usize = 200;
const MAX_BYTES: usize = 64 * 1024;
const TIMED_ROUNDS: usize = 20_000;
const REPETITIONS: usize = 7;

/// A case: how it is set up; what that gives does so many rounds of 64 frames.
type Case = (&'static str, fn() -> Box<dyn FnMut(usize)>);

const CASES: [Case; 11] = [
    ("read", read),
    ("read-split", read_split),
    ("read-tungstenite", read_tungstenite),
    ("copy", copy),
    ("write", write),
    ("write-gap", write_gap),
    ("write-tungstenite", write_tungstenite),
    ("deflate", deflate),
    ("deflated-body", deflated_body),
    ("inflate", inflate),
    ("mask", mask),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    if let (Some(name), Some(rounds)) = (arguments.next(), arguments.next()) {
        let case = CASES.iter().find(|(case, _)| *case == name);
        match (case, rounds.parse()) {
            (Some((_, set_up)), Ok(rounds)) => set_up()(rounds),
            _ => {
                eprintln!("expected a case and how many rounds; the cases: {:?}", CASES.map(|(name, _)| name))
            }
        }
        return;
    }
    println!("ns for each frame of {PAYLOAD_BYTES} bytes, the best and the median of {REPETITIONS}:");
    let mut cases = CASES.map(|(name, set_up)| (name, set_up(), Vec::new()));
    // One after the other again and again, so that a slow moment of the machine meets all of them.
    for _ in 0..REPETITIONS {
        for (name, run, times) in &mut cases {
            let rounds = if name.ends_with("flate") { TIMED_ROUNDS / 100 } else { TIMED_ROUNDS };
            let start = Instant::now();
            run(rounds);
            times.push(start.elapsed().as_nanos() as f64 / (rounds * FRAMES) as f64);
        }
    }
    for (name, _, times) in &mut cases {
        times.sort_by(f64::total_cmp);
        println!("{name:20} {:8.1} {:8.1}", times[0], times[REPETITIONS / 2]);
    }
}

fn text() -> String {
    let text = r#"{"type":"msm","data":{"en":"example","m":"echoStream","cid":"0190163a-7d3f-7b1a-9c52-3f1c2a7be0aa","#;
    let text = format!(r#"{text}"p":"messages","o":{{"className":"String","data":""#);
    format!("{text}{}\"}}}}}}", "x".repeat(PAYLOAD_BYTES - text.len() - 4))
}

/// Frames of a client.
fn stream() -> Vec<u8> {
    let mut out = BytesMut::new();
    let mut writer = Writer::client(1);
    for _ in 0..FRAMES {
        writer.text(&mut out, &text());
    }
    out.to_vec()
}

/// What a socket does: the bytes come into the scratch buffer anew, since they are changed there.
fn copy() -> Box<dyn FnMut(usize)> {
    let stream = stream();
    let mut scratch = stream.clone();
    Box::new(move |rounds| {
        for _ in 0..rounds {
            black_box(&mut scratch).copy_from_slice(black_box(&stream));
        }
    })
}

fn drain(reader: &mut Reader, received: &mut [u8]) -> usize {
    let mut input = reader.input(received);
    let mut texts = 0;
    while let Ok(Some(event)) = input.next() {
        if let Event::Text(text) = black_box(event) {
            texts += usize::from(text.len() == PAYLOAD_BYTES);
        }
    }
    texts
}

/// With the time of `copy` in it.
fn read() -> Box<dyn FnMut(usize)> {
    let stream = stream();
    let mut scratch = stream.clone();
    let mut reader = Reader::new(Role::Server, MAX_BYTES);
    Box::new(move |rounds| {
        for _ in 0..rounds {
            black_box(&mut scratch).copy_from_slice(black_box(&stream));
            assert_eq!(drain(&mut reader, &mut scratch), FRAMES);
        }
    })
}

/// Each frame in two reads, cut inside its payload.
fn read_split() -> Box<dyn FnMut(usize)> {
    let stream = stream();
    let frame = stream.len() / FRAMES;
    let mut scratch = stream.clone();
    let mut reader = Reader::new(Role::Server, MAX_BYTES);
    Box::new(move |rounds| {
        for _ in 0..rounds {
            black_box(&mut scratch).copy_from_slice(black_box(&stream));
            let (first, rest) = scratch.split_at_mut(frame / 2);
            let mut texts = drain(&mut reader, first);
            for piece in rest.chunks_mut(frame) {
                texts += drain(&mut reader, piece);
            }
            assert_eq!(texts, FRAMES);
        }
    })
}

/// A socket that always has the same frames to read, and forgets what is written.
struct Endless {
    stream: Vec<u8>,
    at: usize,
}

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let rest = &self.stream[self.at..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.at = (self.at + count) % self.stream.len();
        Ok(count)
    }
}

impl Write for Endless {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(black_box(bytes).len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn tungstenite() -> WebSocket<Endless> {
    // What the server had before: a small read buffer, since each connection owns one.
    let config = WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(2 * MAX_BYTES)
        .max_write_buffer_size(usize::MAX);
    WebSocket::from_raw_socket(Endless { stream: stream(), at: 0 }, protocol::Role::Server, Some(config))
}

fn read_tungstenite() -> Box<dyn FnMut(usize)> {
    let mut socket = tungstenite();
    Box::new(move |rounds| {
        for _ in 0..rounds * FRAMES {
            let message = socket.read();
            assert!(matches!(black_box(message), Ok(Message::Text(text)) if text.len() == PAYLOAD_BYTES));
        }
    })
}

fn write() -> Box<dyn FnMut(usize)> {
    let (mut out, text) = (BytesMut::new(), text());
    let mut writer = Writer::server();
    Box::new(move |rounds| {
        for _ in 0..rounds {
            for _ in 0..FRAMES {
                writer.text(&mut out, black_box(&text));
            }
            black_box(&out);
            out.clear();
        }
    })
}

fn write_gap() -> Box<dyn FnMut(usize)> {
    let (mut out, text) = (BytesMut::new(), text());
    Box::new(move |rounds| {
        for _ in 0..rounds {
            for _ in 0..FRAMES {
                let gap = Gap::open(&mut out);
                out.extend_from_slice(black_box(text.as_bytes()));
                gap.close(&mut out, Opcode::Text);
            }
            black_box(&out);
            out.clear();
        }
    })
}

fn write_tungstenite() -> Box<dyn FnMut(usize)> {
    let mut socket = tungstenite();
    let text = Utf8Bytes::from(text());
    Box::new(move |rounds| {
        for _ in 0..rounds {
            for _ in 0..FRAMES {
                assert!(socket.write(Message::Text(black_box(text.clone()))).is_ok());
            }
            assert!(socket.flush().is_ok());
        }
    })
}

fn deflate() -> Box<dyn FnMut(usize)> {
    let (mut out, text) = (BytesMut::new(), text());
    let (mut writer, mut deflater) = (Writer::server(), Deflater::new());
    Box::new(move |rounds| {
        for _ in 0..rounds * FRAMES {
            deflater.message(&mut writer, &mut out, Kind::Text, WindowBits::MAX, black_box(text.as_bytes()));
            black_box(&out);
            out.clear();
        }
    })
}

/// What each receiver of a fan-out costs, where the part behind the head was compressed once.
fn deflated_body() -> Box<dyn FnMut(usize)> {
    let (mut out, text) = (BytesMut::new(), text().repeat(8));
    let mut writer = Writer::server();
    let body_bytes = text.len() - PAYLOAD_BYTES / 2;
    let body = Deflater::new().body(&text.as_bytes()[PAYLOAD_BYTES / 2..]);
    Box::new(move |rounds| {
        for _ in 0..rounds {
            for _ in 0..FRAMES {
                let gap = writer.begin(&mut out);
                out.extend_from_slice(black_box(text.as_bytes()));
                body.close(gap, &mut out, Kind::Text, body_bytes);
            }
            black_box(&out);
            out.clear();
        }
    })
}

fn inflate() -> Box<dyn FnMut(usize)> {
    let mut stream = BytesMut::new();
    Deflater::new().message(
        &mut Writer::server(),
        &mut stream,
        Kind::Text,
        WindowBits::MAX,
        text().as_bytes(),
    );
    let mut inflater = Inflater::new();
    let mut reader = Reader::new(Role::Client, MAX_BYTES).accepting_deflated();
    Box::new(move |rounds| {
        for _ in 0..rounds * FRAMES {
            let mut input = reader.input(black_box(&mut stream));
            let Ok(Some(Event::Deflated(message))) = input.next() else { return };
            assert!(black_box(inflater.inflate(message, MAX_BYTES)).is_ok());
        }
    })
}

fn mask() -> Box<dyn FnMut(usize)> {
    let mut payload = text().into_bytes();
    Box::new(move |rounds| {
        for _ in 0..rounds * FRAMES {
            apply_mask(black_box(&mut payload), black_box([1, 2, 3, 4]));
        }
    })
}
