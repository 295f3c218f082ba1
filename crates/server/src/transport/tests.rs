use std::future::poll_fn;

use bytes::BytesMut;
use streampod_websocket::{Agreement, Deflater, Event, Inflated, Inflater, Kind, Reader, Role, Writer};
use streampod_wire::FrameBuffer;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::*;
use crate::config::Compression;

const MESSAGE_MAX_BYTES: usize = 1024 * 1024;

fn agreement() -> Agreement {
    streampod_websocket::negotiate(["permessage-deflate"]).unwrap().unwrap()
}

/// A transport that compresses everything, and the other end of its pipe.
fn compressing() -> (WebSocket<DuplexStream>, DuplexStream) {
    let (ours, theirs) = duplex(64 * 1024);
    let compression = Compression { enabled: true, threshold_bytes: 1 };
    let compressed = Some(Compressed::new(agreement(), &compression));
    (WebSocket::new(ours, &[], MESSAGE_MAX_BYTES, compressed), theirs)
}

/// The texts that come next, at least one.
async fn receive(transport: &mut WebSocket<DuplexStream>) -> Vec<String> {
    let mut texts = Vec::new();
    poll_fn(|context| {
        let received = transport.poll_receive(context, |received| {
            let Received::Text(text) = received else { panic!("{received:?}") };
            texts.push(text.to_owned());
            true
        });
        assert_ne!(received, Poll::Ready(None));
        if texts.is_empty() { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    texts
}

/// What was received compressed and what was sent compressed leaves nothing on its connection.
#[tokio::test]
async fn an_idle_connection_that_compresses_owns_no_memory() {
    let (mut transport, mut theirs) = compressing();
    let text = "again and again ".repeat(1000);
    let mut sent = BytesMut::new();
    let window = agreement().window;
    Deflater::new().message(&mut Writer::client(1), &mut sent, Kind::Text, window, text.as_bytes());
    for _ in 0..3 {
        theirs.write_all(&sent).await.unwrap();
        assert_eq!(receive(&mut transport).await, std::slice::from_ref(&text));

        let mut out = FrameBuffer::framed(transport.framing());
        WebSocket::<DuplexStream>::lend(&mut out);
        out.text(&text);
        transport.take(&mut out);
        poll_fn(|context| transport.poll_flush(context)).await.unwrap();
        assert_eq!(transport.owned_bytes(), 0);

        let mut answer = vec![0; 64 * 1024];
        let count = theirs.read(&mut answer).await.unwrap();
        assert!(count < text.len() / 10);
        let mut reader = Reader::new(Role::Client, MESSAGE_MAX_BYTES).accepting_deflated();
        let mut input = reader.input(&mut answer[..count]);
        let Ok(Some(Event::Deflated(message))) = input.next() else { panic!("not compressed") };
        let mut inflater = Inflater::new();
        assert_eq!(inflater.inflate(message, MESSAGE_MAX_BYTES), Ok(Inflated::Text(&text)));
    }
}

/// Small messages that become large are not all inflated in one go, so that other connections of the thread get their turn.
#[tokio::test]
async fn so_much_is_inflated_in_one_go() {
    let (mut transport, mut theirs) = compressing();
    let text = " ".repeat(60_000);
    let mut sent = BytesMut::new();
    let mut deflater = Deflater::new();
    for _ in 0..10 {
        deflater.message(&mut Writer::client(1), &mut sent, Kind::Text, agreement().window, text.as_bytes());
    }
    assert!(sent.len() < 2000);
    theirs.write_all(&sent).await.unwrap();
    for _ in 0..5 {
        assert_eq!(receive(&mut transport).await, [text.clone(), text.clone()]);
    }
}

/// While a connection is closed, nobody hears what the client goes on to say, so that no time is spent on it.
#[tokio::test]
async fn what_comes_while_closing_is_not_inflated() {
    let (mut transport, mut theirs) = compressing();
    poll_fn(|context| transport.poll_close(Some(1000), context)).await.unwrap();
    let mut sent = BytesMut::new();
    let mut writer = Writer::client(1);
    writer.deflated(&mut sent, Kind::Text, b"this cannot be inflated");
    writer.close(&mut sent, None);
    theirs.write_all(&sent).await.unwrap();
    let mut received = Vec::new();
    poll_fn(|context| {
        let _ = transport.poll_receive(context, |event| {
            received.push(format!("{event:?}"));
            true
        });
        if received.is_empty() { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    assert_eq!(received, ["Close(None)"]);
}
