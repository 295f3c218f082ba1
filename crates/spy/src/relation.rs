//! What relations between tables add to the models.

use streampod_schema::{Field, Type};

use crate::attribute::{Attribute, Setting};
use crate::build::Declared;
use crate::class::{ClassDeclaration, FieldDeclaration};
use crate::declaration::{Body, Declaration};
use crate::hierarchy::Hierarchy;
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
    pub(crate) fn of(attribute: &Attribute<'a>) -> Self {
        let Setting::Nested(inside) = &attribute.setting else {
            return Self { name: None, has_field: false, optional: false };
        };
        let get = |key: &str| inside.iter().find(|attribute| attribute.key.text == key);
        let name = get("name").and_then(|name| match name.setting {
            Setting::Text(text) => Some(text),
            _ => None,
        });
        let optional = get("optional").is_some_and(|optional| match &optional.setting {
            Setting::Text(text) => !text.text.eq_ignore_ascii_case("false"),
            Setting::Off => false,
            Setting::On | Setting::Nested(_) => true,
        });
        Self { name, has_field: get("field").is_some(), optional }
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
    for index in hierarchy.parents_first() {
        if row(&declarations[index]).is_some() && id(index, hierarchy, fields).is_none() {
            let mut id = Field::new("id", Type::Int.nullable());
            id.docs = "The id of the row; null as long as there is none.".to_owned();
            fields[index].insert(0, Declared { field: id, at: declarations[index].name.span });
        }
    }
    for (index, declaration) in declarations.iter().enumerate() {
        let Some(class) = row(declaration) else { continue };
        for field in &class.fields {
            let Some(added) = foreign_id(field, index, declarations, hierarchy, names, fields, reporter)
            else {
                continue;
            };
            let own = &mut fields[index];
            let at = own.iter().position(|declared| declared.field.name == field.name.text);
            if let Some(at) = at.filter(|_| own.iter().all(|declared| declared.field.name != added.name)) {
                own.insert(at, Declared { field: added, at: field.name.span });
            }
        }
    }
}

/// The class, if its values are rows of a table.
fn row<'a>(declaration: &'a Declaration<'a>) -> Option<&'a ClassDeclaration<'a>> {
    match &declaration.body {
        Body::Class(class) if class.has_table => Some(class),
        _ => None,
    }
}

/// The field `id` of a class, own or inherited.
fn id<'f>(of: usize, hierarchy: &Hierarchy, fields: &'f [Vec<Declared>]) -> Option<&'f Field> {
    let mut classes = std::iter::once(of).chain(hierarchy.ancestors(of));
    classes.find_map(|class| {
        fields[class].iter().map(|declared| &declared.field).find(|field| field.name == "id")
    })
}

/// The field for the id of what `field` is related to, unless the files name one.
fn foreign_id(
    field: &FieldDeclaration<'_>,
    of: usize,
    declarations: &[Declaration<'_>],
    hierarchy: &Hierarchy,
    names: &Names<'_>,
    fields: &[Vec<Declared>],
    reporter: &mut Reporter,
) -> Option<Field> {
    let relation = field.relation.as_ref().filter(|relation| !relation.has_field)?;
    let declared =
        fields[of].iter().map(|declared| &declared.field).find(|own| own.name == field.name.text)?;
    let class = match &declared.ty {
        Type::Named(name) => name.as_str(),
        Type::Nullable(inner) => match &**inner {
            Type::Named(name) => name.as_str(),
            _ => return None,
        },
        _ => return None,
    };
    let id = match names.models.get(class) {
        Some(other) => {
            let rows = row(&declarations[*other])?;
            if relation.name.is_some_and(|name| !is_list_side(rows, name.text, *other == of, field)) {
                return None;
            }
            id(*other, hierarchy, fields)?.ty.clone()
        }
        None => {
            let name = format!("{}Id", field.name.text);
            let message = format!("this relation adds a field `{name}` whose type these files do not tell");
            let help =
                format!("if its id is no int, declare it: `{name}: UuidValue`, and `relation(field={name})`");
            reporter
                .warning(field.ty.span, message, "taken for `int`: the id of a class of a module")
                .help(help);
            Type::Int
        }
    };
    let id = match id {
        Type::Nullable(id) => *id,
        id => id,
    };
    let ty = if relation.optional { id.nullable() } else { id };
    let server_only = declared.server_only;
    Some(Field { server_only, ..Field::new(format!("{}Id", field.name.text), ty) })
}

/// Whether the other side of the relation `name` is a list, so that the id is on this one.
fn is_list_side(
    other: &ClassDeclaration<'_>,
    name: &str,
    is_same: bool,
    field: &FieldDeclaration<'_>,
) -> bool {
    let mut sides = other.fields.iter().filter(|side| !is_same || side.name.text != field.name.text);
    let side = sides.find(|side| {
        let relation = side.relation.as_ref().and_then(|relation| relation.name);
        relation.is_some_and(|other| other.text == name)
    });
    side.is_some_and(|side| side.ty.text.starts_with("List"))
}
