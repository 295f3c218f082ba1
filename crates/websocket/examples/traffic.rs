//! What permessage-deflate saves and costs on the traffic of the examples: `docs/compression.md` has its figures.
//!
//! `cargo run --release -p streampod-websocket --features deflate --example traffic`
//!
//! The folder `traffic` has every message of the two pages' end-to-end tests, in their order, `<` from the server and `>` from the
//! browser. Tokens were replaced by others of their length.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use flate2::{Compress, Compression, FlushCompress};
use streampod_websocket::{
    Deflated, DeflatedBody, Deflater, Event, Gap, Inflater, Kind, Opcode, Reader, Role, WindowBits, Writer,
};

const RECORDED: [(&str, &str); 2] =
    [("pixorama", include_str!("traffic/pixorama.txt")), ("chat", include_str!("traffic/chat.txt"))];
/// From how many bytes on messages are compressed; the first is none at all.
const THRESHOLDS: [usize; 7] = [usize::MAX, 4096, 1024, 512, 256, 128, 1];
const MESSAGE_MAX_BYTES: usize = 1024 * 1024;
/// The fastest of so many rounds counts.
const ROUNDS: usize = 200;

fn main() {
    for (name, recorded) in RECORDED {
        let messages = |direction: &str| -> Vec<&str> {
            recorded.lines().filter_map(|line| line.strip_prefix(direction)).collect()
        };
        sent(name, &messages("< "));
        received(name, &messages("> "));
    }
    fan_out();
}

/// What the server sends.
fn sent(name: &str, messages: &[&str]) {
    println!("\n{name}: {} messages from the server", messages.len());
    println!("{:>10} {:>11} {:>8} {:>7} {:>11}", "threshold", "compressed", "bytes", "saved", "ns/message");
    let mut plain = 0;
    for threshold in THRESHOLDS {
        let (mut writer, mut deflater, mut out) = (Writer::server(), Deflater::new(), BytesMut::new());
        let mut write = |out: &mut BytesMut| {
            for message in messages {
                let gap = writer.begin(out);
                out.extend_from_slice(black_box(message.as_bytes()));
                if message.len() < threshold {
                    gap.close(out, Opcode::Text);
                } else {
                    deflater.close(gap, out, Kind::Text, WindowBits::MAX);
                }
            }
        };
        write(&mut out);
        let (bytes, compressed) = (out.len(), compressed(&mut out));
        if threshold == usize::MAX {
            plain = bytes;
        }
        let time = fastest(|| {
            out.clear();
            write(&mut out);
            black_box(&out);
        });
        let threshold = if threshold == usize::MAX { "off".into() } else { threshold.to_string() };
        let saved = saved(plain, bytes);
        println!("{threshold:>10} {compressed:>11} {bytes:>8} {saved:>7} {:>11}", each(time, messages.len()));
    }
    // With a context that is taken over, for comparison. Here by connections' messages in one context, which flatters it.
    let bytes: usize = with_context(messages).iter().map(|payload| payload.len() + 4).sum();
    println!("with context {:>18} {:>7}", bytes, saved(plain, bytes));
}

/// How many messages are compressed.
fn compressed(frames: &mut [u8]) -> usize {
    let mut reader = Reader::new(Role::Client, MESSAGE_MAX_BYTES).accepting_deflated();
    let mut input = reader.input(frames);
    let mut count = 0;
    while let Ok(Some(event)) = input.next() {
        count += usize::from(matches!(event, Event::Deflated(_)));
    }
    count
}

