//! Reading values.

use std::borrow::Cow;

use crate::catalog::Catalog;
use crate::decode_error::DecodeError;
use crate::encoder::{Audience, CLASS_NAME};
use crate::reader::Reader;

/// A value that can be read from the wire. `#[derive(Model)]` writes this.
pub trait Decode: Sized {
    /// Reads one value.
    ///
    /// # Errors
    ///
    /// Fails if what comes next is not such a value.
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError>;

    /// The value of a field that is left out, if it may be.
    fn absent() -> Option<Self> {
        None
    }
}

/// Where values are read from: one encoded value, walked from front to back.
///
/// It knows the types of the wire protocol, not its syntax, so that a second encoding leaves every `Decode` as it is.
#[derive(Debug)]
pub struct Decoder<'a> {
    reader: Reader<'a>,
    catalog: &'a Catalog,
    audience: Audience,
    /// How many bytes may still be looked through for the classes of objects, before they are read.
    lookahead: usize,
    /// Whether what was read so far is all that the text holds, and all of it is for clients.
    exact: bool,
}

/// How often the whole text may be looked through for the classes of objects. Who names them first, as all clients do, needs
/// much less; without a bound, each level of nesting could have everything inside it read once more.
const LOOKAHEAD_TIMES: usize = 4;
/// What may be looked through of a text of any length, in bytes.
const LOOKAHEAD_MIN: usize = 256 * 1024;

impl<'a> Decoder<'a> {
    /// Reads the value that `json` holds; `catalog` knows the models by name, for dynamic values.
    pub fn new(json: &'a str, catalog: &'a Catalog) -> Self {
        Self::inside(json, 0, catalog)
    }

    /// Reads the value that `json` holds, which stands inside as many levels of another text.
    pub(crate) fn inside(json: &'a str, levels: u32, catalog: &'a Catalog) -> Self {
        let lookahead = LOOKAHEAD_TIMES.saturating_mul(json.len()).max(LOOKAHEAD_MIN);
        let reader = Reader::inside(json, levels);
        Self { reader, catalog, audience: Audience::Clients, lookahead, exact: true }
    }

    /// Reads what others than clients wrote.
    #[must_use]
    pub fn audience(mut self, audience: Audience) -> Self {
        self.audience = audience;
        self
    }

    /// Reads one `T` from `json`, which must hold nothing else.
    ///
    /// # Errors
    ///
    /// Fails if the text is not JSON, or not a `T`.
    pub fn decode<T: Decode>(json: &'a str, catalog: &'a Catalog) -> Result<T, DecodeError> {
        let mut decoder = Self::new(json, catalog);
        let value = T::decode(&mut decoder)?;
        decoder.end()?;
        Ok(value)
    }

    /// Fails unless the value is read to its end.
    ///
    /// # Errors
    ///
    /// Fails if something follows.
    pub fn end(&mut self) -> Result<(), DecodeError> {
        self.reader.end()
    }

    /// Who wrote what is read.
    pub(crate) fn wrote(&self) -> Audience {
        self.audience
    }

    /// If writing what was read for clients would give the same text, how many levels deep that nests. Unknown keys, left out
    /// fields with defaults, and fields for servers alone make a difference.
    pub(crate) fn levels_if_exact(&self) -> Option<u32> {
        self.exact.then(|| self.reader.levels())
    }

