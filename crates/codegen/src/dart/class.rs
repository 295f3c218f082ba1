//! The files of classes and exceptions.

use streampod_schema::{Class, Field, Model, Type};

use super::convert::{from_json, to_json};
use super::declaration::{deprecated, docs, spaced};
use super::field::{
    arguments, copied, implemented, initializer, initializing, is_const, parameters, passing, string,
};
use super::library::{Library, Siblings, part};
use super::package::{Package, is_collection};
use crate::SourceFile;

/// The most objects that Dart's `Object.hash` takes.
const HASH_MAX: usize = 20;

/// The files of a class: its own; for a sealed class at the top of a hierarchy also those of all classes below it, which
/// are parts of its library; and none for a class of such a hierarchy, because the top brings it.
pub(super) fn files(package: &Package<'_>, class: &Class) -> Vec<SourceFile> {
    let top = package.schema.class(&class.name).and_then(|class| package.sealed_top(class));
    let path = package.path_of(&class.name);
    let library = Library::new(package, &path, Siblings::Relative);
    match top {
        Some(top) if top.name != class.name => Vec::new(),
        Some(top) => hierarchy(&library, &path, top),
        None => {
            let undefined = takes_null(class);
            let declarations = Writer { library: &library, class }.declarations(undefined);
            vec![library.file("", &declarations)]
        }
    }
}

/// A sealed class with everything below it, in one library.
fn hierarchy(library: &Library<'_>, path: &str, top: &Class) -> Vec<SourceFile> {
    let package = library.package;
    let below = descendants(package, top);
    let mut files = Vec::new();
    let mut directives = String::new();
    for class in &below {
        let place = package.path_of(&class.name);
        directives.push_str(&format!("part '{}.dart';\n", relative(path, &place)));
        let declarations = Writer { library, class }.declarations(false);
        files.push(part(&place, &format!("{}.dart", relative(&place, path)), &declarations));
    }
    let undefined = below.iter().any(|class| takes_null(class));
    let declarations = Writer { library, class: top }.declarations(undefined);
    files.push(library.file(&directives, &declarations));
    files
}

/// All classes below a class that the package declares, in the order of their names.
fn descendants<'a>(package: &Package<'a>, class: &Class) -> Vec<&'a Class> {
    let mut found: Vec<&Class> = Vec::new();
    for child in package.schema.children(&class.name) {
        if package.foreign_uri(&child.name).is_none() {
            found.push(child);
            found.extend(descendants(package, child));
        }
    }
    found.sort_by_key(|class| package.path_of(&class.name));
    found
}

fn takes_null(class: &Class) -> bool {
    class.fields.iter().any(|field| field.ty.takes_null())
}

/// The way from one file to another, both without suffixes.
fn relative(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').collect();
    let to: Vec<&str> = to.split('/').collect();
    let (from_folders, to_folders) = (&from[..from.len() - 1], &to[..to.len() - 1]);
    let common = from_folders.iter().zip(to_folders).take_while(|(a, b)| a == b).count();
    format!("{}{}", "../".repeat(from_folders.len() - common), to[common..].join("/"))
}

/// Writes the declarations of one class.
struct Writer<'a> {
    library: &'a Library<'a>,
    class: &'a Class,
}

