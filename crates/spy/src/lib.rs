//! Serverpod's model files as a schema.
//!
//! [`read_folder`] reads all `.spy.yaml` files of a folder, and [`read`] does the same with texts that are in memory already.
//! Both give the [`Schema`](streampod_schema::Schema) of the models, in the order of the files' paths, or all that is wrong with
//! them: each of the [`Diagnostics`] names its file, line and column, shows the line, and says what was expected.
//!
//! The way of a file: `tree.rs` makes a tree of the YAML whose nodes know their place, `declaration.rs` with `class.rs` and
//! `enumeration.rs` reads one model from it, and `build.rs` puts the models of all files together, which is when the names
//! that they use for each other get their meaning.

mod attribute;
mod build;
mod class;
mod declaration;
mod default;
mod diagnostic;
mod docs;
mod enumeration;
mod folder;
mod hierarchy;
mod keyword;
mod module;
mod names;
mod options;
mod read;
mod relation;
mod reporter;
mod source;
mod tree;
mod ty;

pub use diagnostic::{Diagnostic, Diagnostics, Location, Severity, Style};
pub use folder::read_folder;
pub use options::Options;
pub use read::{Models, read};
pub use source::SourceText;
