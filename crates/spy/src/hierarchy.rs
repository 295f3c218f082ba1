//! Which class extends which.

use crate::declaration::{Body, Declaration};
use crate::names;
use crate::reporter::Reporter;
use crate::source::Text;
use crate::ty::Names;

/// The classes that the classes extend.
#[derive(Debug)]
pub(crate) struct Hierarchy {
    /// For each declaration, the place of the one that it extends. There are no cycles.
    parents: Vec<Option<usize>>,
}

impl Hierarchy {
    /// Finds out which class extends which; what cannot be is reported and left out.
    pub(crate) fn of(declarations: &[Declaration<'_>], names: &Names<'_>, reporter: &mut Reporter) -> Self {
        let parents = declarations.iter().map(|child| parent(child, declarations, names, reporter));
        let mut hierarchy = Self { parents: parents.collect() };
        hierarchy.cut_cycles(declarations, reporter);
        hierarchy
    }

    pub(crate) fn parent(&self, of: usize) -> Option<usize> {
        self.parents[of]
    }

    /// All declarations, each behind the one that it extends.
    pub(crate) fn parents_first(&self) -> Vec<usize> {
        let mut order: Vec<_> = (0..self.parents.len()).collect();
        let depths: Vec<_> = order.iter().map(|index| self.ancestors(*index).count()).collect();
        order.sort_by_key(|index| depths[*index]);
        order
    }

    /// Those that it extends, directly or not, the nearest first.
    pub(crate) fn ancestors(&self, of: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.parents[of], |parent| self.parents[*parent])
    }

    fn cut_cycles(&mut self, declarations: &[Declaration<'_>], reporter: &mut Reporter) {
        // The walk on which each class was met first; a class that is met twice on one walk extends itself.
        let mut met = vec![None; self.parents.len()];
        for start in 0..self.parents.len() {
            let mut next = Some(start);
            while let Some(index) = next {
                match met[index] {
                    None => met[index] = Some(start),
                    Some(walk) if walk == start => {
                        let name = declarations[index].name;
                        let (message, label) = if self.parents[index] == Some(index) {
                            (format!("`{}` extends itself", name.text), "")
                        } else {
                            let message = format!("`{}` extends itself, by way of others", name.text);
                            (message, "whoever follows `extends` comes back here")
                        };
                        reporter.error(name.span, message, label);
                        self.parents[index] = None;
                        break;
                    }
                    Some(_) => break,
                }
                next = self.parents[index];
            }
        }
    }
}

/// The place of the declaration that `child` extends.
fn parent(
    child: &Declaration<'_>,
    declarations: &[Declaration<'_>],
    names: &Names<'_>,
    reporter: &mut Reporter,
) -> Option<usize> {
    let Body::Class(class) = &child.body else { return None };
    let Text { text, span, .. } = class.extends?;
    let what = if class.is_exception { "exception" } else { "class" };
    let Some(&index) = names.models.get(text) else {
        if names.broken.contains(text) {
            return None;
        }
        let label = match names::suggestion(text, names.models.keys().copied()) {
            Some(known) => format!("did you mean `{known}`?"),
            None if text.contains(':') => format!("a {what} extends one of the same project"),
            None => format!("expected the name of another {what}"),
        };
        reporter.error(span, format!("there is no {what} `{text}`"), label);
        return None;
    };
    let parent = &declarations[index];
    let found = match &parent.body {
        Body::Enum(_) => "an enum",
        Body::Class(other) if other.is_exception != class.is_exception => {
            if other.is_exception {
                "an exception"
            } else {
                "a class"
            }
        }
        Body::Class(_) if parent.server_only && !child.server_only => {
            reporter
                .error(span, format!("`{text}` never leaves the server"), "clients would have to know it")
                .related(child.name.span, "clients see this class")
                .help("add `serverOnly: true` to this class, or take it from the other one");
            return Some(index);
        }
        Body::Class(_) => return Some(index),
    };
    reporter
        .error(span, format!("`{text}` is {found}"), format!("expected the name of another {what}"))
        .related(parent.name.span, "it is declared here");
    None
}