impl Writer<'_> {
    /// The class, the marker of what `copyWith` was not given, and the class that implements it if it is abstract. Only
    /// a class that nothing extends is abstract.
    fn declarations(&self, undefined: bool) -> String {
        let class = if self.class.sealed { self.sealed_class() } else { self.class(self.is_abstract()) };
        let undefined = if undefined { "class _Undefined {}" } else { "" };
        let implementation =
            if self.class.sealed || !self.is_abstract() { String::new() } else { self.implementation() };
        spaced([class, undefined.to_owned(), implementation]) + "\n"
    }

    fn is_abstract(&self) -> bool {
        self.library.package.schema.children(&self.class.name).next().is_none()
    }

    fn is_exception(&self) -> bool {
        matches!(self.library.package.schema.model(&self.class.name), Some(Model::Exception(_)))
    }

    fn name(&self) -> &str {
        self.library.package.dart_name(&self.class.name)
    }

    fn parent(&self) -> Option<&Class> {
        self.library.package.schema.parent(self.class)
    }

    /// Everything up to the brace of the class.
    fn head(&self, modifier: &str) -> String {
        let docs = docs(&self.class.docs);
        let deprecated = deprecated(self.class.deprecated.as_deref());
        // The client of 2.9 does not pass this annotation on.
        let immutable = if self.class.immutable && !self.library.package.is_2_9() {
            format!("@{}\n", self.library.client("immutable"))
        } else {
            String::new()
        };
        let name = self.name();
        let extends = self.class.extends.as_deref();
        let extends =
            extends.map(|parent| format!(" extends {}", self.library.parent(parent))).unwrap_or_default();
        let exception = if self.is_exception() {
            format!("{}, ", self.library.client("SerializableException"))
        } else {
            String::new()
        };
        let model = self.library.client("SerializableModel");
        format!(
            "{docs}{deprecated}{immutable}{modifier}class {name}{extends} implements {exception}{model} {{\n"
        )
    }

    fn sealed_class(&self) -> String {
        let head = self.head("sealed ");
        let constructor = self.constructor("");
        let members = spaced([constructor, self.fields(), self.promised_copy_with()]);
        format!("{head}{members}\n}}")
    }

    fn class(&self, is_abstract: bool) -> String {
        let head = self.head(if is_abstract { "abstract " } else { "" });
        let constructors =
            if is_abstract { spaced([self.constructor("._"), self.factory()]) } else { self.constructor("") };
        let mut members = vec![constructors, self.read_constructor(), self.fields()];
        if is_abstract {
            // A method without a body is followed by the next one directly.
            let copy_with = self.promised_copy_with();
            let (first, rest) = self.other_methods();
            members.push(format!("{copy_with}\n{first}"));
            members.extend(rest);
        } else {
            let overridden = self.parent().is_some_and(|parent| parent.sealed);
            members.push(self.copy_with(overridden));
            let (first, rest) = self.other_methods();
            members.push(first);
            members.extend(rest);
        }
        format!("{head}{}\n}}", spaced(members))
    }

    fn implementation(&self) -> String {
        let name = self.name();
        let parameters = parameters(self.class, |field| passing(self.library, field));
        let arguments = arguments(self.class, |field| field.name.clone());
        let constant = self.constant();
        let constructor = format!("{constant}_{name}Impl({parameters}) : super._({arguments});");
        let members = spaced([constructor, self.copy_with(true)]);
        format!("class _{name}Impl extends {name} {{\n{members}\n}}")
    }

    /// The keyword of a constructor that can be called at compile time.
    fn constant(&self) -> &'static str {
        if is_constant(self.library.package, self.class) { "const " } else { "" }
    }

    fn constructor(&self, suffix: &str) -> String {
        let (library, class) = (self.library, self.class);
        let parameters = parameters(class, |field| initializing(library, class, field));
        let initializers: Vec<String> =
            class.fields.iter().filter_map(|field| initializer(library, class, field)).collect();
        let initializers =
            if initializers.is_empty() { String::new() } else { format!(" : {}", initializers.join(", ")) };
        format!("{}{}{suffix}({parameters}){initializers};", self.constant(), self.name())
    }

    fn factory(&self) -> String {
        let name = self.name();
        let parameters = parameters(self.class, |field| passing(self.library, field));
        format!("{}factory {name}({parameters}) = _{name}Impl;", self.constant())
    }

    fn read_constructor(&self) -> String {
        let name = self.name();
        let arguments = arguments(self.class, |field| {
            let json = format!("jsonSerialization[{}]", string(field.key()));
            from_json(self.library, &json, &field.ty, field.default.is_some())
        });
        format!(
            "factory {name}.fromJson(Map<String, dynamic> jsonSerialization) {{\nreturn {name}({arguments});\n}}"
        )
    }

    fn fields(&self) -> String {
        let modifier = if self.class.immutable { "final " } else { "" };
        let field = |field: &Field| {
            let (docs, deprecated) = (docs(&field.docs), deprecated(field.deprecated.as_deref()));
            format!("{docs}{deprecated}{modifier}{} {};", self.library.ty(&field.ty), field.name)
        };
        spaced(self.library.package.schema.own_fields(self.class).iter().map(field))
    }

    fn copy_with_head(&self, overridden: &str, parameters: &str) -> String {
        let name = self.name();
        let docs =
            docs(&format!("A copy of this [{name}], in which the given fields\nhave the given values."));
        let use_result = format!("@{}\n", self.library.client("useResult"));
        let annotations = match overridden {
            "before" => format!("@override\n{use_result}"),
            "after" => format!("{use_result}@override\n"),
            _ => use_result,
        };
        format!("{docs}{annotations}{name} copyWith({parameters})")
    }

    fn promised_copy_with(&self) -> String {
        let overridden = if self.parent().is_some() { "before" } else { "" };
        let parameters =
            parameters(self.class, |field| super::field::promised(self.library, self.class, field));
        self.copy_with_head(overridden, &parameters) + ";"
    }

    fn copy_with(&self, overrides: bool) -> String {
        let parameters = parameters(self.class, |field| implemented(self.library, field));
        let head = self.copy_with_head(if overrides { "after" } else { "" }, &parameters);
        let arguments = arguments(self.class, |field| copied(self.library, field));
        format!("{head} {{\nreturn {}({arguments});\n}}", self.name())
    }

    /// The methods after `copyWith`: the first, and the rest.
    fn other_methods(&self) -> (String, Vec<String>) {
        if self.class.immutable {
            (self.equality(), vec![self.hash_code(), self.to_json_method(), self.to_string_method()])
        } else {
            (self.to_json_method(), vec![self.to_string_method()])
        }
    }

    fn to_json_method(&self) -> String {
        let fields = self.class.fields.iter().map(|field| {
            let (name, key) = (&field.name, string(field.key()));
            let nullable = matches!(field.ty, Type::Nullable(_));
            let check = if nullable { format!("if ({name} != null) ") } else { String::new() };
            format!("{check}{key}: {}", to_json(self.library, name, &field.ty))
        });
        let class_name = self.names_itself().then(|| format!("'__className__': '{}'", self.class.name));
        let entries: Vec<String> = class_name.into_iter().chain(fields).collect();
        let entries = super::convert::list(&entries);
        format!("@override\nMap<String, dynamic> toJson() {{\nreturn {{{entries}}};\n}}")
    }

    /// Whether the JSON of a value says of which class it is. With the client of 2.9 only where it must be said: below a
    /// sealed class.
    fn names_itself(&self) -> bool {
        let package = self.library.package;
        let mut ancestors = std::iter::successors(self.parent(), |class| package.schema.parent(class));
        !package.is_2_9() || ancestors.any(|class| class.sealed)
    }

    fn to_string_method(&self) -> String {
        let text = if self.is_exception() && !self.library.package.is_2_9() {
            let fields: Vec<String> =
                self.class.fields.iter().map(|field| format!("{0}: ${0}", field.name)).collect();
            format!("'{}({})'", self.name(), fields.join(", "))
        } else {
            format!("{}.encode(this)", self.library.client("SerializationManager"))
        };
        format!("@override\nString toString() {{\nreturn {text};\n}}")
    }

    fn equality(&self) -> String {
        let mut conditions =
            vec!["other.runtimeType == runtimeType".to_owned(), format!("other is {}", self.name())];
        for field in &self.class.fields {
            let name = &field.name;
            // The parameter hides a field of its name.
            let own = if name == "other" { "this.other" } else { name };
            conditions.push(if is_collection(&field.ty) {
                format!("const {}().equals(other.{name}, {own},)", self.deep_equality())
            } else {
                format!("(identical(other.{name}, {own},) || other.{name} == {own})")
            });
        }
        let same = conditions.join(" && ");
        format!("@override\nbool operator ==(Object other) {{\nreturn identical(other, this,) || {same};\n}}")
    }

    fn hash_code(&self) -> String {
        let fields = self.class.fields.iter().map(|field| {
            if is_collection(&field.ty) {
                format!("const {}().hash({})", self.deep_equality(), field.name)
            } else {
                field.name.clone()
            }
        });
        let objects: Vec<String> = std::iter::once("runtimeType".to_owned()).chain(fields).collect();
        let hash = match objects.len() {
            1 => "runtimeType.hashCode".to_owned(),
            2..=HASH_MAX => format!("Object.hash({},)", objects.join(", ")),
            _ => format!("Object.hashAll([{},])", objects.join(", ")),
        };
        format!("@override\nint get hashCode {{\nreturn {hash};\n}}")
    }

    /// What compares collections. The client of 2.9 does not pass it on.
    fn deep_equality(&self) -> String {
        if self.library.package.is_2_9() {
            self.library.symbol("package:collection/collection.dart", "DeepCollectionEquality")
        } else {
            self.library.client("DeepCollectionEquality")
        }
    }
}

/// Whether the constructors of a class can be called at compile time: nothing in it changes, and no default is made
/// anew for each value.
fn is_constant(package: &Package<'_>, class: &Class) -> bool {
    class.immutable
        && class.fields.iter().all(|field| is_const(package, field))
        && package.schema.parent(class).is_none_or(|parent| is_constant(package, parent))
}
