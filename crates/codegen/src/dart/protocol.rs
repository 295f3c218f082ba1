//! `protocol.dart`: the `Protocol`, which knows every type that travels.

use streampod_schema::{Class, Model, Returns, Type};

use super::convert::{holds_keyed_map, holds_record, strip};
use super::declaration::spaced;
use super::library::{Library, Siblings};
use super::package::{Package, library_uri};
use super::records;
use crate::SourceFile;

/// The file.
pub(super) fn file(package: &Package<'_>) -> SourceFile {
    let library = Library::new(package, "protocol", Siblings::Relative);
    let writer = Writer { types: types(package), named: named(package), library };
    let declarations = writer.class();
    let mut exports: Vec<String> = Vec::new();
    for model in package.own_models() {
        let export = format!("export '{}.dart';\n", package.library_of(model.name()));
        if !exports.contains(&export) {
            exports.push(export);
        }
    }
    exports.push("export 'client.dart';\n".to_owned());
    writer.library.file(&exports.concat(), &declarations)
}

/// The containers and records that are read, each once: in the fields of models, and in what methods take and return.
fn types<'a>(package: &Package<'a>) -> Vec<&'a Type> {
    let mut types = Vec::new();
    let classes = package.own_models().filter_map(Model::as_class);
    classes.flat_map(|class| &class.fields).for_each(|field| collect(&field.ty, &mut types));
    let methods = package.own_endpoints().flat_map(|endpoint| &endpoint.methods);
    methods.for_each(|method| method.types().for_each(|ty| collect(ty, &mut types)));
    types
}

/// Adds a container or a record with everything inside, if it is not there yet.
fn collect<'a>(ty: &'a Type, types: &mut Vec<&'a Type>) {
    let (inner, nullable) = strip(ty);
    let mut add = |ty| {
        if !types.contains(&ty) {
            types.push(ty);
        }
    };
    match inner {
        Type::List(_) | Type::Set(_) | Type::Map(..) => {
            // What reads a field asks for it without the `?`.
            add(inner);
            if nullable {
                add(ty);
            }
        }
        Type::Record { .. } | Type::Dynamic => add(ty),
        _ => {}
    }
    match inner {
        Type::List(item) | Type::Set(item) => collect(item, types),
        Type::Map(key, value) => {
            collect(key, types);
            collect(value, types);
        }
        Type::Record { positional, named } => {
            positional.iter().chain(named.iter().map(|(_, ty)| ty)).for_each(|ty| collect(ty, types));
        }
        _ => {}
    }
}

/// The wire names of the classes that have values: the custom ones, then the package's own, each before the class that
/// it extends, because a test for that one holds for it too.
fn named<'a>(package: &Package<'a>) -> Vec<&'a str> {
    let depth = |class: &Class| {
        std::iter::successors(package.schema.parent(class), |class| package.schema.parent(class)).count()
    };
    let mut own: Vec<&Model> =
        package.own_models().filter(|model| model.as_class().is_none_or(|class| !class.sealed)).collect();
    own.sort_by_key(|model| std::cmp::Reverse(model.as_class().map_or(0, depth)));
    package.custom_classes().chain(own.into_iter().map(Model::name)).collect()
}

struct Writer<'a> {
    library: Library<'a>,
    types: Vec<&'a Type>,
    named: Vec<&'a str>,
}

