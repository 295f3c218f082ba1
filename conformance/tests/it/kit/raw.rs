//! A WebSocket client without a library: it sees every frame as it stands and may send any bytes.

use std::io;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::within;

/// What a frame is.
pub(crate) mod opcode {
    pub(crate) const CONTINUATION: u8 = 0;
    pub(crate) const TEXT: u8 = 1;
    pub(crate) const BINARY: u8 = 2;
    pub(crate) const CLOSE: u8 = 8;
    pub(crate) const PING: u8 = 9;
    pub(crate) const PONG: u8 = 10;
    /// Beside the opcode of a message that is compressed.
    pub(crate) const COMPRESSED: u8 = 0x40;
}

/// Marks the last frame of a message, in a frame's first byte.
const FIN: u8 = 0x80;
/// Marks what a client sends, in a frame's second byte.
const MASKED: u8 = 0x80;
/// What clients mask with here.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A WebSocket after its handshake.
#[derive(Debug)]
pub(crate) struct RawClient {
    pub(crate) socket: TcpStream,
    /// What was received and not read yet.
    unread: Vec<u8>,
}

/// A frame that the server sent; the opcode has [`opcode::COMPRESSED`] in it if the payload is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawFrame {
    pub(crate) opcode: u8,
    pub(crate) payload: Vec<u8>,
}

impl RawClient {
    pub(crate) async fn connect(port: u16) -> Self {
        Self::upgrade(TcpStream::connect(("127.0.0.1", port)).await.unwrap(), "/v1/websocket").await
    }

    /// A client whose socket takes little before the server has to wait.
    pub(crate) async fn with_small_buffers(port: u16) -> Self {
        Self::with_small_buffers_to(port, "/v1/websocket").await
    }

    pub(crate) async fn with_small_buffers_to(port: u16, path: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket.set_send_buffer_size(4096).unwrap();
        let socket = socket.connect(([127, 0, 0, 1], port).into()).await.unwrap();
        Self::upgrade(socket, path).await
    }

    /// Shakes hands.
    pub(crate) async fn upgrade(socket: TcpStream, path: &str) -> Self {
        let (client, head) = Self::shake_hands(socket, path, "").await;
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        client
    }

    /// Shakes hands with these further headers, each with its line's end, and gives the head of the answer.
    pub(crate) async fn shake_hands(mut socket: TcpStream, path: &str, headers: &str) -> (Self, String) {
        socket.set_nodelay(true).unwrap();
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within("the handshake", socket.read_u8()).await.unwrap());
        }
        (Self { socket, unread: Vec::new() }, String::from_utf8(head).unwrap())
    }

    /// A whole message in one frame, masked as a client must.
    pub(crate) fn encode(opcode: u8, payload: &[u8]) -> Vec<u8> {
        Self::encode_part(opcode, payload, true)
    }

    /// A frame of a message; the last one if `fin`.
    pub(crate) fn encode_part(opcode: u8, payload: &[u8], fin: bool) -> Vec<u8> {
        let mut frame = Self::head(opcode, payload.len(), fin);
        frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        frame
    }

    /// What comes before the payload of a masked frame.
    pub(crate) fn head(opcode: u8, length: usize, fin: bool) -> Vec<u8> {
        let mut head = vec![opcode | if fin { FIN } else { 0 }];
        match u16::try_from(length) {
            Ok(length @ 0..126) => head.push(MASKED | length as u8),
            Ok(length) => {
                head.push(MASKED | 126);
                head.extend(length.to_be_bytes());
            }
            Err(_) => {
                head.push(MASKED | 127);
                head.extend((length as u64).to_be_bytes());
            }
        }
        head.extend(MASK);
        head
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        within("writing", self.socket.write_all(bytes)).await
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.write(&Self::encode(opcode::TEXT, frame.to_string().as_bytes())).await.unwrap();
    }

    /// The next frame; `None` at the end of the connection, however it came about.
    pub(crate) async fn read(&mut self) -> Option<RawFrame> {
        loop {
            if let Some(frame) = self.decode() {
                return Some(frame);
            }
            match within("a frame", self.socket.read_buf(&mut self.unread)).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The next frame, which must be text.
    pub(crate) async fn frame(&mut self) -> Value {
        match self.read().await {
            Some(RawFrame { opcode: opcode::TEXT, payload }) => serde_json::from_slice(&payload).unwrap(),
            other => panic!("expected a frame, found {other:?}"),
        }
    }

    /// Drops the connection with a reset instead of an end.
    pub(crate) fn reset(self) {
        self.socket.set_zero_linger().unwrap();
    }

    /// Takes a whole frame from what was received.
    fn decode(&mut self) -> Option<RawFrame> {
        let bytes = &self.unread;
        let (first, second) = (*bytes.first()?, *bytes.get(1)?);
        assert_eq!((first & FIN, second & MASKED), (FIN, 0), "a server sends whole frames without a mask");
        assert_eq!(first & 0x30, 0, "nothing has a meaning for these bits");
        let (start, length) = match second {
            126 => (4, usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().unwrap()))),
            127 => (10, u64::from_be_bytes(bytes.get(2..10)?.try_into().unwrap()) as usize),
            length => (2, usize::from(length)),
        };
        let payload = bytes.get(start..start + length)?.to_vec();
        self.unread.drain(..start + length);
        Some(RawFrame { opcode: first & !FIN, payload })
    }
}

impl RawFrame {
    /// The code of a close frame; none if it is empty.
    pub(crate) fn close_code(&self) -> Option<u16> {
        assert_eq!(self.opcode, opcode::CLOSE, "{self:?}");
        let code = self.payload.first_chunk()?;
        Some(u16::from_be_bytes(*code))
    }
}
