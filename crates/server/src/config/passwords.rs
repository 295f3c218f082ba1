//! Passwords: `passwords.yaml`, then the environment. No error shows the value of one.

use std::collections::BTreeMap;

use super::document::{Document, Value};
use super::error::{Origin, Problem};
use super::section::{Section, Shown};
use super::{RunMode, Secret, Source};

const PREFIX: &str = "SERVERPOD_PASSWORD_";

/// Variables that Serverpod has for its own passwords, and the names of those.
const NAMED_VARIABLES: [(&str, &str); 3] = [
    ("SERVERPOD_DATABASE_PASSWORD", "database"),
    ("SERVERPOD_REDIS_PASSWORD", "redis"),
    ("SERVERPOD_SERVICE_SECRET", "serviceSecret"),
];

/// The shared passwords of a file, under those of the run mode.
pub(super) fn from_file(
    document: &Document,
    run_mode: RunMode,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, Secret> {
    let mut passwords = BTreeMap::new();
    let mut whole = Section::whole(document, Shown::Nature);
    let shared = whole.section("shared");
    let mut of_mode = None;
    for mode in RunMode::ALL {
        let section = whole.section(mode.as_str());
        if *mode == run_mode {
            of_mode = Some(section);
        }
    }
    for section in [Some(shared), of_mode].into_iter().flatten() {
        section.finish_shape(problems);
        for (name, node) in section.entries() {
            match &node.value {
                Value::Text(text) => {
                    passwords.insert(name.into(), Secret::from(text.as_str()));
                }
                _ => problems.push(section.wrong_value(name, node, "text in quotes".into())),
            }
        }
    }
    whole.finish(&[], problems);
    passwords
}

/// The passwords in environment variables; `SERVERPOD_PASSWORD_<name>` wins over a variable of Serverpod's own.
pub(super) fn from_environment(source: &Source, problems: &mut Vec<Problem>) -> BTreeMap<String, Secret> {
    let own = NAMED_VARIABLES.iter().filter_map(|(variable, name)| {
        source.variable(variable).map(|value| (variable.to_string(), name.to_string(), value))
    });
    let named = source.environment.iter().filter_map(|(variable, value)| {
        let variable = variable.to_str()?;
        let name = variable.strip_prefix(PREFIX).filter(|name| !name.is_empty())?;
        Some((variable.to_string(), name.to_string(), value.as_os_str()))
    });
    let mut passwords = BTreeMap::new();
    for (variable, name, value) in own.chain(named) {
        match value.to_str() {
            Some(password) => {
                passwords.insert(name, Secret::from(password));
            }
            None => problems.push(Problem::WrongValue {
                origin: Origin::Environment { name: variable },
                found: "not UTF-8".into(),
                expected: "UTF-8 text".into(),
            }),
        }
    }
    passwords
}