impl Writer<'_> {
    fn class(&self) -> String {
        let manager = self.library.client("SerializationManager");
        let mut members = vec![
            "Protocol._();".to_owned(),
            "factory Protocol() => _instance;".to_owned(),
            "static final Protocol _instance = Protocol._();".to_owned(),
            self.class_name_in_json(),
            self.deserialize(),
            self.class_name_for_type(),
            self.class_name_for_object(),
            self.deserialize_by_class_name(),
        ];
        let streamed = self.streamed();
        let converted = streamed
            .iter()
            .any(|ty| matches!(strip(ty).0, Type::Record { .. }) || holds_record(ty) || holds_keyed_map(ty));
        if converted {
            members.push(records::WRAP.to_owned());
        }
        if self.types.contains(&&Type::Dynamic) {
            members.push(self.dynamic_field_to_json());
        }
        members.push(records::map_record_to_json(&self.library, &self.types));
        if self.types.iter().any(|ty| holds_record(ty) || holds_keyed_map(ty)) || converted {
            members.push(records::MAP_CONTAINER_TO_JSON.to_owned());
        }
        format!("class Protocol extends {manager} {{\n{}\n}}\n", spaced(members))
    }

    fn class_name_in_json(&self) -> String {
        let own = match &self.library.package.options.own_module {
            Some(prefix) => format!(
                "if (className != null && className.startsWith('{prefix}.')) {{\n\
                 return className.substring({});\n}}\n",
                prefix.len() + 1
            ),
            None => String::new(),
        };
        format!(
            "static String? getClassNameFromObjectJson(dynamic data) {{\n\
             if (data is! Map) return null;\n\
             final className = data['__className__'] as String?;\n\
             {own}return className;\n}}"
        )
    }

    fn deserialize(&self) -> String {
        let mut body = String::from(
            "t ??= T;\n\n\
             final className = getClassNameFromObjectJson(data);\n\
             if (className != null && className != getClassNameForType(t)) {\n\
             try {\n\
             return deserializeByClassName({'className': className, 'data': data,});\n\
             } on FormatException catch (_) {\n\
             // A class that this client does not know is read as what is expected.\n\
             }\n}\n\n",
        );
        let models: Vec<String> = self.named.iter().map(|name| self.library.model(name)).collect();
        for model in &models {
            body.push_str(&format!("if (t == {model}) {{\nreturn {model}.fromJson(data) as T;\n}}\n"));
        }
        let get_type = self.library.client("getType");
        for model in &models {
            body.push_str(&format!(
                "if (t == {get_type}<{model}?>()) {{\nreturn (data != null ? {model}.fromJson(data) : null) as T;\n}}\n"
            ));
        }
        // A value of a sealed class names its own class, which was looked at above; null does not.
        for class in
            self.library.package.own_models().filter_map(Model::as_class).filter(|class| class.sealed)
        {
            let model = self.library.model(&class.name);
            body.push_str(&format!(
                "if (data == null && t == {get_type}<{model}?>()) {{\nreturn null as T;\n}}\n"
            ));
        }
        for ty in &self.types {
            let name = self.library.ty(ty);
            let literal = match ty {
                Type::Nullable(_) | Type::Record { .. } => format!("{get_type}<{name}>()"),
                _ => name,
            };
            body.push_str(&format!("if (t == {literal}) {{\nreturn {};\n}}\n", self.read(ty)));
        }
        let not_found = self.library.client("DeserializationTypeNotFoundException");
        for module in &self.library.package.modules {
            let protocol = self.library.symbol(&library_uri(&module.package), "Protocol");
            body.push_str(&format!(
                "try {{\nreturn {protocol}().deserialize<T>(data, t);\n}} on {not_found} catch (_) {{}}\n"
            ));
        }
        format!(
            "@override\nT deserialize<T>(dynamic data, [Type? t,]) {{\n{body}return super.deserialize<T>(data, t);\n}}"
        )
    }

    /// The value of a container or a record that `data` is the JSON of.
    fn read(&self, ty: &Type) -> String {
        let (inner, nullable) = strip(ty);
        let read = |ty: &Type, json: &str| format!("deserialize<{}>({json})", self.library.ty(ty));
        let value = match inner {
            Type::List(item) => format!("(data as List).map((e) => {}).toList()", read(item, "e")),
            Type::Set(item) => format!("(data as List).map((e) => {}).toSet()", read(item, "e")),
            Type::Map(key, value) if **key == Type::String => {
                format!("(data as Map).map((k, v) => MapEntry({}, {}))", read(key, "k"), read(value, "v"))
            }
            Type::Map(key, value) => format!(
                "Map.fromEntries((data as List).map((e) => MapEntry({}, {})))",
                read(key, "e['k']"),
                read(value, "e['v']")
            ),
            Type::Record { positional, named } => {
                let positional =
                    positional.iter().enumerate().map(|(index, ty)| read(ty, &format!("data['p'][{index}]")));
                let named = named
                    .iter()
                    .map(|(name, ty)| format!("{name}: {}", read(ty, &format!("data['n']['{name}']"))));
                format!("({},)", positional.chain(named).collect::<Vec<_>>().join(", "))
            }
            _ => return "(data != null ? deserializeByClassName(data) : null) as T".to_owned(),
        };
        if nullable { format!("(data != null ? {value} : null) as T") } else { format!("{value} as T") }
    }

    fn class_name_for_type(&self) -> String {
        let cases: String = self
            .named
            .iter()
            .map(|name| format!("case {}:\nreturn {};\n", self.library.model(name), self.class_name(name)))
            .collect();
        format!(
            "static String? getClassNameForType(Type type) {{\nswitch (type) {{\n{cases}}}\nreturn null;\n}}"
        )
    }

    fn class_name_for_object(&self) -> String {
        let mut body = String::from(
            "String? className = super.getClassNameForObject(data);\nif (className != null) return className;\n",
        );
        for name in &self.named {
            body.push_str(&format!(
                "if (data is {}) {{\nreturn {};\n}}\n",
                self.library.model(name),
                self.class_name(name)
            ));
        }
        for module in &self.library.package.modules {
            let protocol = self.library.symbol(&library_uri(&module.package), "Protocol");
            body.push_str(&format!(
                "className = {protocol}().getClassNameForObject(data);\n\
                 if (className != null) {{\nreturn '{}.$className';\n}}\n",
                module.prefix
            ));
        }
        for ty in self.streamed() {
            let class_name = ty.class_name();
            body.push_str(&format!("if (data is {}) {{\nreturn '{class_name}';\n}}\n", self.library.ty(ty)));
        }
        format!("@override\nString? getClassNameForObject(Object? data) {{\n{body}return null;\n}}")
    }

    fn deserialize_by_class_name(&self) -> String {
        let mut body = String::from(
            "final className = data['className'];\n\
             if (className is! String) {\nreturn super.deserializeByClassName(data);\n}\n",
        );
        let mut read = |class_name: &str, ty: String| {
            body.push_str(&format!(
                "if (className == {class_name}) {{\nreturn deserialize<{ty}>(data['data']);\n}}\n"
            ));
        };
        for name in &self.named {
            read(&self.class_name(name), self.library.model(name));
        }
        for ty in self.streamed() {
            read(&format!("'{}'", ty.class_name()), self.library.ty(ty));
        }
        for module in &self.library.package.modules {
            let protocol = self.library.symbol(&library_uri(&module.package), "Protocol");
            body.push_str(&format!(
                "if (className.startsWith('{}.')) {{\n\
                 return {protocol}().deserializeByClassName(\
                 {{'className': className.substring({}), 'data': data['data'],}});\n}}\n",
                module.prefix,
                module.prefix.len() + 1
            ));
        }
        format!(
            "@override\ndynamic deserializeByClassName(Map<String, dynamic> data) {{\n\
             {body}return super.deserializeByClassName(data);\n}}"
        )
    }

    fn dynamic_field_to_json(&self) -> String {
        let decode = self.library.symbol("dart:convert", "jsonDecode");
        let encode = format!("{}.encode", self.library.client("SerializationManager"));
        format!(
            "/// The JSON of a value of any type that travels, with the name of its class.\n\
             dynamic dynamicFieldToJson(Object? value) => {decode}({encode}(wrapWithClassName(value)));"
        )
    }

    /// The name by which a class of this package goes here: a module's own classes go without its prefix, which whoever
    /// uses the module adds.
    fn class_name(&self, wire_name: &str) -> String {
        format!("'{}'", self.library.package.dart_name(wire_name))
    }

    /// The containers and records that streams carry. If values of any type travel, they may be any of those that are
    /// read. What does not take null comes first: a list of values is one of optional values too.
    fn streamed(&self) -> Vec<&Type> {
        let package = self.library.package;
        let mut types: Vec<&Type> = Vec::new();
        let methods = package.own_endpoints().flat_map(|endpoint| &endpoint.methods);
        for method in methods {
            let parameters = method.streams().map(|parameter| &parameter.ty);
            let returned = match &method.returns {
                Returns::Stream(ty) => Some(ty),
                Returns::Value(_) => None,
            };
            types.extend(parameters.chain(returned).filter(|ty| self.types.contains(ty)));
        }
        if self.types.contains(&&Type::Dynamic) {
            types.extend(self.types.iter().filter(|ty| !ty.to_string().contains("dynamic")));
        }
        types.retain(|ty| **ty != Type::Dynamic);
        let mut seen = Vec::new();
        types.retain(|ty| {
            let name = ty.class_name();
            let new = !seen.contains(&name);
            seen.push(name);
            new
        });
        types.sort_by_key(|ty| ty.to_string().matches('?').count());
        types
    }
}
