//! What well-formed files mean.

use streampod_schema::{EnumEncoding, FieldDefault, Schema, Type};
use streampod_spy::{Options, SourceText, read, read_folder};

use crate::kit;

/// The fixture of the code generators covers the format.
#[test]
fn the_fixture_means_its_schema() {
    let fixture = kit::path("../../codegen/tests/fixture");
    let models = read_folder(fixture.join("models"), &Options::default()).unwrap();
    let expected = std::fs::read_to_string(fixture.join("models.json")).unwrap();
    let expected: Schema = serde_json::from_str(&expected).unwrap();
    assert_eq!(models.schema.models.len(), expected.models.len());
    for (found, expected) in models.schema.models.iter().zip(&expected.models) {
        assert_eq!(found, expected);
    }
    assert!(models.notices.is_empty(), "{}", models.notices);
}

/// Checks which type the field of this type has.
#[track_caller]
fn check_type(text: &str, expected: &str) {
    assert_eq!(kit::field(&format!("field: {text}")).ty.to_string(), expected);
}

#[test]
fn types() {
    for basic in
        "int double bool String DateTime Duration ByteData UuidValue Uri BigInt dynamic Size".split(' ')
    {
        check_type(basic, basic);
        check_type(&format!("List<{basic}>"), &format!("List<{basic}>"));
    }
    check_type("String?", "String?");
    check_type("dynamic?", "dynamic");
    check_type("List<List<Size?>>?", "List<List<Size?>>?");
    check_type("Map< String , List<int> >", "Map<String,List<int>>");
    check_type("Map<(int, int), Set<Test>>", "Map<(int,int),Set<Test>>");
    check_type("(int,)?", "(int,)?");
    check_type("(int)", "(int,)");
    check_type("(int, String,)", "(int,String)");
    check_type("(int count, {Uri? at})?", "(int,{Uri? at})?");
    check_type("({int x, int? y})", "({int x,int? y})");
    check_type("(int, {bool z,})", "(int,{bool z})");
    check_type("module:auth:UserInfo?", "serverpod_auth.UserInfo?");
    check_type("List<module:auth:UserInfo>", "List<serverpod_auth.UserInfo>");
    check_type("protocol:Size", "Size");
    check_type("Money", "Money");
    check_type("package:shop/src/money-v2.dart:Money?", "Money?");
}

#[test]
fn a_field_is_written_on_one_line_or_as_a_map() {
    let line =
        kit::field("field: Map<String, int>?, required, jsonKey=field_name, scope = serverOnly, column=c");
    let text = "class: Test\nfields:\n  field:\n    type: Map<String, int>?\n    required: true\n    jsonKey: field_name\n    \
                scope: serverOnly\n    column: c\n";
    let map = kit::first_class(&[text]).fields;
    assert_eq!(map.as_slice(), std::slice::from_ref(&line));
    assert!(line.required && line.server_only);
    assert_eq!(line.key(), "field_name");
}

#[test]
fn the_default_in_code_is_that_of_the_model() {
    let json = |line| kit::field(line).default.unwrap();
    assert_eq!(
        json("field: int, default=1, defaultModel=2, defaultPersist=3"),
        FieldDefault::Json("2".into())
    );
    assert_eq!(json("field: Size, default=large"), FieldDefault::Json("1".into()));
    assert_eq!(json("field: String, default='a, (b=c)'"), FieldDefault::Json("\"a, (b=c)\"".into()));
    assert_eq!(kit::field("field: int?, defaultPersist=3").default, None);
}

#[test]
fn documentation_is_what_stands_above() {
    let class = kit::first_class(&[
        "# No documentation.\n### One\n###   two\n\nclass: Test\n### Of the fields: nothing.\nfields:\n  ### Of a.\n  # Not.\n\n  a: int # Not \
         either.\n  b: int\n    ### Too far in.\n  c: int\n",
    ]);
    assert_eq!(class.docs, "One\n  two");
    let docs: Vec<_> = class.fields.iter().map(|field| field.docs.as_str()).collect();
    assert_eq!(docs, ["Of a.", "", ""]);
}

#[test]
fn windows_line_ends_and_byte_order_marks_are_no_matter() {
    let class = kit::first_class(&[
        "\u{feff}### Grüße\r\nclass: Test\r\nfields:\r\n  ### Ä.\r\n  a: String, default='ö'\r\n",
    ]);
    assert_eq!((class.docs.as_str(), class.fields[0].docs.as_str()), ("Grüße", "Ä."));
    assert_eq!(class.fields[0].default, Some(FieldDefault::Json("\"ö\"".into())));
}

#[test]
fn the_options_say_how_enums_are_sent() {
    let text = "enum: Size\nvalues: [small, large]\n";
    assert_eq!(kit::only_enum(text).encoding, EnumEncoding::ByName);
    let sources = vec![SourceText { path: "size.spy.yaml".into(), text: text.into() }];
    let options = Options { enum_encoding: EnumEncoding::ByIndex, ..Options::default() };
    let models = read(sources, &options).unwrap().schema.models;
    assert_eq!(serde_json::to_value(&models[0]).unwrap()["encoding"], "byIndex");
    assert_eq!(
        kit::only_enum("enum: Size\nserialized: byindex\nvalues: [small]\n").encoding,
        EnumEncoding::ByIndex
    );
}

