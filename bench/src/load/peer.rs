//! What a server speaks, and what is said to it.

use super::dialect::Dialect;
use super::grpc::{Grpc, Packing};
use super::grpc_calls::GrpcCalls;
use super::http::Http;
use super::many_calls::ManyCalls;
use super::socket_io::SocketIo;
use super::template::{SLOT, Template};
use super::websocket::WebSocket;
use crate::frames::Call;
use crate::payload::Payload;
use crate::server::EACH;

const INPUT: Option<&str> = Some("messages");

/// What a server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Peer {
    /// Streampod's frames, and it knows what they mean.
    Streampod,
    /// Any frame; it sends back what it gets, or passes it on.
    Raw,
    /// POST with JSON.
    Http,
    /// JSON-RPC over a WebSocket.
    JsonRpc,
    /// Events of Socket.IO over a WebSocket. For `echo` alone.
    SocketIo,
    /// gRPC; messages that are sent together share a frame.
    Grpc,
    /// gRPC; each message has a frame.
    GrpcEach,
    /// gRPC, by tonic's own client. For `echo` alone.
    GrpcClient,
}

impl Peer {
    /// A connection with a call that sends everything back.
    pub(crate) fn echo(self, payload: Payload, connection: usize) -> Box<dyn Dialect> {
        if let Some(packing) = self.packing() {
            return Box::new(Grpc::new(payload.path(), payload.protobuf(connection), packing));
        }
        if self == Self::Http {
            let text = format!("{SLOT} of {connection:05}");
            let body = format!(r#"{{"text":"{text}","method":"same"}}"#);
            return Box::new(Http::new(&body, &format!("\"{text}\"")));
        }
        if self == Self::SocketIo {
            return Box::new(SocketIo::new(&payload.json(connection)));
        }
        if self == Self::JsonRpc {
            // The number is in the id.
            let value = payload.json(connection).replace(SLOT, &"n".repeat(SLOT.len()));
            let request = Template::text(&json_rpc("once", &format!("[{value}]")));
            let answer = Template::text(&json_rpc_result(&value));
            return Box::new(WebSocket::new(Vec::new(), Some(request), vec![answer]));
        }
        let call = Call::new(payload.method(), connection, INPUT);
        let wrapped = payload.wrapped(connection);
        let request = call.request(&wrapped);
        let answer = if self == Self::Raw { request.clone() } else { call.answer(&wrapped) };
        let (request, answer) = (payload.template(&request), payload.template(&answer));
        Box::new(WebSocket::new(vec![self.opening(&call, "{}")], Some(request), vec![answer]))
    }

    /// A connection with many such calls.
    pub(crate) fn interleaved(self, payload: Payload, connection: usize, calls: usize) -> Box<dyn Dialect> {
        let wrapped = payload.wrapped(connection);
        let calls = (0..calls).map(|number| {
            let call = Call::new(payload.method(), number, INPUT);
            let opening = self.opening(&call, "{}");
            (call, opening)
        });
        let request = |call: &Call<'_>| Some(payload.template(&call.request(&wrapped)));
        Box::new(ManyCalls::new(calls, request, |call| payload.template(&call.answer(&wrapped))))
    }

    /// A connection with a call on each channel.
    pub(crate) fn listener(self, channels: usize) -> Box<dyn Dialect> {
        let calls = (0..channels).map(|channel| {
            let call = Call::new("listen", channel, None);
            let opening = self.opening(&call, &format!(r#"{{"channel":{channel}}}"#));
            (call, opening)
        });
        let answer = |call: &Call<'_>| Template::text(&call.answer(&Payload::Text.wrapped(0)));
        Box::new(ManyCalls::new(calls, |_| None, answer))
    }

    /// The connection that publishes on each channel in turn.
    pub(crate) fn spreader(self, channels: usize) -> Box<dyn Dialect> {
        let call = Call::new("spread", channels, INPUT);
        self.publishes(&call, &format!(r#"{{"channels":{channels}}}"#), 0)
    }

    /// A connection that publishes on the channel of its number, on a server of Streampod.
    pub(crate) fn poster(self, connection: usize) -> Box<dyn Dialect> {
        let call = Call::new("post", connection, INPUT);
        Self::Streampod.publishes(&call, &format!(r#"{{"channel":{connection}}}"#), connection)
    }

    fn publishes(self, call: &Call<'_>, arguments: &str, connection: usize) -> Box<dyn Dialect> {
        let request = Template::text(&call.request(&Payload::Text.wrapped(connection)));
        Box::new(WebSocket::new(vec![self.opening(call, arguments)], Some(request), Vec::new()))
    }

    /// A connection that gets one of many messages on that channel: from Streampod as an element, and as it was published from a
    /// raw server.
    pub(crate) fn receiver(self, connection: usize) -> Box<dyn Dialect> {
        let call = Call::new("receive", connection, None);
        let wrapped = Payload::Text.wrapped(connection);
        let mut opening = vec![self.opening(&call, &format!(r#"{{"channel":{connection}}}"#))];
        let answer = match self {
            Self::Raw => wrapped,
            _ => {
                // Comes when the server hears what others publish.
                let ready = r#"{"className":"String","data":"ready"}"#;
                opening.push((String::new(), call.answer(ready)));
                call.answer(&wrapped)
            }
        };
        Box::new(WebSocket::new(opening, None, vec![Template::text(&answer)]).each(EACH))
    }

    /// A connection that gets what is published, if the server can do that. A raw server sends the same bytes to all.
    pub(crate) fn subscriber(self, connection: usize) -> Box<dyn Dialect> {
        if self == Self::JsonRpc {
            let opening = [(json_rpc("subscribe", "[]"), json_rpc_result("0"))];
            let answer = format!(
                r#"{{"jsonrpc":"2.0","method":"news","params":{{"subscription":0,"result":{}}}}}"#,
                Payload::Text.json(0)
            );
            return Box::new(WebSocket::new(opening.to_vec(), None, vec![Template::text(&answer)]));
        }
        let number = if self == Self::Raw { 0 } else { connection };
        let call = Call::new("subscribe", number, None);
        let answer = Template::text(&call.answer(&Payload::Text.wrapped(0)));
        Box::new(WebSocket::new(vec![self.opening(&call, "{}")], None, vec![answer]))
    }

    /// The connection that publishes.
    pub(crate) fn publisher(self, connection: usize) -> Box<dyn Dialect> {
        if self == Self::JsonRpc {
            // The number is in the text, so that subscribers see it.
            let request =
                json_rpc("publish", &format!("[{}]", Payload::Text.json(0))).replacen(SLOT, "publish", 1);
            let answers = vec![Template::text(&json_rpc_result("0").replacen(SLOT, "publish", 1))];
            return Box::new(WebSocket::new(Vec::new(), Some(Template::text(&request)), answers));
        }
        let call = Call::new("publish", connection, INPUT);
        let wrapped = Payload::Text.wrapped(0);
        let request = match self {
            Self::Raw => Call::new("subscribe", 0, None).answer(&wrapped),
            _ => call.request(&wrapped),
        };
        Box::new(WebSocket::new(vec![self.opening(&call, "{}")], Some(Template::text(&request)), Vec::new()))
    }

    /// Whether what is published is answered where it was published, too.
    pub(crate) fn answers_publisher(self) -> bool {
        self == Self::JsonRpc
    }

    /// A connection with idle calls. The first of Streampod's listens to a channel.
    pub(crate) fn idle(self, connection: usize, calls: usize) -> Box<dyn Dialect> {
        if self.packing().is_some() {
            return Box::new(GrpcCalls::idle(calls));
        }
        let opening = (0..calls).map(|index| {
            let method = if index == 0 { "subscribe" } else { "idle" };
            self.opening(&Call::new(method, connection * calls + index, None), "{}")
        });
        Box::new(WebSocket::new(opening.collect(), None, Vec::new()))
    }

    /// A connection that opens calls, each of which answers once and ends.
    pub(crate) fn calls(self) -> Box<dyn Dialect> {
        if self.packing().is_some() {
            return Box::new(GrpcCalls::once());
        }
        if self == Self::JsonRpc {
            let text = r#""the same for all, as the call's id has the number""#;
            let request = Template::text(&json_rpc("once", &format!("[{text}]")));
            let answer = Template::text(&json_rpc_result(text));
            return Box::new(WebSocket::new(Vec::new(), Some(request), vec![answer]));
        }
        let call = Call { method: "once", number: format!("00{SLOT}"), input: None };
        let text = r#"{"text":"the same for all, as the call's id has the number"}"#;
        let answer = r#"{"className":"String","data":"the same for all, as the call's id has the number"}"#;
        let answers = [call.opened(), call.answer(answer), call.done()].map(|text| Template::text(&text));
        Box::new(WebSocket::new(Vec::new(), Some(Template::text(&call.open(text))), answers.to_vec()))
    }

    /// How its messages lie in frames, if it is gRPC.
    fn packing(self) -> Option<Packing> {
        match self {
            Self::Grpc => Some(Packing::Together),
            Self::GrpcEach => Some(Packing::Each),
            _ => None,
        }
    }

    fn opening(self, call: &Call<'_>, arguments: &str) -> (String, String) {
        let open = call.open(arguments);
        let opened = if self == Self::Raw { open.clone() } else { call.opened() };
        (open, opened)
    }
}

fn json_rpc(method: &str, parameters: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":"{SLOT}","method":"{method}","params":{parameters}}}"#)
}

fn json_rpc_result(result: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":"{SLOT}","result":{result}}}"#)
}
