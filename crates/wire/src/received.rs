//! Values that other servers sent.

use std::any::TypeId;
use std::collections::HashMap;
use std::fmt;
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
    class_name: Box<str>,
    /// The encoded value.
    data: Bytes,
    catalog: Arc<Catalog>,
    read: OnceLock<Object>,
}

impl Received {
    /// What `text` holds; `catalog` knows the models by name, for dynamic values.
    ///
    /// # Errors
    ///
    /// Fails if it is not the JSON of a value with its class name.
    pub fn new(text: Bytes, catalog: &Arc<Catalog>) -> Result<Self, DecodeError> {
        let json =
            std::str::from_utf8(&text).map_err(|_| DecodeError::mismatch("text in UTF-8", "other bytes"))?;
        let mut reader = Reader::new(json);
        let Wrapped { class_name, data, .. } = frame::wrapped(&mut reader)?;
        reader.end()?;
        let class_name = class_name.into();
        // Null travels without data too, and then there is nothing in the text to keep.
        let data = if json.as_bytes().as_ptr_range().contains(&data.as_ptr()) {
            text.slice_ref(data.as_bytes())
        } else {
            Bytes::from_static(b"null")
        };
        Ok(Self(Arc::new(Inner { class_name, data, catalog: Arc::clone(catalog), read: OnceLock::new() })))
    }

    /// The name of the value's type.
    pub fn class_name(&self) -> &str {
        &self.0.class_name
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
        let Inner { class_name, data, catalog, .. } = &*self.0;
        let json = std::str::from_utf8(data).unwrap_or_default();
        let wrapped = Wrapped::new(&**class_name, json).by(Audience::Servers);
        let element = element_type::<T>();
        if wrapped.class_name == element.class_name {
            let mut decoder = wrapped.decoder(catalog);
            if let Ok(value) = T::decode(&mut decoder)
                && decoder.end().is_ok()
            {
                return Ok(match decoder.levels_if_exact() {
                    Some(levels) => Shared::encoded(value, data.clone(), levels),
                    None => Shared::new(value),
                });
            }
        }
        T::from_wrapped(&wrapped, &element, catalog).map(Shared::new)
    }
}

/// The element type of a stream of `T`, which takes a while to find out, and is the same for ever.
fn element_type<T: Model>() -> Arc<ElementType> {
    static KNOWN: LazyLock<RwLock<HashMap<TypeId, Arc<ElementType>>>> = LazyLock::new(RwLock::default);
    let id = TypeId::of::<T>();
    if let Some(element) = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return Arc::clone(element);
    }
    let element = Arc::new(ElementType::of::<T>(&mut Catalog::new()));
    KNOWN.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&element));
    element
}

impl fmt::Debug for Received {
    /// Without the value, which is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Received").field("class_name", &self.0.class_name).finish_non_exhaustive()
    }
}
