//! What moving the frames alone costs: epoll, heads of frames, masks, one write per read. It reads no frame's text but
//! the first of a connection, which says what the connection is for.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;

use anyhow::{Context, ensure};
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token};

use crate::load::frame_head;

const LISTENER: Token = Token(usize::MAX);
const READ_BYTES: usize = 256 * 1024;
/// The answer to the key that the load sends: the example of RFC 6455, section 1.3.
const UPGRADED: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// How often it writes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writes {
    /// Once for all that one read brought.
    OnePerRead,
    /// Once for every frame.
    OnePerFrame,
}

struct Connection {
    socket: TcpStream,
    role: Role,
    /// The beginning of a frame whose end was not read yet.
    carry: Vec<u8>,
    unsent: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Has sent no frame yet; what it opens says what it is.
    Unknown,
    /// Gets back what it sends.
    Echo,
    /// What it sends goes to all subscribers.
    Publisher,
    Subscriber,
}

/// Serves until the process is ended.
pub(crate) fn serve(address: SocketAddr, writes: Writes) -> anyhow::Result<()> {
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::bind(address)?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut floor = Floor {
        writes,
        connections: Vec::new(),
        subscribers: Vec::new(),
        input: vec![0; READ_BYTES],
        out: Vec::with_capacity(READ_BYTES),
        frame_ends: Vec::new(),
    };
    let mut events = Events::with_capacity(1024);
    loop {
        if let Err(error) = poll.poll(&mut events, None) {
            ensure!(error.kind() == ErrorKind::Interrupted, error);
        }
        for event in &events {
            if event.token() == LISTENER {
                floor.accept(&listener, &poll)?;
                continue;
            }
            let index = event.token().0;
            let outcome = floor.turn(index);
            // A load that has measured enough just goes; one that misses something says so itself.
            if !matches!(outcome, Ok(true)) {
                floor.connections[index] = None;
                floor.subscribers.retain(|subscriber| *subscriber != index);
            }
        }
    }
}

struct Floor {
    writes: Writes,
    connections: Vec<Option<Connection>>,
    subscribers: Vec<usize>,
    /// What one read brings, for all connections.
    input: Vec<u8>,
    /// What answers it, and where its frames end.
    out: Vec<u8>,
    frame_ends: Vec<usize>,
}

impl Floor {
    fn accept(&mut self, listener: &TcpListener, poll: &Poll) -> anyhow::Result<()> {
        loop {
            let mut socket = match listener.accept() {
                Ok((socket, _)) => socket,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("accepting"),
            };
            socket.set_nodelay(true)?;
            let token = Token(self.connections.len());
            poll.registry().register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)?;
            let (carry, unsent) = Default::default();
            self.connections.push(Some(Connection { socket, role: Role::Unknown, carry, unsent }));
        }
    }

    /// Reads what is there and answers it. False at the end of the connection.
    fn turn(&mut self, index: usize) -> anyhow::Result<bool> {
        let Some(connection) = &mut self.connections[index] else { return Ok(true) };
        connection.flush()?;
        loop {
            let Some(connection) = &mut self.connections[index] else { return Ok(true) };
            let carried = connection.carry.len();
            self.input[..carried].copy_from_slice(&connection.carry);
            let read = match connection.socket.read(&mut self.input[carried..]) {
                Ok(0) => return Ok(false),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error.into()),
            };
            let filled = carried + read;
            let consumed = self.answer(index, filled)?;
            let Some(connection) = &mut self.connections[index] else { return Ok(true) };
            connection.carry.clear();
            connection.carry.extend_from_slice(&self.input[consumed..filled]);
            ensure!(connection.carry.len() < READ_BYTES / 2, "a frame of more than {} bytes", READ_BYTES / 2);
            // Less than there was room for: there is no more, and another read would only say so.
            if filled < READ_BYTES {
                return Ok(true);
            }
        }
    }

    /// Answers the whole frames among the first bytes of the input, and says how many bytes these have.
    fn answer(&mut self, index: usize, filled: usize) -> anyhow::Result<usize> {
        self.out.clear();
        self.frame_ends.clear();
        let input = &mut self.input[..filled];
        let mut consumed = 0;
        let Some(connection) = &mut self.connections[index] else { return Ok(filled) };
        if input.starts_with(b"GET ") {
            let Some(end) = input.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(0) };
            connection.send(UPGRADED)?;
            consumed = end + 4;
        }
        while let Some((head, length, mask)) = client_frame(&input[consumed..])? {
            let payload = &mut input[consumed + head..consumed + head + length];
            unmask(payload, mask);
            frame_head(&mut self.out, 0x1, length, None);
            self.out.extend_from_slice(payload);
            consumed += head + length;
            if connection.role == Role::Unknown {
                connection.role = role(payload);
                if connection.role == Role::Subscriber {
                    self.subscribers.push(index);
                }
                connection.send(&self.out)?;
                self.out.clear();
            } else {
                self.frame_ends.push(self.out.len());
            }
        }
        if self.writes == Writes::OnePerRead {
            self.frame_ends.clear();
            if !self.out.is_empty() {
                self.frame_ends.push(self.out.len());
            }
        }
        let is_publisher = connection.role == Role::Publisher;
        let one = [index];
        let receivers = if is_publisher { self.subscribers.as_slice() } else { one.as_slice() };
        let mut start = 0;
        for end in &self.frame_ends {
            for receiver in receivers {
                if let Some(receiver) = &mut self.connections[*receiver] {
                    receiver.send(&self.out[start..*end])?;
                }
            }
            start = *end;
        }
        Ok(consumed)
    }
}

