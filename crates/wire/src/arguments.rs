//! The arguments of a call.

use std::borrow::Cow;

use crate::catalog::Catalog;
use crate::decode_error::DecodeError;
use crate::decoder::{Decode, Decoder};
use crate::encoder::Encoder;
use crate::reader::Reader;

/// The arguments of a call by name, which are read one by one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments<'a> {
    /// Each as its JSON.
    json: Vec<(Cow<'a, str>, &'a str)>,
    /// Each as plain text, from the query of a request; they win over the others.
    query: Vec<(String, String)>,
}

impl<'a> Arguments<'a> {
    /// Reads the arguments that `json` holds, which must be an object.
    ///
    /// # Errors
    ///
    /// Fails if it is not.
    pub fn parse(json: &'a str) -> Result<Self, DecodeError> {
        let mut arguments = Self::default();
        let mut reader = Reader::new(json);
        if !reader.enter_object()? {
            return Err(DecodeError::mismatch("an object", reader.found()));
        }
        let mut first = true;
        while let Some(name) = reader.next_key(first)? {
            first = false;
            arguments.json.push((name, reader.skip()?));
        }
        reader.end()?;
        Ok(arguments)
    }

    /// The same arguments and those of a query, which win over them.
    #[must_use]
    pub fn with_query(self, query: Vec<(String, String)>) -> Self {
        Self { query, ..self }
    }

    /// The argument `name`, if it is there. Null counts as not there for a type that does not take it.
    ///
    /// # Errors
    ///
    /// Fails if it is not a `T`.
    pub fn get<T: Decode>(&self, name: &str, catalog: &Catalog) -> Result<Option<T>, DecodeError> {
        if let Some(text) = self.query(name) {
            let quoted = Encoder::encode(&text.to_owned()).unwrap_or_default();
            // Text first: "1" in a query is a String for a method that takes one.
            let as_text = Decoder::decode(std::str::from_utf8(&quoted).unwrap_or_default(), catalog);
            return as_text.or_else(|_| Decoder::decode(text, catalog)).map(Some);
        }
        match self.json.iter().rfind(|(key, _)| key == name) {
            None => Ok(None),
            Some((_, "null")) if T::absent().is_none() => Ok(None),
            Some((_, json)) => Decoder::decode(json, catalog).map(Some),
        }
    }

    /// The argument `name` of the query.
    fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().rfind(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.json.len() + self.query.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
