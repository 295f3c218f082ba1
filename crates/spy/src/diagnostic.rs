//! What is wrong with model files, and how it is shown.

use std::fmt;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::source::{SourceText, Span};

/// More than these are counted, not shown.
const SHOWN_MAX: usize = 100;

/// Everything that was found in a set of model files, errors and warnings.
///
/// The `Display` form is that of [`render`](Self::render) with [`Style::Plain`].
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    sources: Vec<SourceText>,
    diagnostics: Vec<Diagnostic>,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether the files can be used in spite of it.
    pub severity: Severity,
    /// What was found.
    pub message: String,
    /// Where it is; `None` if it concerns no single place.
    pub location: Option<Location>,
    /// What to do about it.
    pub help: Option<String>,
    /// What is underlined, and what stands beside it.
    at: Option<(Span, String)>,
    /// Another place that has to do with it.
    related: Option<(Span, String)>,
    /// A file that cannot be read as text at all.
    file: Option<String>,
}

/// Whether files can be used in spite of what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// There is no schema as long as it stands.
    Error,
    /// It is worth knowing.
    Warning,
}

/// A place in a model file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The path of the file.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// How diagnostics are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Text alone.
    #[default]
    Plain,
    /// With the colours of a terminal.
    Coloured,
}

impl Diagnostics {
    pub(crate) fn new(sources: Vec<SourceText>, mut diagnostics: Vec<Diagnostic>) -> Self {
        let mut lines = Lines { sources: &sources, file: 0, offset: 0, line: 1 };
        for diagnostic in &mut diagnostics {
            diagnostic.location = diagnostic.at.as_ref().map(|(span, _)| lines.location(*span));
        }
        Self { sources, diagnostics }
    }

    /// Puts `folder` before every path that is shown.
    pub(crate) fn in_folder(mut self, folder: &str) -> Self {
        let join = |path: &mut String| *path = format!("{}/{path}", folder.trim_end_matches('/'));
        self.sources.iter_mut().for_each(|source| join(&mut source.path));
        for diagnostic in &mut self.diagnostics {
            diagnostic.location.iter_mut().for_each(|location| join(&mut location.path));
            diagnostic.file.iter_mut().for_each(join);
        }
        self
    }

    /// The diagnostics, in the order of files and lines; what concerns no single place comes last.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// All of them for people to read, with the lines they are about. Of more than 100, the rest is only counted.
    pub fn render(&self, style: Style) -> String {
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        };
        let renderer = renderer.decor_style(DecorStyle::Ascii);
        let shown = self.diagnostics.iter().take(SHOWN_MAX);
        let mut texts: Vec<_> = shown.map(|shown| renderer.render(&self.report(shown))).collect();
        if let Some(rest @ 1..) = self.diagnostics.len().checked_sub(SHOWN_MAX) {
            texts.push(format!("… and {rest} more"));
        }
        texts.join("\n\n")
    }

    /// A diagnostic as the renderer takes it.
    fn report<'a>(&'a self, diagnostic: &'a Diagnostic) -> Vec<Group<'a>> {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(&diagnostic.message));
        let at = diagnostic.at.iter().map(|at| (AnnotationKind::Primary, at));
        let related = diagnostic.related.iter().map(|at| (AnnotationKind::Context, at));
        let mut annotations: Vec<_> = at.chain(related).collect();
        while let Some((_, (first, _))) = annotations.first() {
            let file = first.file;
            let of_file = annotations.extract_if(.., |(_, (span, _))| span.file == file).collect::<Vec<_>>();
            group = group.element(self.snippet(file, &of_file));
        }
        if let Some(file) = &diagnostic.file {
            group = group.element(Origin::path(file));
        }
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help));
        }
        vec![group]
    }

    /// The lines of a file that are underlined: only these are handed on, so that a long file costs no more than a short one.
    fn snippet<'a>(
        &'a self,
        file: usize,
        annotations: &[(AnnotationKind, &'a (Span, String))],
    ) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let source = &self.sources[file];
        let spans = || annotations.iter().map(|(_, (span, _))| span);
        let first = spans().map(|span| span.start).min().unwrap_or_default();
        let last = spans().map(|span| span.end).max().unwrap_or_default();
        let start = source.text[..first].rfind('\n').map_or(0, |at| at + 1);
        let end = source.text[last..].find('\n').map_or(source.text.len(), |at| last + at);
        let line = 1 + source.text[..start].matches('\n').count();
        let annotations = annotations.iter().map(|(kind, (span, label))| {
            let annotation = kind.span(span.start - start..span.end - start);
            if label.is_empty() { annotation } else { annotation.label(label) }
        });
        Snippet::source(&source.text[start..end]).path(&source.path).line_start(line).annotations(annotations)
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Plain))
    }
}

impl std::error::Error for Diagnostics {}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.diagnostics.iter()
    }
}

/// The diagnostic on one line: its place and the message.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Location { path, line, column }) = &self.location {
            write!(f, "{path}:{line}:{column}: ")?;
        } else if let Some(path) = &self.file {
            write!(f, "{path}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl Diagnostic {
    pub(crate) fn new(severity: Severity, message: String, at: Option<(Span, String)>) -> Self {
        Self { severity, message, location: None, help: None, at, related: None, file: None }
    }

    /// A file that cannot be read as text.
    pub(crate) fn unreadable(path: String, message: String) -> Self {
        Self { file: Some(path), ..Self::new(Severity::Error, message, None) }
    }

    /// Says what to do about it.
    pub(crate) fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Shows another place that has to do with it.
    pub(crate) fn related(&mut self, at: Span, label: impl Into<String>) -> &mut Self {
        self.related = Some((at, label.into()));
        self
    }

    /// What diagnostics are sorted by: those without a place come last.
    pub(crate) fn order(&self) -> (bool, usize, usize) {
        self.at.as_ref().map_or((true, 0, 0), |(span, _)| (false, span.file, span.start))
    }
}

/// Counts lines, for places that are asked for in their order: each byte is looked at once.
struct Lines<'a> {
    sources: &'a [SourceText],
    file: usize,
    offset: usize,
    line: usize,
}

impl Lines<'_> {
    fn location(&mut self, span: Span) -> Location {
        if (self.file, self.offset) > (span.file, span.start) || self.file != span.file {
            (self.file, self.offset, self.line) = (span.file, 0, 1);
        }
        let SourceText { path, text } = &self.sources[span.file];
        self.line += text[self.offset..span.start].matches('\n').count();
        self.offset = span.start;
        let line_start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let column = 1 + text[line_start..span.start].chars().count();
        Location { path: path.clone(), line: self.line, column }
    }
}
