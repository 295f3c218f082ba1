//! The module that the models of a folder belong to.

use streampod_schema::{Model, Schema, Type};

use crate::diagnostic::{Diagnostic, Severity};
use crate::reporter::Reporter;

/// Checks that `module` can stand before names on the wire.
pub(crate) fn check(module: &str, reporter: &mut Reporter) {
    let is_name = module.starts_with(|c: char| c.is_ascii_lowercase())
        && module.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !is_name {
        let message = format!(
            "`{module}` cannot be the name of a module: expected a small letter, then small letters, digits and `_`, like \
             `shop_shared`"
        );
        reporter.push(Diagnostic::new(Severity::Error, message, None));
    }
}

/// Puts the name of `module` before the names of all models, wherever they stand. Until then a file's own names are in use,
/// which is what diagnostics show.
pub(crate) fn qualify(schema: &mut Schema, module: &str) {
    for model in &mut schema.models {
        match model {
            Model::Class(class) | Model::Exception(class) => {
                class.name = name(&class.name, module);
                class.extends = class.extends.take().map(|parent| name(&parent, module));
                for field in &mut class.fields {
                    qualify_type(&mut field.ty, module);
                }
            }
            Model::Enum(definition) => definition.name = name(&definition.name, module),
            Model::Custom(custom) => custom.name = name(&custom.name, module),
        }
    }
}

/// Puts the name of `module` before those of its classes in a type.
pub(crate) fn qualify_type(ty: &mut Type, module: &str) {
    match ty {
        Type::Named(class) => *class = name(class, module),
        Type::Nullable(inner) | Type::List(inner) | Type::Set(inner) => qualify_type(inner, module),
        Type::Map(key, value) => {
            qualify_type(key, module);
            qualify_type(value, module);
        }
        Type::Record { positional, named } => {
            let named = named.iter_mut().map(|(_, ty)| ty);
            positional.iter_mut().chain(named).for_each(|ty| qualify_type(ty, module));
        }
        _ => {}
    }
}

/// The name of a class on the wire. One that has a module has that of another one.
fn name(class: &str, module: &str) -> String {
    if class.contains('.') { class.to_owned() } else { format!("{module}.{class}") }
}
