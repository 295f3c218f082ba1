//! The client in Dart: a package for the published `serverpod_client`.
//!
//! The package has the layout, the names and the calls of one that Serverpod generates, so that an app cannot tell
//! them apart: `lib/src/protocol/` holds a file for each model, `protocol.dart` with the `Protocol` that knows every
//! type that travels, and `client.dart` with the endpoints and the `Client`.
//!
//! The generators write Dart as plain text, in which a symbol of another library is asked of the `Library` that is being
//! written; that is how a file comes to its imports. The `format` module then lays the text out as `dart format` does.

mod class;
mod client;
mod convert;
mod copy;
mod declaration;
mod enumeration;
mod field;
mod format;
mod library;
mod package;
mod protocol;
mod records;

use std::collections::BTreeMap;

use streampod_schema::{Model, Schema};

use crate::{GenerateError, SourceFile};

use package::Package;

/// What a schema does not say about the package that is made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The name of the package: `shop_client`.
    pub package: String,
    /// The version of `serverpod_client` that it uses.
    pub client_version: ClientVersion,
    /// The modules that it uses, in this order. One that the schema mentions and this list does not is taken for
    /// [`Module::of`] its prefix; in the package of a module, one that this module itself mentions.
    pub modules: Vec<Module>,
    /// The prefix of the module whose own client this is: then its models and endpoints are generated, without the
    /// prefix in their Dart names, and a `Caller` in place of a `Client`.
    pub own_module: Option<String>,
    /// Where the custom classes come from: the URI of a library by the name of the class. Such a class has a
    /// `fromJson` constructor and the methods `toJson` and `copyWith`.
    pub custom_classes: BTreeMap<String, String>,
}

impl Options {
    /// The options for a package of this name, without modules and custom classes.
    pub fn new(package: impl Into<String>, client_version: ClientVersion) -> Self {
        Self {
            package: package.into(),
            client_version,
            modules: Vec::new(),
            own_module: None,
            custom_classes: BTreeMap::new(),
        }
    }
}

/// A version of the published `serverpod_client`.
///
/// The client of 4.0 was a beta when this was written; it talks to a Streampod server too, but names what generated
/// code uses differently, so that a package for it would be a version of its own here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientVersion {
    /// 2.9, which runs on Dart 3.5 and newer. Before 3.8, `dart format` would lay its files out in another style than they have.
    V2_9,
    /// 3.4, which runs on Dart 3.8 and newer.
    V3_4,
}

/// A module of endpoints and models that comes with a client package of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// What its names on the wire begin with: `serverpod_auth`.
    pub prefix: String,
    /// Its client package: `serverpod_auth_client`.
    pub package: String,
    /// What it is called in `client.modules`: `auth`.
    pub nickname: String,
}

impl Module {
    /// The module of this prefix, named as is usual: `serverpod_auth` comes from the package `serverpod_auth_client`
    /// and is called `auth`.
    pub fn of(prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        let nickname = prefix.strip_prefix("serverpod_").unwrap_or(&prefix).to_owned();
        Self { package: format!("{prefix}_client"), nickname, prefix }
    }
}

/// Generates the package.
///
/// # Errors
///
/// If there are no words for something in Dart: two models of one name or in one file, a name that is reserved, or a
/// custom class of which [`Options::custom_classes`] does not say where it comes from.
pub fn generate(schema: &Schema, options: &Options) -> Result<Vec<SourceFile>, GenerateError> {
    let package = Package::new(schema, options)?;
    let mut files = package.first_files();
    for model in package.own_models() {
        match model {
            Model::Class(class) | Model::Exception(class) => files.extend(class::files(&package, class)),
            Model::Enum(definition) => files.push(enumeration::file(&package, definition)),
            Model::Custom(_) => {}
        }
    }
    files.push(protocol::file(&package));
    files.push(client::file(&package));
    Ok(files)
}
