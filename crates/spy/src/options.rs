//! What a reader must be told.

use std::collections::{BTreeMap, BTreeSet};

use streampod_schema::EnumEncoding;

/// What the model files do not say themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How the values of an enum that does not say `serialized` are sent. The default is by name, as in Serverpod since 3.0;
    /// projects that come from 2.x say by index.
    pub enum_encoding: EnumEncoding,
    /// The modules that `module:nickname:Class` may name: the nickname, and the name that the module has on the wire
    /// (`auth` → `serverpod_auth`).
    pub modules: BTreeMap<String, String>,
    /// Classes of the user's own, written without a model file, by their names on the wire. Fields name them as they are, or
    /// as Serverpod does (`package:shop/money.dart:Money`).
    pub custom: BTreeSet<String>,
    /// The module that the models themselves belong to: on the wire, its name stands before theirs and before those of
    /// [`custom`](Self::custom) (`shop_shared.Price`), while the files name them without it. The default is none: they are an
    /// app's.
    pub own_module: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            enum_encoding: EnumEncoding::ByName,
            modules: BTreeMap::new(),
            custom: BTreeSet::new(),
            own_module: None,
        }
    }
}
