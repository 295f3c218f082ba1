//! What the tests share.

use std::path::{Path, PathBuf};

use streampod_schema::{Class, Enum, Field, Model};
use streampod_spy::{Diagnostics, Models, Options, SourceText, read};

/// What the tests' projects have beside their model files.
pub(crate) fn options() -> Options {
    Options {
        modules: [("auth".into(), "serverpod_auth".into())].into(),
        custom: ["Money".into()].into(),
        ..Options::default()
    }
}

/// A path below `tests`.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// Reads texts, each a file of its own: `a.spy.yaml`, `b.spy.yaml` and so on.
pub(crate) fn try_read_all(texts: &[&str]) -> Result<Models, Diagnostics> {
    let sources = texts
        .iter()
        .zip('a'..)
        .map(|(text, letter)| SourceText { path: format!("{letter}.spy.yaml"), text: (*text).to_owned() });
    read(sources.collect(), &options())
}

/// The same, when there is nothing wrong with them.
#[track_caller]
pub(crate) fn read_all(texts: &[&str]) -> Models {
    try_read_all(texts).unwrap_or_else(|diagnostics| panic!("{diagnostics}"))
}

/// The class of the first text.
#[track_caller]
pub(crate) fn first_class(texts: &[&str]) -> Class {
    read_all(texts).schema.models[0].as_class().unwrap().clone()
}

/// The only field of a class with this line as its field.
#[track_caller]
pub(crate) fn field(line: &str) -> Field {
    let text = format!("class: Test\nfields:\n  {line}\n");
    let class = first_class(&[&text, "enum: Size\nserialized: byIndex\nvalues:\n  - small\n  - large\n"]);
    assert_eq!(class.fields.len(), 1, "{:?}", class.fields);
    class.fields[0].clone()
}

/// The enum of a text.
#[track_caller]
pub(crate) fn only_enum(text: &str) -> Enum {
    match read_all(&[text]).schema.models.remove(0) {
        Model::Enum(definition) => definition,
        other => panic!("{other:?}"),
    }
}
