//! The table as data; its format is described in `conformance/cases/README.md`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

/// The cases of a file.
pub(super) fn read<C: DeserializeOwned>(file: &str) -> Vec<C> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(file).with_extension("json");
    let text = std::fs::read_to_string(&path).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One call, and what is expected of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) call: String,
    #[serde(default)]
    pub(super) args: BTreeMap<String, Text>,
    #[serde(default)]
    pub(super) inputs: BTreeMap<String, Vec<Item>>,
    #[serde(default)]
    pub(super) untyped: bool,
    /// The scopes with which the caller signs in.
    pub(super) sign_in: Option<Vec<String>>,
    pub(super) token: Option<String>,
    pub(super) authorization: Option<String>,
    /// What a language may lack. Rust lacks nothing.
    #[serde(default, rename = "needs")]
    _needs: Vec<String>,
    pub(super) result: Option<Text>,
    pub(super) elements: Option<Vec<Text>>,
    #[serde(default)]
    pub(super) any_order: bool,
    pub(super) error: Option<String>,
    pub(super) exception: Option<Map<String, Json>>,
    pub(super) take: Option<usize>,
    #[serde(default = "one")]
    pub(super) times: usize,
    #[serde(default)]
    pub(super) network: Network,
}

fn one() -> usize {
    1
}

/// What the proxy does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Network {
    #[default]
    Forward,
    Refuse,
    Silent,
    Cut,
    Freeze,
}

/// The text of a value.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Text {
    Plain(String),
    Repeated { before: String, repeat: String, times: usize, after: String },
}

impl Text {
    pub(super) fn get(&self) -> String {
        match self {
            Self::Plain(text) => text.clone(),
            Self::Repeated { before, repeat, times, after } => {
                format!("{before}{}{after}", repeat.repeat(*times))
            }
        }
    }
}

/// What an input does next.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Item {
    Element(Text),
    Throw { throw: Text },
    Fail { fail: String },
    Open { open: bool },
}
