//! What `Protocol` makes of records, which Dart cannot turn into JSON by itself.

use streampod_schema::Type;

use super::convert::{holds_keyed_map, holds_record, strip, to_json};
use super::library::Library;

/// Wraps what a stream carries; records and maps inside are converted first.
pub(super) const WRAP: &str = "\
@override
Map<String, dynamic> wrapWithClassName(Object? data) {
if (data is Record) {
return {'className': getClassNameForObject(data)!, 'data': mapRecordToJson(data),};
}
if (data is Iterable || data is Map) {
return {'className': getClassNameForObject(data)!, 'data': mapContainerToJson(data!),};
}
return super.wrapWithClassName(data);
}";

/// Converts lists, sets and maps with everything inside.
pub(super) const MAP_CONTAINER_TO_JSON: &str = "\
/// The JSON of a list, a set or a map that has records or maps inside.
Object? mapContainerToJson(Object obj) {
Object? convert(Object? value) {
if (value is Record) return mapRecordToJson(value);
if (value is Iterable || value is Map) return mapContainerToJson(value!);
return value;
}

if (obj is Map<String, dynamic>) {
return obj.map((key, value,) => MapEntry(key, convert(value),));
}
if (obj is Map) {
return obj.entries.map((entry) => {'k': convert(entry.key), 'v': convert(entry.value),}).toList();
}
if (obj is Iterable) {
return obj.map(convert).toList();
}
throw ArgumentError.value(obj, 'obj', 'It must be a list, a set or a map.',);
}";

/// Converts the records among `types`.
pub(super) fn map_record_to_json(library: &Library<'_>, types: &[&Type]) -> String {
    let mut seen: Vec<&Type> = Vec::new();
    let mut body = String::from("if (record == null) {\nreturn null;\n}\n");
    for record in types.iter().map(|ty| strip(ty).0) {
        let Type::Record { positional, named } = record else { continue };
        if seen.contains(&record) {
            continue;
        }
        seen.push(record);
        let ty = library.ty(record);
        let field = |name: &str, ty: &Type| field_to_json(library, &format!("record.{name}"), ty);
        let positional: String = positional
            .iter()
            .enumerate()
            .map(|(index, ty)| format!("{},", field(&format!("${}", index + 1), ty)))
            .collect();
        let named: String =
            named.iter().map(|(name, ty)| format!("\"{name}\": {},", field(name, ty))).collect();
        let positional = if positional.is_empty() { positional } else { format!("\"p\": [{positional}],") };
        let named = if named.is_empty() { named } else { format!("\"n\": {{{named}}},") };
        body.push_str(&format!("if (record is {ty}) {{\nreturn {{{positional}{named}}};\n}}\n"));
    }
    let package = library.package;
    // The protocols of 2.9's modules keep this to themselves.
    for module in package.modules.iter().filter(|_| !package.is_2_9()) {
        let protocol = library.symbol(&super::package::library_uri(&module.package), "Protocol");
        body.push_str(&format!("try {{\nreturn {protocol}().mapRecordToJson(record);\n}} catch (_) {{}}\n"));
    }
    format!(
        "/// The JSON of a record of a type that travels.\n\
         Map<String, dynamic>? mapRecordToJson(Record? record) {{\n{body}\
         throw Exception('Unsupported record type ${{record.runtimeType}}');\n}}"
    )
}

fn field_to_json(library: &Library<'_>, field: &str, ty: &Type) -> String {
    if !holds_keyed_map(ty) && !holds_record(ty) {
        return to_json(library, field, ty);
    }
    match ty {
        Type::Nullable(_) => format!("{field} == null ? null : mapContainerToJson({field}!)"),
        _ => format!("mapContainerToJson({field})"),
    }
}
