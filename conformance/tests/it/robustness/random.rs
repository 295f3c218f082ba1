//! Many clients that say anything at all, and go away at any moment.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::Bystander;
use crate::kit::{Call, RawClient, TestServer, opcode};

const CLIENTS: u64 = 200;

/// Random numbers that are the same in every run.
struct Random(u64);

impl Random {
    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// Methods that end by themselves, or with their caller.
const METHODS: [(&str, &[&str]); 16] = [
    ("simpleStream", &[]),
    ("neverEndingStreamWithDelay", &[]),
    ("simpleStreamWithParameter", &[]),
    ("delayedStreamResponse", &[]),
    ("getBroadcastStream", &[]),
    ("intEchoStream", &["stream"]),
    ("dynamicEchoStream", &["stream"]),
    ("multipleIntEchoStreams", &["stream1", "stream2"]),
    ("intReturnFromStream", &["stream"]),
    ("voidReturnAfterStream", &["stream"]),
    ("directOneIntReturnWithStreamInput", &["stream"]),
    ("throwsSerializableException", &["stream"]),
    ("outStreamThrowsException", &[]),
    ("didInputStreamHaveError", &["stream"]),
    ("exceptionThrownBeforeStreamReturn", &[]),
    ("noSuchMethod", &["stream"]),
];

fn call(random: &mut Random) -> (Call, &'static [&'static str]) {
    let number = random.below(6) as u32;
    let (method, inputs) = random.one(&METHODS);
    (Call::streaming(number, method), inputs)
}

/// A frame that makes sense in some situation.
fn frame(random: &mut Random) -> Value {
    let (call, inputs) = call(random);
    let parameter = random.one(&["stream", "stream", "stream", "stream1", "stream2", "noSuchStream"]);
    let arguments = json!({ "value": random.below(2000), "millisecondsDelay": random.below(3), "delay": random.below(100) });
    let reason = random.one(&["done", "error"]);
    match random.below(12) {
        0..4 => call.open(arguments, inputs),
        4 => call.open(json!({}), &[]),
        5..8 => call.feed(parameter, "int", json!(random.below(100))),
        8 => call.throw(
            parameter,
            "ExceptionWithData",
            json!({ "message": "m", "creationDate": "2020-01-01T00:00:00.000Z", "errorFields": [] }),
        ),
        9 => call.close(reason),
        10 => call.close_input(parameter, reason),
        _ => json!({ "type": random.one(&["ping", "pong"]) }),
    }
}

/// What may close the connection or end a call: half a frame, another type, something unreadable, any bytes.
fn nonsense(random: &mut Random) -> Vec<u8> {
    let mut text = frame(random).to_string();
    let (call, _) = call(random);
    match random.below(8) {
        0 => text.truncate(random.below(text.len())),
        1 => text = call.feed("stream", "String", json!("x")).to_string(),
        2 => text = call.feed("stream", "NoSuchClass", json!({})).to_string(),
        3 => text = text.replace('4', "g"),
        4 => text = json!({ "type": "brm", "data": { "req": "x" } }).to_string(),
        5 => return RawClient::encode(random.one(&[opcode::BINARY, opcode::CLOSE, opcode::PONG]), b""),
        6 => return RawClient::encode_part(opcode::TEXT, text.as_bytes(), false),
        _ => return (0..random.below(100)).map(|_| random.below(256) as u8).collect(),
    }
    RawClient::encode(opcode::TEXT, text.as_bytes())
}

/// A client from its first frame to its end.
async fn live(port: u16, seed: u64) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed + 1));
    let mut client = RawClient::connect(port).await;
    // Whether the server is at the end of a frame, and will answer the next one.
    let mut is_sound = true;
    for _ in 0..random.below(60) {
        let mut bytes = Vec::new();
        for _ in 0..=random.below(5) {
            // Most clients say nothing wrong for a while.
            if random.below(30) == 0 {
                bytes.extend(nonsense(&mut random));
                is_sound = false;
            } else {
                bytes.extend(RawClient::encode(opcode::TEXT, frame(&mut random).to_string().as_bytes()));
            }
        }
        if random.below(40) == 0 {
            bytes.truncate(random.below(bytes.len()));
            is_sound = false;
        }
        if client.write(&bytes).await.is_err() {
            break;
        }
        if is_sound && random.below(3) == 0 {
            let ping = RawClient::encode(opcode::PING, b"");
            if client.write(&ping).await.is_err() {
                break;
            }
            while let Some(frame) = client.read().await {
                if [opcode::PONG, opcode::CLOSE].contains(&frame.opcode) {
                    break;
                }
            }
        }
    }
    match seed % 4 {
        0 | 1 => client.reset(),
        2 if is_sound => {
            let _ = client.write(&RawClient::encode(opcode::CLOSE, b"")).await;
            while client.read().await.is_some() {}
        }
        _ => {}
    }
}

#[tokio::test]
async fn nothing_is_left_of_random_clients() {
    let server = TestServer::start().await;
    let mut bystander = Bystander::new(&server).await;
    let mut clients = JoinSet::new();
    for seed in 0..CLIENTS {
        clients.spawn(live(server.port(), seed));
    }
    while let Some(result) = clients.join_next().await {
        result.unwrap();
        bystander.check().await;
    }
    bystander.leave(&server).await;
}