#[test]
fn properties_of_an_enum() {
    let definition = kit::only_enum(
        "enum: Size\nproperties:\n  title: String, default='none'\n  weight: double?\n  sold: bool\nvalues:\n  - small:\n      \
         sold: true\n  - large:\n      sold: false\n      weight: 2\n      title: \"It's\"\n",
    );
    let properties: Vec<_> = definition.values.into_iter().map(|value| value.properties).collect();
    assert_eq!(properties, [["\"none\"", "null", "true"], ["\"It's\"", "2.0", "false"]]);
}

/// The fields of the first class, as name and type.
fn fields(texts: &[&str]) -> Vec<String> {
    let class = kit::first_class(texts);
    class.fields.iter().map(|field| format!("{} {}", field.ty, field.name)).collect()
}

#[test]
fn a_row_has_an_id() {
    assert_eq!(fields(&["class: A\ntable: a\nfields:\n  x: int\n"]), ["int? id", "int x"]);
    let own = "class: A\ntable: a\nfields:\n  x: int\n  id: UuidValue, defaultModel=random_v7\n";
    assert_eq!(fields(&[own]), ["UuidValue id", "int x"]);
    assert_eq!(kit::first_class(&[own]).fields[0].default, Some(FieldDefault::RandomUuidV7));
    let immutable = own.replace("table", "immutable: true\ntable");
    assert_eq!(fields(&[&immutable]), ["UuidValue id", "int x"]);
    assert_eq!(fields(&["class: A\nfields:\n  x: int\n"]), ["int x"]);
    let child = [
        "class: A\nextends: B\ntable: a\nfields:\n  x: int\n",
        "class: B\nfields:\n  y: int\n  id: UuidValue?\n",
    ];
    assert_eq!(fields(&child), ["int y", "UuidValue? id", "int x"]);
}

#[test]
fn a_relation_adds_the_id_of_the_other_side() {
    let b = "class: B\ntable: b\nfields:\n  id: UuidValue?, defaultPersist=random\n";
    let a = |field: &str| format!("class: A\ntable: a\nfields:\n  x: int\n  {field}\n");
    let check = |field: &str, b: &str, expected: &[&str]| {
        let found = fields(&[&a(field), b]);
        assert_eq!(found[2..], *expected, "{field}");
    };
    check("b: B?, relation", b, &["UuidValue bId", "B? b"]);
    check("b: B?, relation(optional)", b, &["UuidValue? bId", "B? b"]);
    check("b: B?, relation(onDelete=Cascade)", b, &["UuidValue bId", "B? b"]);
    check("b: B?, relation(field=x)", b, &["B? b"]);
    check("b: List<B>?, relation", b, &["List<B>? b"]);
    check("b: UuidValue, relation(parent=b)", b, &["UuidValue b"]);
    let list = "class: B\ntable: b\nfields:\n  rows: List<A>?, relation(name=both)\n";
    check("b: B?, relation(name=both)", list, &["int bId", "B? b"]);
    let single = "class: B\ntable: b\nfields:\n  aId: int\n  a: A?, relation(name=both, field=aId)\n";
    check("b: B?, relation(name=both)", single, &["B? b"]);
    let own = "class: A\ntable: a\nfields:\n  parent: A?, relation(name=tree, optional)\n  children: List<A>?, relation(name=tree)\n";
    assert_eq!(fields(&[own]), ["int? id", "int? parentId", "A? parent", "List<A>? children"]);
}

#[test]
fn scopes() {
    let texts = [
        "class: A\nfields:\n  a: int, scope=all\n  b: S?, scope=serverOnly\n  c: int?, scope=none\n  d: int, scope=serverOnly, default=1\n",
        "class: S\nserverOnly: true\nfields:\n  x: int\n  y: int, scope=serverOnly\n",
    ];
    let models = kit::read_all(&texts).schema.models;
    let fields = |index: usize| -> Vec<_> {
        let class = models[index].as_class().unwrap();
        class.fields.iter().map(|field| (field.name.as_str(), field.server_only)).collect()
    };
    assert_eq!(fields(0), [("a", false), ("b", true), ("d", true)]);
    assert!(models[1].is_server_only());
    assert_eq!(fields(1), [("x", false), ("y", false)]);
}

#[test]
fn exceptions_can_extend_each_other() {
    let models = kit::read_all(&[
        "exception: NotFound\nextends: ShopException\nfields:\n  id: int\n",
        "exception: ShopException\nsealed: true\nfields:\n  message: String\n",
    ]);
    let class = models.schema.class("NotFound").unwrap();
    assert_eq!(class.extends.as_deref(), Some("ShopException"));
    assert_eq!(models.schema.own_fields(class)[0].ty, Type::Int);
    assert!(models.schema.contradictions().is_empty());
}

#[test]
fn what_concerns_a_database_brings_one_notice() {
    let text = "class: A\ntable: a\nmanagedMigration: false\nfields:\n  x: int?, !persist\nindexes:\n  a_x:\n    fields: x\n    \
                unique: true\n";
    let models = kit::read_all(&[text, "class: B\ntable: b\n"]);
    let notices: Vec<_> = models.notices.iter().map(ToString::to_string).collect();
    assert_eq!(
        notices,
        [
            "what concerns a database is ignored, since Streampod has none: `indexes` in 1 file, `managedMigration` in 1 file, \
          `persist` in 1 file, `table` in 2 files"
        ]
    );
}
