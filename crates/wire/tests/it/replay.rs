//! The recordings, played to a connection: what the client sent goes in, what the server's methods did is done, and
//! what comes out must be what the recorded server sent.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::Value as Json;
use streampod_wire::{
    CallId, Catalog, Frame, Incoming, MethodHead, Open, OpenResult, ServerConnection, Slot, Value,
};

use crate::kit::{catalog, drain, method};
use crate::transcripts::{Line, recordings};

/// The one deviation that we choose: the recorded server opens a call a second time under the same id.
#[derive(Debug)]
struct IdTaken;

#[test]
fn a_connection_says_what_the_recorded_server_said() {
    let mut taken = Vec::new();
    let (mut played, mut crossed) = (0, 0);
    for (name, lines) in recordings() {
        let mut connections: BTreeMap<u64, Vec<&Line>> = BTreeMap::new();
        for line in &lines {
            connections.entry(line.conn).or_default().push(line);
        }
        for (conn, lines) in connections {
            if !lines.iter().any(|line| line.kind == "ws_text") {
                continue;
            }
            match Replay::new(&lines, &format!("{name}, connection {conn}")).play() {
                Ok(crossings) => {
                    played += 1;
                    crossed += crossings;
                }
                Err(IdTaken) => taken.push(format!("{name} {conn}")),
            }
        }
    }
    let errors = |conn| format!("41_ws_raw_open_errors {conn}");
    assert_eq!(taken, [errors(1), errors(4), errors(6), "43_ws_raw_interleaving 3".to_owned()]);
    assert!(played > 100, "{played}");
    assert_eq!(crossed, 2);
}

/// Endpoint and method.
type Name = (String, String);

/// One recorded connection.
struct Replay<'a> {
    name: &'a str,
    lines: &'a [&'a Line],
    connection: ServerConnection,
    catalog: Catalog,
    methods: HashMap<Name, Arc<MethodHead>>,
    /// How often each id was used to open each method.
    openings: HashMap<(CallId, Name), usize>,
    slots: HashMap<CallId, Slot>,
    /// Calls that the recorded server refuses later.
    refused: Vec<Open<'a>>,
    /// What is written earlier than the recorded server wrote it: answers that need no method.
    early: Vec<String>,
    crossed: usize,
}

