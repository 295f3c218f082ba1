//! Models, as descriptors that are classes.

use streampod_schema::{Class, Enum, EnumEncoding, EnumValue, Field, Model};

use super::file::{File, key};
use super::layout::{Brackets, Code, Item};
use super::project::{Project, field_name, names_in, split};
use super::{comment, endpoints, literal};
use crate::SourceFile;

/// The models that belong to no module.
pub(crate) fn main<'a>(project: &'a Project<'a>) -> SourceFile {
    let mut file = File::of_models(project, None);
    write_all(&mut file);
    file.finish()
}

/// The models of a module, and its endpoints.
pub(crate) fn module<'a>(project: &'a Project<'a>, module: &'a str) -> SourceFile {
    let mut file = File::of_models(project, Some(module));
    write_all(&mut file);
    endpoints::write_all(&mut file);
    file.finish()
}

fn write_all(file: &mut File<'_>) {
    let models: Vec<_> = file.project.models(file.module).collect();
    let mut order = Vec::new();
    for model in &models {
        put_in_order(file, model, &mut Vec::new(), &mut order);
    }
    for model in order {
        match model {
            Model::Class(class) => write_class(file, class, "model"),
            Model::Exception(class) => write_class(file, class, "exception"),
            Model::Enum(definition) => write_enum(file, definition),
            Model::Custom(custom) => file.import_custom(&file.project.home(&custom.name).name.clone()),
        }
        file.declare(model.name());
    }
    write_list(file, &models);
}

/// Everything that the client has to know by name.
fn write_list(file: &mut File<'_>, models: &[&Model]) {
    let names: Vec<Code> = models.iter().map(|model| file.model(model.name()).into()).collect();
    let ty = format!("readonly {}[]", file.runtime_type("AnyType"));
    let docs = "Every type that travels by its name.";
    let head = if file.is_javascript() {
        write_lines(file, &comment::lines(docs, None, &[format!("@type {{{ty}}}")]));
        "export const models = ".to_owned()
    } else {
        write_lines(file, &comment::lines(docs, None, &[]));
        format!("export const models: {ty} = ")
    };
    file.source.line(Code::array(names).between(head, ";").print(0));
}

/// Puts a model behind what it is made of. Where models are made of each other, a field may come before its type, but no
/// class before the one that it extends.
fn put_in_order<'a>(file: &File<'a>, model: &'a Model, path: &mut Vec<&'a str>, order: &mut Vec<&'a Model>) {
    let schema = file.project.schema;
    let mut line =
        std::iter::successors(model.as_class(), |class| schema.parent(class)).map(|class| &class.name[..]);
    if line.any(|name| path.contains(&name)) || order.iter().any(|done| done.name() == model.name()) {
        return;
    }
    path.push(model.name());
    let mut uses = |name: &'a str| {
        if let Some(used) = schema.model(name).filter(|used| split(used.name()).0 == file.module) {
            put_in_order(file, used, path, order);
        }
    };
    if let Some(class) = model.as_class() {
        class.extends.as_deref().into_iter().for_each(&mut uses);
        for field in schema.own_fields(class) {
            names_in(&field.ty, &mut uses);
        }
    }
    path.pop();
    order.push(model);
}

fn write_class(file: &mut File<'_>, class: &Class, kind: &'static str) {
    let name = file.model(&class.name);
    let schema = file.project.schema;
    let fields = schema.own_fields(class).iter().map(|field| field_item(file, field, kind == "exception"));
    let fields = Code::Group(Brackets::Object, fields.collect());
    let mut base = match &class.extends {
        Some(parent) => {
            let parent = file.model(parent).into();
            Code::call(file.runtime("extend"), vec![parent, literal::string(&class.name).into(), fields])
        }
        None => Code::call(file.runtime(kind), vec![literal::string(&class.name).into(), fields]),
    };
    if class.immutable {
        base = Code::call(file.runtime("immutable"), vec![base]);
    }
    let deprecated = class.deprecated.as_deref();
    if class.sealed {
        let members: Vec<_> =
            schema.members(&class.name).iter().map(|member| file.model(&member.name)).collect();
        let returns = format!("{}<{name}>", file.runtime_type("Members"));
        let list = file.arrow(&returns, Code::array(members.iter().map(|member| Code::from(&member[..]))));
        let union = if members.is_empty() { "never".to_owned() } else { members.join(" | ") };
        let value = Code::call(file.runtime("sealed"), vec![base, list]);
        write_constant_and_type(file, &class.docs, deprecated, &name, value, &union);
    } else {
        write_lines(file, &comment::lines(&class.docs, deprecated, &[]));
        file.source.line(base.between(format!("export class {name} extends "), " {}").print(0));
        file.source.blank();
    }
}

