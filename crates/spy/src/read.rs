//! From files to a schema.

use std::collections::BTreeSet;

use streampod_schema::Schema;

use crate::declaration::{self, Context};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::options::Options;
use crate::reporter::Reporter;
use crate::source::SourceText;
use crate::{build, tree};

/// What the files of a project declare.
#[derive(Debug, Clone)]
pub struct Models {
    /// The models, those for servers alone among them, in the order of their files' paths. It has no endpoints.
    pub schema: Schema,
    /// What is worth knowing although the files can be used: warnings alone.
    pub notices: Diagnostics,
}

/// Reads model files that are in memory.
///
/// # Errors
///
/// Fails if a file cannot be understood, or files contradict each other. Everything that is wrong in all of them is reported
/// at once, and warnings with it.
pub fn read(sources: Vec<SourceText>, options: &Options) -> Result<Models, Diagnostics> {
    read_with(sources, options, Vec::new())
}

/// The same, when some files could not even be read as text.
pub(crate) fn read_with(
    mut sources: Vec<SourceText>,
    options: &Options,
    unreadable: Vec<Diagnostic>,
) -> Result<Models, Diagnostics> {
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    for SourceText { text, .. } in &mut sources {
        // What some editors write is not part of the text: a mark before it, and two characters at the end of a line.
        if text.starts_with('\u{feff}') || text.contains('\r') {
            *text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
        }
    }
    let mut reporter = Reporter::default();
    let schema = schema(&sources, options, &mut reporter);
    for diagnostic in unreadable {
        reporter.push(diagnostic);
    }
    let found = Diagnostics::new(sources, reporter.finish());
    if found.has_errors() { Err(found) } else { Ok(Models { schema, notices: found }) }
}

fn schema(sources: &[SourceText], options: &Options, reporter: &mut Reporter) -> Schema {
    let files = sources.iter().enumerate();
    let trees: Vec<_> = files.map(|(file, source)| tree::parse(&source.text, file, reporter)).collect();
    let mut declarations = Vec::new();
    let mut broken = BTreeSet::new();
    for (source, tree) in sources.iter().zip(&trees) {
        let mut context = Context { source, options, reporter };
        match tree.as_ref().and_then(|tree| declaration::read(tree, &mut context)) {
            Some(declaration) => declarations.push(declaration),
            None => broken.extend(probable_name(&source.text)),
        }
    }
    build::schema(&declarations, broken, sources, options, reporter)
}

/// The name that a file which cannot be read was probably to declare.
fn probable_name(text: &str) -> Option<&str> {
    let name = |line: &'_ str| -> Option<usize> {
        ["class:", "exception:", "enum:"].iter().find(|key| line.starts_with(**key)).map(|key| key.len())
    };
    text.lines().find_map(|line| Some(line[name(line)?..].trim()))
}
