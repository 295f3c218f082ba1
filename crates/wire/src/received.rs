//! Values that other servers sent.

use std::any::TypeId;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};

use bytes::Bytes;

use crate::catalog::Catalog;
use crate::decode_error::DecodeError;
use crate::encoder::Audience;
use crate::frame;
use crate::model::{ElementType, Model, Wrapped, WrappedError};
use crate::reader::Reader;
use crate::shared::{Object, Shared};

/// A value that another server sent with its class name. See section 5 of the wire contract.
///
/// It is read by the first who wants it, once for all who want it as the same type; and if it can go on to clients as it is,
/// it is not encoded again. It is cheap to clone.
#[derive(Clone)]
pub struct Received(Arc<Inner>);

struct Inner {
    /// What was received.
    text: Bytes,
    class_name: Name,
    /// The encoded value: where it is in the text, which has none if it is null.
    data: Option<Range<usize>>,
    catalog: Arc<Catalog>,
    read: OnceLock<Object>,
}

/// The class name.
enum Name {
    /// As it is in the text, at this place.
    InText(Range<usize>),
    /// It is written with escapes there.
    Own(Box<str>),
}

/// What stands for no data.
const NULL: &str = "null";

impl Received {
    /// What `text` holds; `catalog` knows the models by name, for dynamic values.
    ///
    /// # Errors
    ///
    /// Fails if it is not the JSON of a value with its class name.
    pub fn new(text: Bytes, catalog: &Arc<Catalog>) -> Result<Self, DecodeError> {
        let json =
            std::str::from_utf8(&text).map_err(|_| DecodeError::mismatch("text in UTF-8", "other bytes"))?;
        let Wrapped { class_name, data, .. } = match as_servers_write(json) {
            Some(wrapped) => wrapped,
            None => {
                let mut reader = Reader::new(json);
                let wrapped = frame::wrapped(&mut reader)?;
                reader.end()?;
                wrapped
            }
        };
        let class_name = match class_name {
            Cow::Borrowed(name) => range(json, name).map_or_else(|| Name::Own(name.into()), Name::InText),
            Cow::Owned(name) => Name::Own(name.into()),
        };
        // Null travels without data too.
        let data = range(json, data);
        let catalog = Arc::clone(catalog);
        Ok(Self(Arc::new(Inner { text, class_name, data, catalog, read: OnceLock::new() })))
    }

    /// The name of the value's type.
    pub fn class_name(&self) -> &str {
        self.0.class_name(self.0.text())
    }

    /// The value as a `T`.
    ///
    /// # Errors
    ///
    /// Tells a value that nobody can read from one of another type.
    pub fn read<T: Model>(&self) -> Result<Shared<T>, WrappedError> {
        if let Some(read) = self.0.read.get()
            && let Ok(shared) = read.clone().downcast()
        {
            return Ok(shared);
        }
        let shared = self.read_anew::<T>()?;
        // Whoever reads it as another type later does so for itself.
        let _ = self.0.read.set(shared.clone().into());
        Ok(shared)
    }

    fn read_anew<T: Model>(&self) -> Result<Shared<T>, WrappedError> {
        let (catalog, text) = (&self.0.catalog, self.0.text());
        let json = self.0.data.clone().and_then(|data| text.get(data)).unwrap_or(NULL);
        let wrapped = Wrapped::new(self.0.class_name(text), json).by(Audience::Servers);
        let element = element_type::<T>();
        if wrapped.class_name == element.class_name {
            let mut decoder = wrapped.decoder(catalog);
            if let Ok(value) = T::decode(&mut decoder)
                && decoder.end().is_ok()
            {
                return Ok(match decoder.levels_if_exact() {
                    Some(levels) => Shared::encoded(value, self.0.data(), levels),
                    None => Shared::new(value),
                });
            }
        }
        T::from_wrapped(&wrapped, &element, catalog).map(Shared::new)
    }
}

impl Inner {
    /// What was received; it was looked at when that was.
    fn text(&self) -> &str {
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    fn class_name<'a>(&'a self, text: &'a str) -> &'a str {
        match &self.class_name {
            Name::InText(range) => text.get(range.clone()).unwrap_or_default(),
            Name::Own(name) => name,
        }
    }

    /// The encoded value.
    fn data(&self) -> Bytes {
        let in_text = self.data.clone().map(|data| self.text.slice(data));
        in_text.unwrap_or(Bytes::from_static(NULL.as_bytes()))
    }
}

/// What a text holds that has the class name, then the data, and nothing else, as servers write it. `None` if it is another, or
/// none at all.
fn as_servers_write(json: &str) -> Option<Wrapped<'_>> {
    let mut reader = Reader::new(json);
    if !reader.enter_object().ok()? || !reader.take_key(",\"className\":", true) {
        return None;
    }
    let class_name = reader.string().ok()??;
    if !reader.take_key(",\"data\":", false) {
        return None;
    }
    let data = reader.skip().ok()?;
    let is_all = !reader.next_entry(false).ok()? && reader.end().is_ok();
    is_all.then(|| Wrapped::new(class_name, data))
}

/// Where `part` is in `text`, of which it was taken; `None` if it was not.
fn range(text: &str, part: &str) -> Option<Range<usize>> {
    let start = (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
    let range = start..start + part.len();
    (range.end <= text.len()).then_some(range)
}

/// The element type of a stream of `T`, which takes a while to find out, and is the same for ever.
fn element_type<T: Model>() -> Arc<ElementType> {
    type Known = HashMap<TypeId, Arc<ElementType>, BuildHasherDefault<TypeIdHasher>>;
    static KNOWN: LazyLock<RwLock<Known>> = LazyLock::new(RwLock::default);
    let id = TypeId::of::<T>();
    if let Some(element) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return Arc::clone(element);
    }
    let element = Arc::new(ElementType::of::<T>(&mut Catalog::new()));
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&element));
    element
}

/// Takes the id of a type as it is, which is a hash already.
#[derive(Default)]
struct TypeIdHasher(u64);

impl Hasher for TypeIdHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, id: u64) {
        self.0 ^= id;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl fmt::Debug for Received {
    /// Without the value, which is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("class_name", &self.class_name()).finish_non_exhaustive()
    }
}
