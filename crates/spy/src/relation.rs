//! What relations between tables add to the models.

use streampod_schema::{Field, Type};

use crate::attribute::{Attribute, Setting};
use crate::build::Declared;
use crate::class::{ClassDeclaration, FieldDeclaration};
use crate::declaration::{Body, Declaration};
use crate::hierarchy::Hierarchy;
use crate::keyword;
use crate::reporter::Reporter;
use crate::source::Text;
use crate::ty::Names;

/// `relation(…)`: the parts that decide which fields a class has.
#[derive(Debug)]
pub(crate) struct Relation<'a> {
    /// The name that both sides of the relation bear.
    pub(crate) name: Option<Text<'a>>,
    /// Whether the class names a field that holds the id of the other one; otherwise one is made.
    pub(crate) has_field: bool,
    /// Whether the other one may be missing.
    pub(crate) optional: bool,
}

impl<'a> Relation<'a> {
    pub(crate) fn of(attribute: &Attribute<'a>, reporter: &mut Reporter) -> Self {
        let mut relation = Self { name: None, has_field: false, optional: false };
        let Setting::Nested(inside) = &attribute.setting else { return relation };
        for attribute in inside {
            match keyword::RELATION.check(attribute.key, reporter) {
                Some("name") => relation.name = attribute.text("name=both_sides", reporter),
                Some("optional") => relation.optional = attribute.is_on(reporter),
                Some("field") => relation.has_field = true,
                _ => {}
            }
        }
        relation
    }
}

/// Adds the fields that nobody writes and clients have nevertheless: the id of a row, and for a relation to another class the
/// id of that one.
pub(crate) fn add_implicit_fields(
    declarations: &[Declaration<'_>],
    hierarchy: &Hierarchy,
    names: &Names<'_>,
    fields: &mut [Vec<Declared>],
    reporter: &mut Reporter,
) {
    let rows = Rows { declarations, hierarchy, names };
    for index in hierarchy.parents_first() {
        if rows.class(index).is_some() && rows.id(index, fields).is_none() {
            let mut id = Field::new("id", Type::Int.nullable());
            id.docs = "The id of the row; null as long as there is none.".to_owned();
            fields[index].insert(0, Declared { field: id, at: declarations[index].name.span });
        }
    }
    for index in 0..declarations.len() {
        let declared = rows.class(index).map(|class| class.fields.as_slice()).unwrap_or_default();
        for field in declared {
            let Some(at) = place_of(&fields[index], field.name.text) else { continue };
            let Some(ty) = rows.foreign_id(field, index, at, fields, reporter) else { continue };
            let name = format!("{}Id", field.name.text);
            if place_of(&fields[index], &name).is_none() {
                let server_only = fields[index][at].field.server_only;
                let field_of_id = Field { server_only, ..Field::new(name, ty) };
                fields[index].insert(at, Declared { field: field_of_id, at: field.name.span });
            }
        }
    }
}

fn place_of(fields: &[Declared], name: &str) -> Option<usize> {
    fields.iter().position(|declared| declared.field.name == name)
}

/// The classes whose values are rows of a table.
struct Rows<'a> {
    declarations: &'a [Declaration<'a>],
    hierarchy: &'a Hierarchy,
    names: &'a Names<'a>,
}

impl<'a> Rows<'a> {
    fn class(&self, index: usize) -> Option<&'a ClassDeclaration<'a>> {
        match &self.declarations[index].body {
            Body::Class(class) if class.has_table => Some(class),
            _ => None,
        }
    }

    /// The type of the field `id` of a class, own or inherited.
    fn id<'f>(&self, of: usize, fields: &'f [Vec<Declared>]) -> Option<&'f Type> {
        let mut classes = std::iter::once(of).chain(self.hierarchy.ancestors(of));
        classes.find_map(|class| place_of(&fields[class], "id").map(|at| &fields[class][at].field.ty))
    }

    /// The type of the id of what `field` is related to, unless another field holds that. `field` is in the class `of`, at the
    /// place `at` of its fields.
    fn foreign_id(
        &self,
        field: &FieldDeclaration<'_>,
        of: usize,
        at: usize,
        fields: &[Vec<Declared>],
        reporter: &mut Reporter,
    ) -> Option<Type> {
        let relation = field.relation.as_ref().filter(|relation| !relation.has_field)?;
        let Type::Named(class) = not_nullable(&fields[of][at].field.ty) else { return None };
        let id = match self.names.models.get(class.as_str()) {
            Some(&other) => {
                let rows = self.class(other)?;
                let itself = (other == of).then_some(field.name.text);
                if relation.name.is_some_and(|name| !is_list_side(rows, name.text, itself)) {
                    return None;
                }
                not_nullable(self.id(other, fields)?).clone()
            }
            None => {
                let name = format!("{}Id", field.name.text);
                let message =
                    format!("this relation adds a field `{name}` whose type these files do not tell");
                let label = "taken for `int`: the id of a class of a module";
                let help = format!(
                    "if it is not: declare `{name}` with its type, and write `relation(field={name})`"
                );
                reporter.warning(field.ty.span, message, label).help(help);
                Type::Int
            }
        };
        Some(if relation.optional { id.nullable() } else { id })
    }
}

fn not_nullable(ty: &Type) -> &Type {
    match ty {
        Type::Nullable(inner) => inner,
        other => other,
    }
}

/// Whether the other side of the relation `name` is a list, so that the id is on this side. `itself` is the field of this side,
/// if both are in one class.
fn is_list_side(other: &ClassDeclaration<'_>, name: &str, itself: Option<&str>) -> bool {
    let mut sides = other.fields.iter().filter(|side| itself != Some(side.name.text));
    let side = sides.find(|side| {
        let relation = side.relation.as_ref().and_then(|relation| relation.name);
        relation.is_some_and(|other| other.text == name)
    });
    side.is_some_and(|side| side.ty.text.starts_with("List"))
}
