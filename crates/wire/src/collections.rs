//! Lists, sets, maps and records as Rust types.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use indexmap::{IndexMap, IndexSet};
use streampod_schema::Type;

use crate::catalog::Catalog;
use crate::decode_error::DecodeError;
use crate::decoder::{Decode, Decoder, required};
use crate::encoder::{Encode, Encoder};
use crate::model::Model;

impl<T: Encode> Encode for [T] {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.list(self, |encoder, item| item.encode(encoder));
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.list(self, |encoder, item| item.encode(encoder));
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let mut items = Self::new();
        decoder.list(|decoder| {
            items.push(T::decode(decoder)?);
            Ok(())
        })?;
        Ok(items)
    }
}

impl<T: Model> Model for Vec<T> {
    const HAS_IDENTITY: bool = true;

    fn describe(catalog: &mut Catalog) -> Type {
        Type::List(Box::new(T::describe(catalog)))
    }
}

macro_rules! set {
    ($set:ident<T $(, $hasher:ident)?>, $($bound:tt)+) => {
        impl<T: Encode $(, $hasher)?> Encode for $set<T $(, $hasher)?> {
            fn encode(&self, encoder: &mut Encoder<'_>) {
                encoder.list(self, |encoder, item| item.encode(encoder));
            }
        }

        impl<T: Model + $($bound)+ $(, $hasher: BuildHasher + Default)?> Decode for $set<T $(, $hasher)?> {
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                let mut items = Self::default();
                decoder.list(|decoder| {
                    if items.insert(T::decode(decoder)?) || T::HAS_IDENTITY {
                        Ok(())
                    } else {
                        Err(DecodeError::mismatch("a set", "the same element twice"))
                    }
                })?;
                Ok(items)
            }
        }

        impl<T: Model + $($bound)+ $(, $hasher: BuildHasher + Default + Send + Sync + 'static)?> Model
            for $set<T $(, $hasher)?>
        {
            const HAS_IDENTITY: bool = true;

            fn describe(catalog: &mut Catalog) -> Type {
                Type::Set(Box::new(T::describe(catalog)))
            }
        }
    };
}

set!(HashSet<T, S>, Eq + Hash);
set!(IndexSet<T, S>, Eq + Hash);
set!(BTreeSet<T>, Ord);

macro_rules! map {
    ($map:ident<K, V $(, $hasher:ident)?>, $($bound:tt)+) => {
        impl<K: Model, V: Model $(, $hasher)?> Encode for $map<K, V $(, $hasher)?> {
            fn encode(&self, encoder: &mut Encoder<'_>) {
                encoder.map(self.iter());
            }
        }

        impl<K: Model + $($bound)+, V: Model $(, $hasher: BuildHasher + Default)?> Decode
            for $map<K, V $(, $hasher)?>
        {
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                let mut map = Self::default();
                decode_entries(decoder, |key, value| {
                    map.insert(key, value);
                })?;
                Ok(map)
            }
        }

        impl<K: Model + $($bound)+, V: Model $(, $hasher: BuildHasher + Default + Send + Sync + 'static)?> Model
            for $map<K, V $(, $hasher)?>
        {
            const HAS_IDENTITY: bool = true;

            fn describe(catalog: &mut Catalog) -> Type {
                let key = K::describe(catalog);
                Type::Map(Box::new(key), Box::new(V::describe(catalog)))
            }
        }
    };
}

map!(HashMap<K, V, S>, Eq + Hash);
map!(IndexMap<K, V, S>, Eq + Hash);
map!(BTreeMap<K, V>, Ord);

/// Reads the entries of a map; of two with one key, the later one counts.
fn decode_entries<K: Model, V: Model>(
    decoder: &mut Decoder<'_>,
    mut insert: impl FnMut(K, V),
) -> Result<(), DecodeError> {
    if K::IS_STRING {
        return decoder.string_map(|key, decoder| {
            insert(key, V::decode(decoder)?);
            Ok(())
        });
    }
    decoder.list(|decoder| {
        let (mut key, mut value) = (None, None);
        decoder.fields(|name, decoder| match name {
            "k" => decoder.field("k", &mut key),
            "v" => decoder.field("v", &mut value),
            _ => decoder.skip(),
        })?;
        insert(required("k", key)?, required("v", value)?);
        Ok(())
    })
}

macro_rules! record {
    ($count:literal: $($ty:ident $index:tt),+) => {
        impl<$($ty: Encode),+> Encode for ($($ty,)+) {
            fn encode(&self, encoder: &mut Encoder<'_>) {
                let items: [&dyn Encode; $count] = [$(&self.$index),+];
                encoder.fields(|fields| {
                    fields.with("p", |encoder| encoder.list(items, |encoder, item| item.encode(encoder)));
                });
            }
        }

        impl<$($ty: Decode),+> Decode for ($($ty,)+) {
            #[allow(non_snake_case)]
            fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
                let mut items = ($(None::<$ty>,)+);
                let mut count = 0;
                decoder.fields(|part, decoder| match part {
                    "p" => decoder.list(|decoder| {
                        count += 1;
                        match count - 1 {
                            $($index => items.$index = Some($ty::decode(decoder)?),)+
                            _ => return Err(DecodeError::mismatch(concat!($count, " positional fields"), "more")),
                        }
                        Ok(())
                    }),
                    _ => decoder.skip(),
                })?;
                Ok(($(required(concat!("[", $index, "]"), items.$index)?,)+))
            }
        }

        impl<$($ty: Model),+> Model for ($($ty,)+) {
            const HAS_IDENTITY: bool = $($ty::HAS_IDENTITY)||+;

            fn describe(catalog: &mut Catalog) -> Type {
                Type::Record { positional: vec![$($ty::describe(catalog)),+], named: Vec::new() }
            }
        }
    };
}

record!(1: A 0);
record!(2: A 0, B 1);
record!(3: A 0, B 1, C 2);
record!(4: A 0, B 1, C 2, D 3);
record!(5: A 0, B 1, C 2, D 3, E 4);
record!(6: A 0, B 1, C 2, D 3, E 4, F 5);