impl Connection {
    fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut sent = 0;
        if self.unsent.is_empty() {
            while sent < bytes.len() {
                match self.socket.write(&bytes[sent..]) {
                    Ok(written) => sent += written,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        self.unsent.extend_from_slice(&bytes[sent..]);
        Ok(())
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        if self.unsent.is_empty() {
            return Ok(());
        }
        let unsent = std::mem::take(&mut self.unsent);
        self.send(&unsent)
    }
}

/// The length of a client's frame's head, that of its payload, and its mask, if all of the frame is there.
fn client_frame(input: &[u8]) -> anyhow::Result<Option<(usize, usize, [u8; 4])>> {
    let [first, second, ..] = *input else { return Ok(None) };
    ensure!(first == 0x81 && second & 0x80 != 0, "not a masked text frame: {first:#x} {second:#x}");
    let (head, length) = match (second & 0x7f, input) {
        (126, [_, _, a, b, ..]) => (8, usize::from(u16::from_be_bytes([*a, *b]))),
        (126, _) => return Ok(None),
        (127, _) => anyhow::bail!("a frame of more than 64 KiB"),
        (length, _) => (6, usize::from(length)),
    };
    if input.len() < head + length {
        return Ok(None);
    }
    Ok(input[head - 4..head].try_into().ok().map(|mask| (head, length, mask)))
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let mut chunks = payload.chunks_exact_mut(8);
    for chunk in &mut chunks {
        let mut eight = [0; 8];
        eight.copy_from_slice(chunk);
        chunk.copy_from_slice(&(u64::from_ne_bytes(eight) ^ wide).to_ne_bytes());
    }
    for (byte, mask) in chunks.into_remainder().iter_mut().zip(mask.into_iter().cycle()) {
        *byte ^= mask;
    }
}

fn role(payload: &[u8]) -> Role {
    let has = |text: &[u8]| payload.windows(text.len()).any(|window| window == text);
    match () {
        () if has(br#""m":"publish""#) => Role::Publisher,
        () if has(br#""m":"subscribe""#) => Role::Subscriber,
        () => Role::Echo,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_of_any_length_are_unmasked() {
        let mask = [1, 2, 3, 4];
        for length in 0..40 {
            let mut payload: Vec<u8> = (0..length).collect();
            let expected: Vec<u8> =
                payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask).collect();
            unmask(&mut payload, mask);
            assert_eq!(payload, expected);
        }
    }
}
