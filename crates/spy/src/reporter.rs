//! Collecting what is wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Span;

/// Collects what is found in all files.
#[derive(Debug, Default)]
pub(crate) struct Reporter {
    found: Vec<Diagnostic>,
    /// The keywords that were read and ignored, and the files in which they stand.
    ignored: BTreeMap<&'static str, BTreeSet<usize>>,
}

impl Reporter {
    /// Notes an error. The label stands beside the underlined piece; further parts are added to what is returned.
    pub(crate) fn error(
        &mut self,
        at: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> &mut Diagnostic {
        self.push(Diagnostic::new(Severity::Error, message.into(), Some((at, label.into()))))
    }

    /// Notes something that is allowed and probably not meant.
    pub(crate) fn warning(
        &mut self,
        at: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> &mut Diagnostic {
        self.push(Diagnostic::new(Severity::Warning, message.into(), Some((at, label.into()))))
    }

    pub(crate) fn push(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        let index = self.found.len();
        self.found.push(diagnostic);
        &mut self.found[index]
    }

    /// Notes that `keyword`, which concerns a database alone, stands in a file.
    pub(crate) fn ignore(&mut self, keyword: &'static str, file: usize) {
        self.ignored.entry(keyword).or_default().insert(file);
    }

    /// What was found, first by file, then by place, and at the end the one notice of what was ignored.
    pub(crate) fn finish(mut self) -> Vec<Diagnostic> {
        self.found.sort_by_key(Diagnostic::order);
        self.found.extend(self.notice());
        self.found
    }

    fn notice(&self) -> Option<Diagnostic> {
        if self.ignored.is_empty() {
            return None;
        }
        let count = |files: &BTreeSet<usize>| match files.len() {
            1 => "1 file".to_owned(),
            several => format!("{several} files"),
        };
        let keywords = self.ignored.iter().map(|(keyword, files)| format!("`{keyword}` in {}", count(files)));
        let message = format!(
            "what concerns a database is ignored, since Streampod has none: {}",
            keywords.collect::<Vec<_>>().join(", "),
        );
        Some(Diagnostic::new(Severity::Warning, message, None))
    }
}