impl<'a> Replay<'a> {
    fn new(lines: &'a [&'a Line], name: &'a str) -> Self {
        Self {
            name,
            lines,
            connection: ServerConnection::new(100),
            catalog: catalog(),
            methods: methods(lines),
            openings: HashMap::new(),
            slots: HashMap::new(),
            refused: Vec::new(),
            early: Vec::new(),
            crossed: 0,
        }
    }

    /// Plays it; how often both sides closed a stream parameter at the same time.
    fn play(mut self) -> Result<usize, IdTaken> {
        for line in self.lines.iter().filter(|line| line.kind == "ws_text") {
            if line.from_client {
                self.client(&line.text)?;
            } else {
                self.server(&line.text);
            }
        }
        assert!(self.early.is_empty(), "{}: nobody recorded {:?}", self.name, self.early);
        assert_eq!(self.connection.calls(), self.slots.len(), "{}", self.name);
        self.connection.disconnect();
        assert_eq!(self.connection.calls(), 0);
        Ok(self.crossed)
    }

    /// Takes in what the client sent, and does at once what needs no method.
    fn client(&mut self, text: &'a str) -> Result<(), IdTaken> {
        match self.connection.receive(text) {
            Incoming::Nothing | Incoming::Leave(_) | Incoming::InputEnd { .. } => {}
            Incoming::Open(open) => self.open(open)?,
            Incoming::Element { value, .. } | Incoming::Exception { value, .. } => {
                if Value::unwrap(&value, &self.catalog).is_err() {
                    self.connection.unreadable(text);
                }
            }
            Incoming::Cancel { slot, reason } => {
                self.connection.end(slot, reason);
                self.slots.retain(|_, open| *open != slot);
            }
        }
        self.early.extend(drain(&mut self.connection.out));
        Ok(())
    }

    fn open(&mut self, open: Open<'a>) -> Result<(), IdTaken> {
        let key = (open.endpoint.to_string(), open.method.to_string());
        let mut answers = self.lines.iter().filter(|line| {
            !line.from_client && line.text.starts_with(r#"{"type":"omsr""#) && {
                let json: Json = serde_json::from_str(&line.text).unwrap();
                let data = &json["data"];
                data["cid"] == open.call.to_string() && data["en"] == key.0 && data["m"] == key.1
            }
        });
        // The first opening has the first answer, and so on.
        let nth = self.openings.entry((open.call, key.clone())).or_default();
        let answer = answers.nth(*nth).unwrap();
        *nth += 1;
        if answer.text.contains(r#""res":"success""#) {
            let slot = self.connection.open(&open, &self.methods[&key]).ok_or(IdTaken)?;
            self.slots.insert(open.call, slot);
        } else {
            self.refused.push(open);
        }
        Ok(())
    }

    /// Does what the recorded server's method did when it sent `text`, unless that was written already.
    fn server(&mut self, text: &str) {
        if let Some(at) = self.early.iter().position(|early| early == text) {
            self.early.remove(at);
            return;
        }
        match Frame::parse(text).unwrap() {
            Frame::Opened { call, result: OpenResult::Success } => self.connection.accept(self.slots[&call]),
            Frame::Opened { call, result } => {
                let at = self.refused.iter().position(|open| open.call == call).unwrap();
                let open = self.refused.remove(at);
                self.connection.refuse_open(&open, result);
            }
            Frame::Element { stream, value } => {
                let value = Value::unwrap(&value, &self.catalog).unwrap();
                self.connection.element(self.slots[&stream.call], &value).unwrap();
            }
            Frame::Exception { stream, value } => {
                let Ok(Value::Object(exception)) = Value::unwrap(&value, &self.catalog) else {
                    panic!("{text}")
                };
                self.connection.exception(self.slots[&stream.call], &exception).unwrap();
            }
            Frame::Close { stream, reason } => match stream.parameter {
                None => self.connection.end(self.slots.remove(&stream.call).unwrap(), reason),
                Some(parameter) => {
                    let key = (stream.endpoint.into_owned(), stream.method.into_owned());
                    let inputs = self.methods[&key].inputs();
                    let input = inputs.iter().position(|input| *input == parameter).unwrap();
                    let slot = self.slots[&stream.call];
                    if !self.connection.is_flowing(slot, input) {
                        // The client's close crossed the server's, which has nothing left to close here.
                        self.crossed += 1;
                        return;
                    }
                    self.connection.close_input(slot, input);
                }
            },
            other => panic!("{}: nothing led to {other:?}", self.name),
        }
        let mut written = drain(&mut self.connection.out);
        assert!(!written.is_empty(), "{}: nothing was written, but recorded {text}", self.name);
        assert_eq!(written.remove(0), text, "{}", self.name);
        self.early.extend(written);
    }
}

/// The methods that are called, each with all the stream parameters that any call feeds.
fn methods(lines: &[&Line]) -> HashMap<Name, Arc<MethodHead>> {
    let mut inputs: HashMap<Name, Vec<String>> = HashMap::new();
    for line in lines.iter().filter(|line| line.from_client && line.text.starts_with(r#"{"type":"omsc""#)) {
        let json: Json = serde_json::from_str(&line.text).unwrap();
        let name = |key: &str| json["data"][key].as_str().unwrap_or_default().to_owned();
        let names = inputs.entry((name("en"), name("m"))).or_default();
        for input in json["data"]["is"].as_array().into_iter().flatten() {
            let input = input.as_str().unwrap().to_owned();
            if !names.contains(&input) {
                names.push(input);
            }
        }
    }
    let head = |((endpoint, name), inputs): (Name, Vec<String>)| {
        let names: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let head = method(&endpoint, &name, &names, "dynamic");
        ((endpoint, name), head)
    };
    inputs.into_iter().map(head).collect()
}