fn field_item(file: &mut File<'_>, field: &Field, is_exception: bool) -> Item {
    let name = field_name(field, is_exception);
    let mut options = Vec::new();
    if field.key() != name {
        options.push(Code::from(format!("key: {}", literal::string(field.key()))));
    }
    if let Some(default) = literal::default(file, field) {
        options.push(default.between("default: ", ""));
    }
    if field.required && field.ty.takes_null() {
        options.push("required: true".into());
    }
    let comment = comment::lines(&field.docs, field.deprecated.as_deref(), &[]);
    Item { comment, code: file.field(&field.ty, options).between(format!("{}: ", key(&name)), "") }
}

fn write_enum(file: &mut File<'_>, definition: &Enum) {
    let name = file.model(&definition.name);
    let item = |code: Code, value: &EnumValue| Item {
        comment: comment::lines(&value.docs, value.deprecated.as_deref(), &[]),
        code,
    };
    let values = definition.values.iter();
    let values = if definition.properties.is_empty() {
        let names = values.map(|value| item(literal::string(&value.name).into(), value));
        Code::Group(Brackets::Array, names.collect())
    } else {
        let entries = values.map(|value| item(properties(file, definition, value), value));
        Code::Group(Brackets::Object, entries.collect())
    };
    let fallback = definition.default.as_deref().map(|name| Code::from(literal::string(name)));
    let function = match definition.encoding {
        EnumEncoding::ByName => "enumByName",
        EnumEncoding::ByIndex => "enumByIndex",
    };
    let arguments = [literal::string(&definition.name).into(), values].into_iter().chain(fallback).collect();
    let value = Code::call(file.runtime(function), arguments);
    let ty = format!("{}<typeof {name}>", file.runtime_type("Infer"));
    write_constant_and_type(file, &definition.docs, definition.deprecated.as_deref(), &name, value, &ty);
}

/// `small: { title: "Small" }`
fn properties(file: &File<'_>, definition: &Enum, value: &EnumValue) -> Code {
    let properties = definition.properties.iter().zip(&value.properties).map(|(property, json)| {
        let value =
            serde_json::from_str(json).ok().and_then(|value| literal::scalar(file, &property.ty, &value));
        format!("{}: {}", key(&property.name), value.unwrap_or_else(|| json.clone())).into()
    });
    Code::object(properties.collect::<Vec<_>>()).between(format!("{}: ", key(&value.name)), "")
}

/// A constant, and the type of its values, which has the same name.
fn write_constant_and_type(
    file: &mut File<'_>,
    docs: &str,
    deprecated: Option<&str>,
    name: &str,
    value: Code,
    ty: &str,
) {
    let comment = comment::lines(docs, deprecated, &[]);
    write_lines(file, &comment);
    file.source.line(value.between(format!("export const {name} = "), ";").print(0));
    file.source.blank();
    if file.is_javascript() {
        write_lines(file, &comment::lines(docs, deprecated, &[format!("@typedef {{{ty}}} {name}")]));
    } else {
        write_lines(file, &comment);
        file.source.line(format!("export type {name} = {ty};"));
    }
    file.source.blank();
}

fn write_lines(file: &mut File<'_>, lines: &[String]) {
    for line in lines {
        file.source.line(line);
    }
}
