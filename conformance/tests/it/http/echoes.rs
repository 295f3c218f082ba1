//! Values of every type come back as they went.

use streampod::schema::{EnumEncoding, Model, Returns, Schema, Type};

use super::assert_answer;
use crate::kit::{KeepAlive, TestServer, config};

/// Every method of these endpoints sends back its argument, whose type tells what to send.
#[tokio::test]
async fn every_method_sends_back_what_it_is_given() {
    let schema = conformance::server(config()).schema();
    let server = TestServer::start().await;
    let mut connection = KeepAlive::connect(server.port()).await;
    let mut calls = 0;
    for (name, methods) in [
        ("basicTypes", 10),
        ("listParameters", 23),
        ("mapParameters", 24),
        ("setParameters", 24),
        ("recordParameters", 9),
    ] {
        let endpoint = schema.endpoints.iter().find(|endpoint| endpoint.name == name).unwrap();
        let echoes: Vec<_> = endpoint.methods.iter().filter(|method| !method.is_streaming()).collect();
        assert_eq!(echoes.len(), methods, "{name}");
        for method in echoes {
            let [argument] = &method.parameters[..] else { panic!("{name}.{}", method.name) };
            assert_eq!(method.returns, Returns::Value(argument.ty.clone()), "{name}.{}", method.name);
            for sample in samples(&argument.ty, &schema) {
                let body = format!(r#"{{"{}":{sample},"method":"{}"}}"#, argument.name, method.name);
                let answer = connection.post(&format!("/{name}"), &body).await;
                assert_answer(&answer, 200, &sample, &format!("{name} {body}"));
                calls += 1;
            }
        }
    }
    assert!(calls > 500, "{calls}");
}

/// Different values of a type, as they are written.
fn samples(ty: &Type, schema: &Schema) -> Vec<String> {
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    match ty {
        Type::Bool => texts(&["true", "false"]),
        Type::Int => texts(&["-9223372036854775808", "-1", "0", "9223372036854775807"]),
        Type::Double => texts(&["0.0", "-0.0", "1.5", "1e+21", "1e-7", "5e-324", "1.7976931348623157e+308"]),
        Type::String => texts(&[r#""""#, r#""a\"b\\c\nd\u0000é😀""#, r#""null""#]),
        Type::DateTime => texts(&[r#""2020-01-01T00:00:00.000Z""#, r#""1969-12-31T23:59:59.999999Z""#]),
        Type::Duration => texts(&["0", "-86400005"]),
        Type::ByteData => texts(&[r#""decode('', 'base64')""#, r#""decode('AAH+/w==', 'base64')""#]),
        Type::Uuid => texts(&[r#""550e8400-e29b-41d4-a716-446655440000""#]),
        Type::Uri => texts(&[r#""https://a.b/c?d=e%20f#g""#, r#""relative/x""#]),
        Type::BigInt => texts(&[r#""0""#, r#""-12345678901234567890123""#]),
        Type::Nullable(inner) => {
            let mut all = samples(inner, schema);
            all.push("null".to_owned());
            all
        }
        Type::List(item) | Type::Set(item) => {
            let mut items = samples(item, schema);
            if matches!(ty, Type::Set(_)) {
                // The two zeros are equal.
                items.retain(|item| item != "-0.0");
            }
            let mut all = vec!["[]".to_owned(), format!("[{}]", items.join(","))];
            all.extend(items.iter().map(|item| format!("[{item}]")));
            all
        }
        Type::Map(key, value) => {
            let pair = |key: &str, keyed: &str| match ty {
                Type::Map(by, _) if **by == Type::String => format!("{key}:{keyed}"),
                _ => format!(r#"{{"k":{key},"v":{keyed}}}"#),
            };
            let (before, after) = if **key == Type::String { ("{", "}") } else { ("[", "]") };
            let (keys, values) = (samples(key, schema), samples(value, schema));
            let pairs: Vec<_> =
                keys.iter().zip(values.iter().cycle()).map(|(key, value)| pair(key, value)).collect();
            let mut all = vec![format!("{before}{after}"), format!("{before}{}{after}", pairs.join(","))];
            all.extend(values.iter().map(|value| format!("{before}{}{after}", pair(&keys[0], value))));
            all
        }
        Type::Record { positional, named } => {
            assert!(named.is_empty(), "{ty}");
            let fields: Vec<_> = positional.iter().map(|field| samples(field, schema)).collect();
            let longest = fields.iter().map(Vec::len).max().unwrap();
            let record = |n: usize| {
                let fields = fields.iter().map(|samples| samples[n % samples.len()].as_str());
                format!(r#"{{"p":[{}]}}"#, fields.collect::<Vec<_>>().join(","))
            };
            (0..longest).map(record).collect()
        }
        Type::Named(name) => match schema.models.iter().find(|model| model.name() == name).unwrap() {
            Model::Class(class) if class.name == "SimpleData" => {
                texts(&[r#"{"num":1}"#, r#"{"id":5,"num":-2}"#])
            }
            Model::Enum(definition) if definition.encoding == EnumEncoding::ByIndex => {
                (0..definition.values.len()).map(|index| index.to_string()).collect()
            }
            other => panic!("no samples of {other:?}"),
        },
        Type::Void | Type::Dynamic => panic!("no samples of {ty}"),
    }
}

/// What a client may write in more than one way is answered in one.
#[tokio::test]
async fn other_spellings_of_a_value_are_read() {
    let server = TestServer::start().await;
    let mut connection = KeepAlive::connect(server.port()).await;
    for (path, body, answer) in [
        ("/basicTypes/testDouble", r#"{"value":1}"#, "1.0"),
        ("/basicTypes/testDouble", r#"{"value":1E2}"#, "100.0"),
        (
            "/basicTypes/testDateTime",
            r#"{"dateTime":"2020-01-01T01:00:00+01:00"}"#,
            r#""2020-01-01T00:00:00.000Z""#,
        ),
        (
            "/basicTypes/testUuid",
            r#"{"value":"550E8400-E29B-41D4-A716-446655440000"}"#,
            r#""550e8400-e29b-41d4-a716-446655440000""#,
        ),
        ("/basicTypes/testString", r#"{"value":"\u0041\/\ud83d\ude00"}"#, r#""A/😀""#),
        ("/testTools/echoSimpleData", r#"{"simpleData":{"num":1,"id":null}}"#, r#"{"num":1}"#),
        (
            "/testTools/echoSimpleData",
            r#"{"simpleData":{"__className__":"SimpleData","num":1,"x":[]}}"#,
            r#"{"num":1}"#,
        ),
        (
            "/testTools/echoRecord",
            r#"{"record":{"p":["x",{"p":[1,true]}]}}"#,
            r#"{"p":["x",{"p":[1,true]}]}"#,
        ),
        ("/testTools/echoTypes", r#"{"typesModel":{}}"#, "{}"),
        (
            "/testTools/echoTypes",
            r#"{"typesModel":{"anInt":1,"aBool":true,"aDouble":1.5,"anEnum":1,"aStringifiedEnum":"two","aMap":[{"k":1,"v":2}],"aSet":[1]}}"#,
            r#"{"anInt":1,"aBool":true,"aDouble":1.5,"anEnum":1,"aStringifiedEnum":"two","aMap":[{"k":1,"v":2}],"aSet":[1]}"#,
        ),
        ("/customTypes/returnCustomClass", r#"{"data":"x"}"#, r#""x""#),
        ("/customTypes/returnCustomClassNullable", r#"{"data":null}"#, "null"),
    ] {
        assert_answer(&connection.post(path, body).await, 200, answer, &format!("{path} {body}"));
    }
}
