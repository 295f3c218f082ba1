//! Paths through the wire crate alone, as the server takes them.

use std::hint::black_box;
use std::marker::PhantomData;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use streampod::wire::{Catalog, ElementType, Model, Wrapped};
use streampod::{Config, RunMode, Server};
use streampod_websocket::{Gap, Opcode};
use streampod_wire::{FrameBuffer, Framing, Incoming, MethodHead, ReadFrame, ServerConnection, Slot};

use crate::frames::{Call, plain, wrapped};
use crate::paths::Path;
use crate::stack::{Counted, INPUT};

/// How many elements are written before the buffer is taken.
pub(crate) const WRITTEN: usize = 16;

/// As the server's WebSockets have it.
const FRAMING: Framing = Framing {
    room: Gap::ROOM,
    close: |out, start| Gap::at(start).close(out, Opcode::Text),
    large_bytes: usize::MAX,
    close_large: |out, start, _| Gap::at(start).close(out, Opcode::Text),
};

/// Reads elements of one stream.
pub(crate) fn read<T: Model>(method: &'static str) -> anyhow::Result<Box<dyn Path>> {
    Ok(Box::new(Read::<T>::of(method, 1)?))
}

/// Reads elements of two streams, in turn.
pub(crate) fn read_in_turn<T: Model>(method: &'static str) -> anyhow::Result<Box<dyn Path>> {
    Ok(Box::new(Read::<T>::of(method, 2)?))
}

/// Writes elements of one stream, each as a WebSocket frame.
pub(crate) fn write<T: Model>(method: &'static str) -> anyhow::Result<Box<dyn Path>> {
    let mut connection = Connection::new(method)?;
    let call = Call::new(method, 0);
    let slot = connection.open(&call)?;
    let mut catalog = Catalog::new();
    let element = ElementType::of::<T>(&mut catalog);
    let text = call.element(INPUT, &wrapped(method));
    let value = value(connection.wire.receive(&text), &element, &catalog)?;
    let frames = plain(&call.answer(&wrapped(method))).repeat(WRITTEN);
    Ok(Box::new(Write::<T> { connection, slot, value, frames }))
}

struct Read<T> {
    connection: Connection,
    texts: Vec<String>,
    element: ElementType,
    catalog: Catalog,
    value: PhantomData<T>,
}

impl<T: Model> Read<T> {
    fn of(method: &'static str, streams: usize) -> anyhow::Result<Self> {
        let mut connection = Connection::new(method)?;
        let mut texts = Vec::new();
        for number in 0..streams {
            let call = Call::new(method, number);
            connection.open(&call)?;
            texts.push(call.element(INPUT, &wrapped(method)));
        }
        let mut catalog = Catalog::new();
        let element = ElementType::of::<T>(&mut catalog);
        Ok(Self { connection, texts, element, catalog, value: PhantomData })
    }
}

impl<T: Model> Path for Read<T> {
    fn run(&mut self, rounds: usize) -> anyhow::Result<()> {
        for _ in 0..rounds {
            for text in &self.texts {
                let (wire, text) = (&mut self.connection.wire, black_box(text));
                let repeated = wire.receive_repeated(text);
                let incoming = repeated.unwrap_or_else(|| wire.apply(ReadFrame::read(text)));
                black_box(value::<T>(incoming, &self.element, &self.catalog)?);
            }
        }
        Ok(())
    }
}

struct Write<T> {
    connection: Connection,
    slot: Slot,
    value: T,
    /// What is to be written in a round.
    frames: Vec<u8>,
}

impl<T: Model> Path for Write<T> {
    fn run(&mut self, rounds: usize) -> anyhow::Result<()> {
        let Self { connection: Connection { wire, .. }, slot, value, frames } = self;
        for _ in 0..rounds {
            for _ in 0..WRITTEN {
                wire.element(*slot, black_box(value))?;
            }
            let mut written = wire.out.take();
            ensure!(*written == **frames, "written was {}", written.escape_ascii());
            written.clear();
            wire.out.lend(|| written);
        }
        Ok(())
    }
}

/// A connection to the endpoint, and one of its methods.
struct Connection {
    wire: ServerConnection,
    method: Arc<MethodHead>,
}

impl Connection {
    fn new(method: &str) -> anyhow::Result<Self> {
        let schema = Server::new(Config::for_mode(RunMode::Production)).endpoint(Counted).schema();
        let endpoint = schema.endpoints.first().context("an endpoint")?;
        let index = endpoint.methods.iter().position(|one| one.name == method).context("a method")?;
        let mut wire = ServerConnection::new(2);
        wire.out = FrameBuffer::framed(FRAMING);
        Ok(Self { wire, method: Arc::new(MethodHead::new(endpoint, index)) })
    }

    fn open(&mut self, call: &Call) -> anyhow::Result<Slot> {
        let text = call.open(Some(INPUT), "{}");
        let Incoming::Open(open) = self.wire.receive(&text) else { bail!("not read as a call: {text}") };
        let slot = self.wire.open(&open, &self.method).context("a call that cannot be opened")?;
        self.wire.accept(slot);
        self.wire.out.take();
        Ok(slot)
    }
}

/// The value of an element.
fn value<T: Model>(incoming: Incoming<'_>, element: &ElementType, catalog: &Catalog) -> anyhow::Result<T> {
    let Incoming::Element { value, .. } = incoming else { bail!("not read as an element: {incoming:?}") };
    let value: &Wrapped<'_> = &value;
    Ok(T::from_wrapped(value, element, catalog)?)
}