/// What the server receives: a client that has agreed to it compresses every message, however small it is.
fn received(name: &str, messages: &[&str]) {
    println!("\n{name}: {} messages from the browser", messages.len());
    println!("{:>10} {:>8} {:>7} {:>11}", "", "bytes", "saved", "ns/message");
    let mut plain = 0;
    for deflates in [false, true] {
        let (mut writer, mut deflater, mut stream) = (Writer::client(1), Deflater::new(), BytesMut::new());
        for message in messages {
            if deflates {
                deflater.message(&mut writer, &mut stream, Kind::Text, WindowBits::MAX, message.as_bytes());
            } else {
                writer.text(&mut stream, message);
            }
        }
        if !deflates {
            plain = stream.len();
        }
        let mut reader = Reader::new(Role::Server, MESSAGE_MAX_BYTES).accepting_deflated();
        let mut inflater = Inflater::new();
        let mut scratch = vec![0; stream.len()];
        let time = fastest(|| {
            scratch.copy_from_slice(&stream);
            let mut input = reader.input(&mut scratch);
            let mut count = 0;
            while let Ok(Some(event)) = input.next() {
                if let Event::Deflated(message) = event {
                    assert!(black_box(inflater.inflate(message, MESSAGE_MAX_BYTES)).is_ok());
                }
                count += 1;
            }
            assert_eq!(count, messages.len());
        });
        let label = if deflates { "compressed" } else { "as it is" };
        let (bytes, saved) = (stream.len(), saved(plain, stream.len()));
        println!("{label:>10} {bytes:>8} {saved:>7} {:>11}", each(time, messages.len()));
    }
}

/// Ends a frame.
type Close<'a> = Box<dyn FnMut(Gap, &mut BytesMut) + 'a>;

/// What one receiver of Pixorama's picture costs, where many get the same, by how it is compressed.
fn fan_out() {
    let Some(picture) = RECORDED[0].1.lines().find(|line| line.contains("ImageData")) else { return };
    let picture = &picture[2..];
    let body = &picture[picture.find(r#""data":{"pixels"#).unwrap_or(0)..];
    println!("\na message of {} bytes to many, for each of them", picture.len());
    println!("{:>20} {:>8} {:>11}", "", "bytes", "ns/message");
    let (mut deflater, mut out) = (Deflater::new(), BytesMut::new());
    let shared: DeflatedBody = deflater.body(body.as_bytes());
    let mut close: [(&str, Close<'_>); 3] = [
        ("as it is", Box::new(|gap, out| gap.close(out, Opcode::Text))),
        (
            "compressed for each",
            Box::new(move |gap, out| deflater.close(gap, out, Kind::Text, WindowBits::MAX)),
        ),
        ("compressed once", Box::new(move |gap, out| shared.close(gap, out, Kind::Text, body.len()))),
    ];
    for (label, close) in &mut close {
        let time = fastest(|| {
            for _ in 0..10 {
                out.clear();
                let gap = Gap::open(&mut out);
                out.extend_from_slice(black_box(picture.as_bytes()));
                close(gap, &mut out);
            }
        });
        println!("{label:>20} {:>8} {:>11}", out.len(), each(time, 10));
    }
}

/// The payloads of messages whose compression may refer to those before them.
fn with_context(messages: &[&str]) -> Vec<Vec<u8>> {
    let mut compress = Compress::new(Compression::new(2), false);
    let deflate = |message: &&str| {
        let mut out = Vec::with_capacity(message.len() + 1024);
        let status = compress.compress_vec(message.as_bytes(), &mut out, FlushCompress::Sync);
        assert!(status.is_ok() && out.ends_with(&[0, 0, 0xff, 0xff]));
        out.truncate(out.len() - 4);
        out
    };
    let payloads: Vec<_> = messages.iter().map(deflate).collect();
    let mut inflater = Inflater::keeping_context();
    for (payload, message) in payloads.iter().zip(messages) {
        let inflated = inflater.inflate(Deflated { kind: Kind::Text, payload }, MESSAGE_MAX_BYTES);
        assert_eq!(inflated, Ok(streampod_websocket::Inflated::Text(message)));
    }
    payloads
}

fn fastest(mut round: impl FnMut()) -> Duration {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        round();
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

fn each(time: Duration, messages: usize) -> String {
    format!("{:.0}", time.as_nanos() as f64 / messages as f64)
}

fn saved(plain: usize, bytes: usize) -> String {
    format!("{:.1} %", 100.0 * (1.0 - bytes as f64 / plain as f64))
}
