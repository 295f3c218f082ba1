//! An echo server: the codec on a tokio socket, as plainly as it goes. Autobahn runs against it.
//!
//! `cargo run -p streampod-websocket --example echo --features deflate -- 127.0.0.1:9001`

use std::cell::RefCell;
use std::io;

use bytes::BytesMut;
use streampod_websocket::{
    Agreement, Close, Deflater, Event, Inflated, Inflater, Kind, Reader, Role, Violation, Writer, negotiate,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

const MESSAGE_MAX_BYTES: usize = 32 * 1024 * 1024;
const HANDSHAKE_MAX_BYTES: usize = 16 * 1024;
/// No more is read while as much as this is unsent.
const OUT_MAX_BYTES: usize = 256 * 1024;

thread_local! {
    /// What all connections of the thread share, so that an idle one owns nothing of it.
    static SHARED: RefCell<Shared> = RefCell::default();
}

#[derive(Default)]
struct Shared {
    inflater: Inflater,
    deflater: Deflater,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9001".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (socket, _) = listener.accept().await?;
        tokio::spawn(async move {
            if let Err(error) = serve(socket).await {
                eprintln!("{error}");
            }
        });
    }
}

async fn serve(mut socket: TcpStream) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let Some(agreement) = shake_hands(&mut socket).await? else { return Ok(()) };
    let mut reader = Reader::new(Role::Server, MESSAGE_MAX_BYTES);
    if agreement.is_some() {
        reader = reader.accepting_deflated();
    }
    let mut received = vec![0; 64 * 1024];
    let mut out = BytesMut::new();
    loop {
        let count = if reader.has_rest() { 0 } else { socket.read(&mut received).await? };
        if count == 0 && !reader.has_rest() {
            return Ok(());
        }
        let open = SHARED
            .with_borrow_mut(|shared| echo(&mut reader, &mut received[..count], agreement, shared, &mut out));
        socket.write_all(&out).await?;
        out.clear();
        if !open {
            return finish(socket, &mut received).await;
        }
    }
}

/// Answers what was received, as far as there is room, and says whether the connection stays open.
fn echo(
    reader: &mut Reader,
    received: &mut [u8],
    agreement: Option<Agreement>,
    shared: &mut Shared,
    out: &mut BytesMut,
) -> bool {
    let mut writer = Writer::server();
    let answered = answer(reader, received, agreement, shared, &mut writer, out);
    if let Err(violation) = answered {
        let close = Close { code: violation.code(), reason: violation.description() };
        writer.close(out, Some(close));
    }
    answered.is_ok() && !reader.is_closed()
}

fn answer(
    reader: &mut Reader,
    received: &mut [u8],
    agreement: Option<Agreement>,
    shared: &mut Shared,
    writer: &mut Writer,
    out: &mut BytesMut,
) -> Result<(), Violation> {
    let Shared { inflater, deflater } = shared;
    let mut input = reader.input(received);
    while out.len() < OUT_MAX_BYTES {
        let Some(event) = input.next()? else { break };
        match event {
            Event::Text(text) => writer.text(out, text),
            Event::Binary(bytes) => writer.binary(out, bytes),
            Event::Deflated(message) => {
                let (kind, payload) = match inflater.inflate(message, MESSAGE_MAX_BYTES)? {
                    Inflated::Text(text) => (Kind::Text, text.as_bytes()),
                    Inflated::Binary(bytes) => (Kind::Binary, bytes),
                };
                if let Some(agreement) = agreement {
                    deflater.message(writer, out, kind, agreement.window, payload);
                }
            }
            // The payload of a ping is never too long for a pong.
            Event::Ping(payload) => drop(writer.pong(out, payload)),
            Event::Close(close) => writer.close(out, close.map(|close| Close { reason: "", ..close })),
            _ => {}
        }
    }
    Ok(())
}

/// Lets the other side read the close frame: a socket that is closed with something unread is reset.
async fn finish(mut socket: TcpStream, received: &mut [u8]) -> io::Result<()> {
    socket.shutdown().await?;
    while socket.read(received).await? > 0 {}
    Ok(())
}

/// Answers the opening handshake. `None` if it was none; otherwise what was agreed on.
async fn shake_hands(socket: &mut TcpStream) -> io::Result<Option<Option<Agreement>>> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if request.len() > HANDSHAKE_MAX_BYTES || socket.read_buf(&mut request).await? == 0 {
            return Ok(None);
        }
    }
    let request = String::from_utf8_lossy(&request);
    let field = |wanted: &'static str| {
        let fields = request.lines().filter_map(|line| line.split_once(':'));
        fields.filter(move |(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let agreement = negotiate(field("sec-websocket-extensions"));
    let (Some(key), Ok(agreement)) = (field("sec-websocket-key").next(), agreement) else {
        socket.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await?;
        return Ok(None);
    };
    let extensions = agreement
        .map(|agreement| format!("Sec-WebSocket-Extensions: {}\r\n", agreement.answer()))
        .unwrap_or_default();
    let accept = derive_accept_key(key.as_bytes());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{extensions}\r\n"
    );
    socket.write_all(answer.as_bytes()).await?;
    Ok(Some(agreement))
}