    /// The models that are known by name.
    pub fn catalog(&self) -> &'a Catalog {
        self.catalog
    }

    /// Reads null if it comes next, and says whether it did.
    ///
    /// # Errors
    ///
    /// Fails if what comes next is no value at all.
    pub fn null(&mut self) -> Result<bool, DecodeError> {
        self.reader.null()
    }

    /// Reads a boolean.
    ///
    /// # Errors
    ///
    /// Fails if something else comes next.
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        self.reader.bool()?.ok_or_else(|| self.mismatch("bool"))
    }

    /// Reads a 64-bit integer.
    ///
    /// # Errors
    ///
    /// Fails if something else comes next, or a number beyond 64 bits.
    pub fn int(&mut self) -> Result<i64, DecodeError> {
        if let Some(int) = self.reader.short_int() {
            return Ok(int);
        }
        let number = self.reader.number()?.ok_or_else(|| self.mismatch("int"))?;
        number.parse().map_err(|_| DecodeError::mismatched_text("int (64 bits, no fraction)", number))
    }

    /// Reads a number, also one without a fraction.
    ///
    /// # Errors
    ///
    /// Fails if something else comes next, or a number beyond the range of a double.
    pub fn double(&mut self) -> Result<f64, DecodeError> {
        if let Some(double) = self.reader.short_double() {
            return Ok(double);
        }
        let number = self.reader.number()?.ok_or_else(|| self.mismatch("double"))?;
        match number.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(DecodeError::mismatched_text("a finite double", number)),
        }
    }

    /// Reads a string, borrowed where it holds no escapes.
    ///
    /// # Errors
    ///
    /// Fails if something else comes next.
    pub fn string(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        self.text("String")
    }

    /// Reads a string that stands for a value of the type `name`.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Cow<'a, str>, DecodeError> {
        self.reader.string()?.ok_or_else(|| self.mismatch(name))
    }

    /// Reads a list; `item` is called where each element begins and reads it.
    ///
    /// # Errors
    ///
    /// Fails if something else comes next, or with what `item` fails with.
    pub fn list(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if !self.reader.enter_array()? {
            return Err(self.mismatch("a list"));
        }
        let mut index = 0;
        while self.reader.next_element(index == 0)? {
            item(self).map_err(|error| error.within(format!("[{index}]")))?;
            index += 1;
        }
        Ok(())
    }

    /// Reads something with named fields; `field` is called with each name and reads or skips its value.
    ///
    /// # Errors
    ///
    /// Fails if something else comes next, or with what `field` fails with.
    pub fn fields(
        &mut self,
        mut field: impl FnMut(&str, &mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if !self.reader.enter_object()? {
            return Err(self.mismatch("an object"));
        }
        let mut first = true;
        while let Some(name) = self.reader.next_key(first)? {
            first = false;
            field(&name, self)?;
        }
        Ok(())
    }

    /// Reads something with known fields; `field` is called with the index of each one's key, or `None` for a field that is not known,
    /// and reads or skips its value. It takes the least time if the fields come in this order.
    ///
    /// A key is a field's name, which needs no escapes, with what stands around it: `,"name":`.
    ///
    /// # Errors
    ///
    /// Fails if something else comes next, or with what `field` fails with.
    pub fn known_fields(
        &mut self,
        keys: &[&str],
        mut field: impl FnMut(Option<usize>, &mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if !self.reader.enter_object()? {
            return Err(self.mismatch("an object"));
        }
        let (mut first, mut next) = (true, 0);
        loop {
            let index = if keys.get(next).is_some_and(|key| self.reader.take_key(key, first)) {
                Some(next)
            } else {
                let Some(name) = self.reader.next_key(first)? else { return Ok(()) };
                keys.iter().position(|key| key.get(2..key.len().saturating_sub(2)) == Some(&*name))
            };
            first = false;
            next = index.map_or(next, |index| index + 1);
            field(index, self)?;
        }
    }

    /// Reads a map whose keys are strings; `entry` is called with each key and reads its value.
    pub(crate) fn string_map<K: Decode>(
        &mut self,
        mut entry: impl FnMut(K, &mut Self) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if !self.reader.enter_object()? {
            return Err(self.mismatch("an object"));
        }
        let mut first = true;
        while self.reader.next_entry(first)? {
            first = false;
            let key = K::decode(self)?;
            self.reader.colon()?;
            entry(key, self)?;
        }
        Ok(())
    }

    /// Reads the value of the field `name` into `slot`.
    ///
    /// # Errors
    ///
    /// Fails if the value is not a `T`; the error names the field.
    pub fn field<T: Decode>(&mut self, name: &str, slot: &mut Option<T>) -> Result<(), DecodeError> {
        *slot = Some(T::decode(self).map_err(|error| error.within(name))?);
        Ok(())
    }

    /// Reads the value of the field `name` into `slot` if a server wrote it. What a client says of such a field does not count.
    ///
    /// # Errors
    ///
    /// Fails if the value is not a `T`; the error names the field.
    pub fn server_field<T: Decode>(&mut self, name: &str, slot: &mut Option<T>) -> Result<(), DecodeError> {
        match self.audience {
            Audience::Clients => self.skip(),
            Audience::Servers => {
                self.exact = false;
                self.field(name, slot)
            }
        }
    }

    /// The value of a field that was read into `slot`, or its default if it was left out.
    pub fn or_default<T>(&mut self, slot: Option<T>, default: impl FnOnce() -> T) -> T {
        slot.unwrap_or_else(|| {
            self.exact = false;
            default()
        })
    }

    /// The class that the object which comes next names as its own, as a value of a sealed class does. Nothing is passed over.
    ///
    /// # Errors
    ///
    /// Fails if what comes next is no object, or names no class.
    pub fn tag(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        let start = self.reader.clone();
        let mut tag = None;
        if !self.reader.enter_object()? {
            return Err(self.mismatch("an object"));
        }
        let mut first = true;
        while let Some(name) = self.reader.next_key(first)? {
            first = false;
            if name == CLASS_NAME {
                tag = Some(self.string()?);
                break;
            }
            self.skip()?;
        }
        let passed = self.reader.position() - start.position();
        self.lookahead = self.lookahead.checked_sub(passed).ok_or_else(|| {
            DecodeError::mismatch("objects that name their class first", "many that do not")
        })?;
        self.reader = start;
        tag.ok_or_else(|| DecodeError::missing(CLASS_NAME))
    }

    /// Passes over a value.
    ///
    /// # Errors
    ///
    /// Fails if what comes next is no value.
    pub fn skip(&mut self) -> Result<(), DecodeError> {
        self.raw().map(drop)
    }

    /// Passes over a value and lends what reads it later.
    ///
    /// # Errors
    ///
    /// Fails if what comes next is no value.
    pub fn raw(&mut self) -> Result<&'a str, DecodeError> {
        // Nobody knows who reads it, and what of it.
        self.exact = false;
        self.reader.skip()
    }

    /// An error that says what comes next in place of what was expected.
    pub(crate) fn mismatch(&mut self, expected: impl Into<String>) -> DecodeError {
        DecodeError::mismatch(expected, self.reader.found())
    }
}

/// The value of the field `name`, which was read into `slot` if it was there.
///
/// # Errors
///
/// Fails if the field was left out and may not be.
pub fn required<T: Decode>(name: &str, slot: Option<T>) -> Result<T, DecodeError> {
    slot.or_else(T::absent).ok_or_else(|| DecodeError::missing(name))
}
