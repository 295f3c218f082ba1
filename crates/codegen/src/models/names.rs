//! Names in Rust, made of those on the wire.

use std::collections::BTreeMap;

use heck::{ToLowerCamelCase, ToSnakeCase, ToUpperCamelCase};

/// A name in Rust.
pub(crate) struct Name {
    /// The identifier.
    pub(crate) ident: String,
    /// Whether the derive macros make the wire's name of it.
    pub(crate) is_plain: bool,
}

/// The name of a field, a parameter, a method or a module.
pub(crate) fn field(wire: &str) -> Name {
    let snake = wire.to_snake_case();
    let is_plain = snake.to_lower_camel_case() == wire;
    match snake.as_str() {
        // These cannot be raw identifiers.
        "self" | "super" | "crate" => Name { ident: format!("{snake}_"), is_plain: false },
        "" => Name { ident: "field_".to_owned(), is_plain: false },
        keyword if KEYWORDS.contains(&keyword) => Name { ident: format!("r#{snake}"), is_plain },
        digit if digit.starts_with(|c: char| c.is_ascii_digit()) => {
            Name { ident: format!("_{snake}"), is_plain: false }
        }
        _ => Name { ident: snake, is_plain },
    }
}

/// The name of a variant.
pub(crate) fn variant(wire: &str) -> Name {
    let ident = wire.to_upper_camel_case();
    match ident.as_str() {
        "Self" => Name { ident: "Self_".to_owned(), is_plain: false },
        "" => Name { ident: "Value_".to_owned(), is_plain: false },
        digit if digit.starts_with(|c: char| c.is_ascii_digit()) => {
            Name { ident: format!("_{ident}"), is_plain: false }
        }
        _ => Name { is_plain: ident.to_lower_camel_case() == wire, ident },
    }
}

/// The names of one place, to find two that are the same.
#[derive(Default)]
pub(crate) struct Names {
    known: BTreeMap<String, String>,
    pub(crate) problems: Vec<String>,
}

impl Names {
    /// Adds the name that `what` gets.
    pub(crate) fn add(&mut self, name: &str, what: &str) {
        if let Some(other) = self.known.insert(name.to_owned(), what.to_owned()) {
            self.problems
                .push(format!("{what} and {other} would both be `{name}` in Rust; give one another name"));
        }
    }
}

/// The module of a model or an endpoint; empty if it has none.
pub(crate) fn module(wire: &str) -> &str {
    wire.rsplit_once('.').map_or("", |(module, _)| module)
}

/// The name without its module.
pub(crate) fn base(wire: &str) -> &str {
    wire.rsplit_once('.').map_or(wire, |(_, name)| name)
}

/// The words that Rust keeps to itself, but for those that cannot be raw identifiers.
const KEYWORDS: [&str; 48] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
    "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait",
    "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Type names that generated code uses itself.
pub(crate) const TAKEN: [&str; 14] = [
    "Box", "Clone", "Copy", "Debug", "Default", "Eq", "Err", "From", "Hash", "Ok", "Option", "Self",
    "String", "Vec",
];
