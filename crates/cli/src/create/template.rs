//! The files of a new project, which are those in the folder `template`.

use anyhow::Context;
use streampod_schema::Schema;

use super::name::Name;
use super::streampod::Streampod;

/// What the server of a new project says of itself, so that its clients can be generated before it is built.
/// After a change to the template: create a project, `cargo run -p <NAME>-server -- --print-schema`, and keep it here. A test
/// finds out when that was forgotten.
const SCHEMA: &str = include_str!("../../template/schema.json");

/// What a file is called in the template that must not be taken there for what it is.
const SUFFIX: &str = ".template";

/// Lists files of the template: the path of each, and its text.
macro_rules! files {
    ($($path:literal),+ $(,)?) => {
        [$(($path, include_str!(concat!("../../template/", $path)))),+]
    };
}

const FILES: [(&str, &str); 29] = files![
    "Cargo.toml.template",
    "README.md.template",
    "config/development.yaml.template",
    "gitignore.template",
    "models/Cargo.toml.template",
    "models/build.rs",
    "models/spy/bad_name.spy.yaml",
    "models/spy/board_event.spy.yaml",
    "models/spy/cheer.spy.yaml",
    "models/spy/cheered.spy.yaml",
    "models/spy/guest.spy.yaml",
    "models/spy/guest_left.spy.yaml",
    "models/spy/guest_moved.spy.yaml",
    "models/spy/position.spy.yaml",
    "models/spy/welcome.spy.yaml",
    "models/src/lib.rs",
    "server/Cargo.toml.template",
    "server/src/board.rs",
    "server/src/main.rs",
    "server/src/page.rs",
    "server/src/tests.rs",
    "streampod.yaml.template",
    "visitor/Cargo.toml.template",
    "visitor/src/main.rs",
    "web/app.js",
    "web/icon.svg",
    "web/index.html.template",
    "web/pointers.js",
    "web/style.css",
];

/// The files of a project, by their paths in it; its clients are not among them.
pub(super) fn files(name: &Name, streampod: &Streampod) -> impl Iterator<Item = (String, String)> {
    let values = [
        ("{{name}}", name.as_str().to_owned()),
        ("{{crate}}", name.ident()),
        ("{{streampod}}", streampod.dependency("streampod", " =")),
        ("{{streampod-codegen}}", streampod.dependency("streampod-codegen", " =")),
        ("{{streampod-testing}}", streampod.dependency("streampod-testing", " =")),
        ("{{installation}}", streampod.installation()),
        ("{{streampod-yaml}}", streampod.dependency("streampod", ":")),
    ];
    FILES.into_iter().map(move |(path, text)| {
        let path = path.strip_suffix(SUFFIX).unwrap_or(path);
        let path = if path == "gitignore" { ".gitignore" } else { path };
        let text = values.iter().fold(text.to_owned(), |text, (key, value)| text.replace(key, value));
        (path.to_owned(), text)
    })
}

/// The schema of the project's server.
pub(super) fn schema() -> anyhow::Result<Schema> {
    serde_json::from_str(SCHEMA).context("the template's schema")
}
