//! Writing values.

use bytes::{BufMut, Bytes, BytesMut};
use time::UtcDateTime;

use crate::date_time;
use crate::model::Model;
use crate::number;
use crate::reader::{is_plain, is_special};

/// The key by which a value of a sealed class names its class.
pub(crate) const CLASS_NAME: &str = "__className__";

/// A value that can be written to the wire. `#[derive(Model)]` writes this.
pub trait Encode {
    /// Writes this value. What cannot be encoded is noted by the encoder, and whoever made it learns of it.
    fn encode(&self, encoder: &mut Encoder<'_>);

    /// Whether this is null; a null field is left out.
    fn is_null(&self) -> bool {
        false
    }
}

/// A value that the wire cannot carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// JSON has no word for it.
    #[error("a double that is infinite or not a number cannot be sent")]
    NotFinite,
    /// It is longer than 2^63 milliseconds.
    #[error("a duration is out of the range that can be sent")]
    OutOfRange,
    /// It nests deeper than a reader accepts.
    #[error("a value is nested deeper than 64 levels")]
    TooDeep,
}

/// Where values are written to.
///
/// It knows the types of the wire protocol, not its syntax, so that a second encoding leaves every `Encode` as it is.
/// The first thing that cannot be encoded is kept, and [`Encoder::finish`] reports it.
#[derive(Debug)]
pub struct Encoder<'a> {
    out: &'a mut BytesMut,
    depth: u32,
    /// The depth at the deepest place so far.
    deepest: u32,
    error: Option<EncodeError>,
    /// What the next object is to name as its class.
    tag: Option<&'static str>,
    audience: Audience,
}

/// Who reads what is written, or wrote what is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Audience {
    /// A client, which sees no fields that are for servers alone.
    #[default]
    Clients,
    /// Another server of the same cluster.
    Servers,
}

impl<'a> Encoder<'a> {
    /// Appends to `out`.
    pub fn new(out: &'a mut BytesMut) -> Self {
        Self::inside(out, 0)
    }

    /// Appends a value that stands inside as many levels of what `out` holds.
    pub(crate) fn inside(out: &'a mut BytesMut, levels: u32) -> Self {
        Self { out, depth: levels, deepest: levels, error: None, tag: None, audience: Audience::Clients }
    }

    /// Writes for others than clients.
    #[must_use]
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// Who reads what is written.
    pub(crate) fn reader(&self) -> Audience {
        self.audience
    }

    /// The encoding of one value.
    ///
    /// # Errors
    ///
    /// Fails if the value holds something that cannot be encoded.
    pub fn encode(value: &(impl Encode + ?Sized)) -> Result<Bytes, EncodeError> {
        let mut out = BytesMut::new();
        let mut encoder = Encoder::new(&mut out);
        value.encode(&mut encoder);
        encoder.finish()?;
        Ok(out.freeze())
    }

    /// Ends the writing.
    ///
    /// # Errors
    ///
    /// Reports the first thing that could not be encoded; what was written is not to be used then.
    pub fn finish(self) -> Result<(), EncodeError> {
        self.error.map_or(Ok(()), Err)
    }

    /// Notes that something cannot be encoded.
    pub fn fail(&mut self, error: EncodeError) {
        self.error.get_or_insert(error);
    }

    /// Writes null.
    pub fn null(&mut self) {
        self.out.extend_from_slice(b"null");
    }

    /// Writes a boolean.
    pub fn bool(&mut self, value: bool) {
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// Writes a 64-bit integer.
    pub fn int(&mut self, value: i64) {
        self.out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    /// Writes a double, an integral one with `.0`. Infinities and NaN cannot be encoded.
    pub fn double(&mut self, value: f64) {
        if !value.is_finite() {
            return self.fail(EncodeError::NotFinite);
        }
        number::write_double(self.out, value);
    }

    /// Writes a string.
    pub fn string(&mut self, value: &str) {
        self.out.put_u8(b'"');
        write_escaped(self.out, value);
        self.out.put_u8(b'"');
    }

    /// Writes a string that needs no escapes.
    pub(crate) fn plain_string(&mut self, value: &str) {
        self.out.put_u8(b'"');
        self.out.extend_from_slice(value.as_bytes());
        self.out.put_u8(b'"');
    }

    /// Writes bytes.
    pub fn bytes(&mut self, value: &[u8]) {
        use base64::Engine;
        const PREFIX: &[u8] = b"\"decode('";
        const SUFFIX: &[u8] = b"', 'base64')\"";
        self.out.extend_from_slice(PREFIX);
        let start = self.out.len();
        self.out.resize(start + value.len().div_ceil(3) * 4, 0);
        let written = base64::engine::general_purpose::STANDARD.encode_slice(value, &mut self.out[start..]);
        debug_assert_eq!(written.ok(), Some(self.out.len() - start));
        self.out.extend_from_slice(SUFFIX);
    }

    /// Writes a list of `items`, each by `write`.
    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        self.enter(b'[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.put_u8(b',');
            }
            write(self, item);
        }
        self.leave(b']');
    }

