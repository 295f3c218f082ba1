//! Names that models, fields and values may have.

use crate::reporter::Reporter;
use crate::source::Text;

/// What a name is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Model,
    Field,
    /// A property of an enum.
    Property,
    /// A value of an enum.
    Value,
}

/// Checks that code in every language can use `name`.
pub(crate) fn check(name: Text<'_>, purpose: Purpose, reporter: &mut Reporter) {
    let Text { text, span, .. } = name;
    let (what, example) = match purpose {
        Purpose::Model => {
            ("the name of a model", "like `PixelUpdate`: a capital letter, then letters and digits")
        }
        Purpose::Field => {
            ("the name of a field", "like `pixelIndex`: a small letter, then letters and digits")
        }
        Purpose::Property => {
            ("the name of a property", "like `shortName`: a small letter, then letters and digits")
        }
        Purpose::Value => ("the name of a value", "like `inStock`: a letter, then letters, digits and `_`"),
    };
    if !is_identifier(text, purpose) {
        reporter.error(span, format!("`{text}` cannot be {what}"), format!("expected a name {example}"));
    } else if is_reserved(text, purpose) {
        reporter
            .error(span, format!("`{text}` cannot be {what}"), "this word is reserved")
            .help("the code of the clients uses it for something else");
    } else if matches!(purpose, Purpose::Field | Purpose::Property) && !is_camel_case(text) {
        let help = "clients in Dart and TypeScript get the name as it is; a key on the wire is set apart by `jsonKey=…`";
        reporter
            .warning(span, format!("`{text}` is not in camelCase"), format!("a name is {example}"))
            .help(help);
    }
}

fn is_identifier(text: &str, purpose: Purpose) -> bool {
    let mut chars = text.chars();
    let first = chars.next().unwrap_or(' ');
    let (is_first, may_underscore) = match purpose {
        Purpose::Model => (first.is_ascii_uppercase(), false),
        Purpose::Field | Purpose::Property => (first.is_ascii_alphabetic(), true),
        Purpose::Value => (first.is_ascii_alphabetic() || first == '_', true),
    };
    is_first && chars.all(|c| c.is_ascii_alphanumeric() || (c == '_' && may_underscore))
}

fn is_camel_case(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && !text.contains('_')
}

fn is_reserved(text: &str, purpose: Purpose) -> bool {
    match purpose {
        Purpose::Model => TYPES.contains(&text),
        Purpose::Field | Purpose::Property | Purpose::Value => {
            WORDS.contains(&text)
                || MEMBERS.contains(&text)
                || (purpose == Purpose::Value && text == "values")
        }
    }
}

/// The types that fields may have, and the classes that clients have besides the models.
const TYPES: [&str; 17] = [
    "BigInt",
    "Bit",
    "ByteData",
    "Client",
    "DateTime",
    "Duration",
    "Endpoints",
    "HalfVector",
    "List",
    "Map",
    "Protocol",
    "Set",
    "SparseVector",
    "String",
    "Uri",
    "UuidValue",
    "Vector",
];

/// Words that Dart keeps to itself. Those of Rust and TypeScript can be told apart in their code.
const WORDS: [&str; 60] = [
    "abstract",
    "as",
    "assert",
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "covariant",
    "default",
    "deferred",
    "do",
    "dynamic",
    "else",
    "enum",
    "export",
    "extend",
    "extension",
    "external",
    "factory",
    "false",
    "final",
    "finally",
    "for",
    "function",
    "get",
    "hide",
    "if",
    "implements",
    "import",
    "in",
    "interface",
    "is",
    "library",
    "mixin",
    "new",
    "null",
    "on",
    "operator",
    "part",
    "rethrow",
    "return",
    "set",
    "show",
    "static",
    "super",
    "switch",
    "sync",
    "this",
    "throw",
    "true",
    "try",
    "typedef",
    "var",
    "void",
    "while",
    "with",
];

/// Members that every generated class has.
const MEMBERS: [&str; 8] = [
    "copyWith",
    "fromJson",
    "hashCode",
    "noSuchMethod",
    "runtimeType",
    "toJson",
    "toJsonForProtocol",
    "toString",
];

/// The name among `known` that `text` was probably meant to be.
pub(crate) fn suggestion<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // No name is that long; comparing takes time that grows with the square of the length.
    if text.len() > 64 {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&lower, &known.to_ascii_lowercase());
    let known = known.into_iter().filter(|known| known.len() <= 64);
    let (nearest, name) = known.map(|known| (distance(known), known)).min()?;
    (nearest <= 1 + text.len() / 5).then_some(name)
}

/// `a`, `b` and `c`.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "none".into(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
