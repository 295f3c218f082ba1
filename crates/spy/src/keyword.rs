//! The keywords, and what the reader does with each.

use crate::names;
use crate::reporter::Reporter;
use crate::source::Text;

/// What the reader does with a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// It means something.
    Read,
    /// It concerns a database alone: ignored, with a notice.
    Database,
    /// Serverpod took it away.
    Removed(&'static str),
}

/// The keywords of one place: `what` says which.
#[derive(Debug)]
pub(crate) struct Keywords {
    what: &'static str,
    words: &'static [(&'static str, Use)],
}

pub(crate) const CLASS: Keywords = Keywords {
    what: "a class",
    words: &[
        ("class", Use::Read),
        ("extends", Use::Read),
        ("sealed", Use::Read),
        ("immutable", Use::Read),
        ("serverOnly", Use::Read),
        ("fields", Use::Read),
        ("table", Use::Database),
        ("indexes", Use::Database),
        ("managedMigration", Use::Database),
        ("serializationDataType", Use::Database),
        ("database", Use::Database),
    ],
};

pub(crate) const EXCEPTION: Keywords = Keywords {
    what: "an exception",
    words: &[
        ("exception", Use::Read),
        ("extends", Use::Read),
        ("sealed", Use::Read),
        ("serverOnly", Use::Read),
        ("fields", Use::Read),
    ],
};

pub(crate) const ENUM: Keywords = Keywords {
    what: "an enum",
    words: &[
        ("enum", Use::Read),
        ("serialized", Use::Read),
        ("default", Use::Read),
        ("serverOnly", Use::Read),
        ("properties", Use::Read),
        ("values", Use::Read),
    ],
};

pub(crate) const FIELD: Keywords = Keywords {
    what: "a field",
    words: &[
        ("type", Use::Read),
        ("required", Use::Read),
        ("default", Use::Read),
        ("defaultModel", Use::Read),
        ("scope", Use::Read),
        ("jsonKey", Use::Read),
        ("defaultPersist", Use::Database),
        ("persist", Use::Database),
        ("relation", Use::Database),
        ("column", Use::Database),
        ("unique", Use::Database),
        ("serializationDataType", Use::Database),
        ("tail", Use::Read),
        ("database", Use::Removed("write `scope=serverOnly` instead")),
        ("api", Use::Removed("write `!persist` instead")),
        ("parent", Use::Removed("write `relation(parent=…)` instead")),
    ],
};

pub(crate) const RELATION: Keywords = Keywords {
    what: "a relation",
    words: &[
        ("name", Use::Read),
        ("field", Use::Read),
        ("optional", Use::Read),
        ("parent", Use::Read),
        ("onUpdate", Use::Read),
        ("onDelete", Use::Read),
        ("deferrable", Use::Read),
        ("deferred", Use::Read),
    ],
};

impl Keywords {
    /// Checks one keyword. The answer is its name, or `None` if it is not known or gone, which is reported.
    pub(crate) fn check(&self, word: Text<'_>, reporter: &mut Reporter) -> Option<&'static str> {
        let what = self.what;
        match self.words.iter().find(|(known, _)| *known == word.text) {
            Some((known, Use::Read)) => Some(known),
            Some((known, Use::Database)) => {
                reporter.ignore(known, word.span.file);
                Some(known)
            }
            Some((known, Use::Removed(instead))) => {
                reporter.error(word.span, format!("{what} has no keyword `{known}` any more"), *instead);
                None
            }
            None => {
                let known = || {
                    self.words
                        .iter()
                        .filter(|(_, usage)| !matches!(usage, Use::Removed(_)))
                        .map(|(word, _)| *word)
                };
                let label = match names::suggestion(word.text, known()) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => "not a keyword".into(),
                };
                reporter
                    .error(word.span, format!("{what} has no keyword `{}`", word.text), label)
                    .help(format!("the keywords are {}", names::list(known())));
                None
            }
        }
    }
}