    /// Writes a map; one whose keys are strings is written as an object, others as a list of keys and values.
    pub(crate) fn map<'v, K: Model, V: Model>(&mut self, entries: impl Iterator<Item = (&'v K, &'v V)>) {
        if !K::IS_STRING {
            return self.list(entries, |encoder, (key, value)| {
                encoder.fields(|fields| {
                    fields.with("k", |encoder| key.encode(encoder));
                    fields.with("v", |encoder| value.encode(encoder));
                });
            });
        }
        self.enter(b'{');
        for (index, (key, value)) in entries.enumerate() {
            if index > 0 {
                self.out.put_u8(b',');
            }
            key.encode(self);
            self.out.put_u8(b':');
            value.encode(self);
        }
        self.leave(b'}');
    }

    /// Writes a value of the class `name` so that it names its class itself, as one of a sealed class does.
    pub fn tagged(&mut self, name: &'static str, value: &impl Encode) {
        self.tag = Some(name);
        value.encode(self);
        self.tag = None;
    }

    /// Writes something with named fields.
    pub fn fields(&mut self, write: impl FnOnce(&mut Fields<'_, 'a>)) {
        self.enter(b'{');
        let tag = self.tag.take();
        let mut fields = Fields { encoder: self, first: true };
        if let Some(name) = tag {
            fields.with(CLASS_NAME, |encoder| encoder.plain_string(name));
        }
        write(&mut fields);
        self.leave(b'}');
    }

    /// Writes a date-time with three digits after the second, or six if there are microseconds.
    pub fn date_time(&mut self, value: UtcDateTime) {
        self.out.put_u8(b'"');
        date_time::write(self.out, value);
        self.out.put_u8(b'"');
    }

    /// Appends a value that is encoded already, and that nests as many levels deep.
    pub(crate) fn raw(&mut self, encoded: &[u8], levels: u32) {
        self.deepen(self.depth + levels);
        self.out.extend_from_slice(encoded);
    }

    /// How deep what was written nests.
    pub(crate) fn levels(&self) -> u32 {
        self.deepest
    }

    fn enter(&mut self, bracket: u8) {
        self.depth += 1;
        self.deepen(self.depth);
        self.out.put_u8(bracket);
    }

    fn deepen(&mut self, depth: u32) {
        self.deepest = self.deepest.max(depth);
        if depth > crate::reader::Reader::DEPTH_MAX {
            self.fail(EncodeError::TooDeep);
        }
    }

    fn leave(&mut self, bracket: u8) {
        self.depth -= 1;
        self.out.put_u8(bracket);
    }
}

/// The fields of a model that is being written.
#[derive(Debug)]
pub struct Fields<'e, 'a> {
    encoder: &'e mut Encoder<'a>,
    first: bool,
}

impl<'a> Fields<'_, 'a> {
    /// Writes one field, or leaves it out if it is null. The name must need no escapes.
    pub fn field(&mut self, name: &str, value: &(impl Encode + ?Sized)) {
        if !value.is_null() {
            self.with(name, |encoder| value.encode(encoder));
        }
    }

    /// Writes one field, or leaves it out if it is null. `key` is its name with what stands around it: `,"name":`.
    pub fn known_field(&mut self, key: &'static str, value: &(impl Encode + ?Sized)) {
        if !value.is_null() {
            // The first has no comma.
            let key = &key.as_bytes()[usize::from(self.first)..];
            self.first = false;
            self.encoder.out.extend_from_slice(key);
            value.encode(self.encoder);
        }
    }

    /// Writes one field that clients do not see. `key` is its name with what stands around it.
    pub fn known_server_field(&mut self, key: &'static str, value: &(impl Encode + ?Sized)) {
        if self.encoder.audience == Audience::Servers {
            self.known_field(key, value);
        }
    }

    /// Writes one field whose name may need escapes.
    pub(crate) fn escaped(&mut self, name: &str, write: impl FnOnce(&mut Encoder<'a>)) {
        if !self.first {
            self.encoder.out.put_u8(b',');
        }
        self.first = false;
        self.encoder.string(name);
        self.encoder.out.put_u8(b':');
        write(self.encoder);
    }

    /// Writes one field, whatever its value.
    pub fn with(&mut self, name: &str, write: impl FnOnce(&mut Encoder<'a>)) {
        if !self.first {
            self.encoder.out.put_u8(b',');
        }
        self.first = false;
        self.encoder.out.put_u8(b'"');
        self.encoder.out.extend_from_slice(name.as_bytes());
        self.encoder.out.extend_from_slice(b"\":");
        write(self.encoder);
    }
}

/// Appends `text` as it stands between the quotes of a JSON string.
pub(crate) fn write_escaped(out: &mut BytesMut, text: &str) {
    let text = text.as_bytes();
    // Most strings need no escape.
    if is_plain(text) {
        return out.extend_from_slice(text);
    }
    let mut written = 0;
    for (index, byte) in text.iter().enumerate().filter(|(_, byte)| is_special(**byte)) {
        out.extend_from_slice(&text[written..index]);
        written = index + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            other => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.put_u8(HEX[usize::from(other >> 4)]);
                out.put_u8(HEX[usize::from(other & 15)]);
            }
        }
    }
    out.extend_from_slice(&text[written..]);
}
