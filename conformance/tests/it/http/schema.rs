//! What the conformance server says of itself.

use std::collections::BTreeMap;

use streampod::schema::{EnumEncoding, Method, Model, ParameterKind, Returns, Schema};

use crate::kit::{TestServer, config};

/// Endpoints that answer single values, with their methods as `endpoints.md` lists them.
const METHODS: [(&str, &str); 15] = [
    ("adminScopeRequired", "testMethod"),
    (
        "basicTypes",
        "testBigInt testBool testByteData testDateTime testDouble testDuration testInt testString \
         testUri testUuid",
    ),
    ("customTypes", "returnCustomClass returnCustomClassNullable"),
    ("exceptionTest", "throwExceptionWithData throwNormalException workingWithoutException"),
    ("failedCalls", "caughtException failedCall slowCall"),
    (
        "listParameters",
        "returnBoolList returnBoolListNullableBools returnByteDataList \
         returnByteDataListNullableByteDatas returnDateTimeList returnDateTimeListNullableDateTimes \
         returnDoubleList returnDoubleListNullableDoubles returnDurationList \
         returnDurationListNullableDurations returnIntList returnIntListList returnIntListListNullable \
         returnIntListNullable returnIntListNullableInts returnIntListNullableList \
         returnNullableIntListNullableInts returnNullableSimpleDataListNullableSimpleData \
         returnSimpleDataList returnSimpleDataListNullable returnSimpleDataListNullableSimpleData \
         returnStringList returnStringListNullableStrings",
    ),
    (
        "mapParameters",
        "returnBoolMap returnBoolMapNullableBools returnByteDataMap returnByteDataMapNullableByteDatas \
         returnDateTimeMap returnDateTimeMapNullableDateTimes returnDoubleMap \
         returnDoubleMapNullableDoubles returnDurationMap returnDurationMapNullableDurations \
         returnEnumIntMap returnEnumMap returnIntIntMap returnIntMap returnIntMapNullable \
         returnIntMapNullableInts returnNestedIntMap returnNullableIntMapNullableInts \
         returnSimpleDataMap returnSimpleDataMapNullable returnSimpleDataMapNullableSimpleData \
         returnStringMap returnStringMapNullableStrings",
    ),
    ("namedParameters", "namedParametersMethod namedParametersMethodEqualInts"),
    ("optionalParameters", "returnOptionalInt"),
    (
        "recordParameters",
        "returnIntSimpleDataRecord returnIntStringRecord returnListOfIntSimpleDataRecord \
         returnNullableIntSimpleDataRecord returnNullableIntStringRecord returnNullableRecordOfInt \
         returnNullableRecordOfNullableInt returnRecordOfInt returnRecordOfNullableInt",
    ),
    (
        "setParameters",
        "returnBoolSet returnBoolSetNullableBools returnByteDataSet returnByteDataSetNullableByteDatas \
         returnDateTimeSet returnDateTimeSetNullableDateTimes returnDoubleSet \
         returnDoubleSetNullableDoubles returnDurationSet returnDurationSetNullableDurations \
         returnIntListSet returnIntSet returnIntSetNullable returnIntSetNullableInts \
         returnIntSetNullableSet returnIntSetSet returnIntSetSetNullable \
         returnNullableIntSetNullableInts returnSimpleDataSet returnSimpleDataSetNullableSimpleData \
         returnStringSet returnStringSetNullableStrings",
    ),
    ("signInRequired", "testMethod"),
    ("simple", "addToGlobalInt getGlobalInt hello setGlobalInt"),
    (
        "testTools",
        "echoRecord echoRecords echoSimpleData echoSimpleDatas echoTypes echoTypesList \
         postNumberToSharedStream returnsSessionEndpointAndMethod returnsSessionId returnsString",
    ),
    ("upload", "uploadByteData"),
];

fn schema() -> Schema {
    conformance::server(config()).schema()
}

/// How Dart would declare a method.
fn signature(method: &Method) -> String {
    let parameters = method.parameters.iter().map(|parameter| {
        let text = match &parameter.kind {
            ParameterKind::Argument { default: Some(default) } => {
                format!("{} {} = {default}", parameter.ty, parameter.name)
            }
            ParameterKind::Argument { default: None } => format!("{} {}", parameter.ty, parameter.name),
            ParameterKind::Stream { .. } => format!("Stream<{}> {}", parameter.ty, parameter.name),
        };
        if parameter.named { format!("{{{text}}}") } else { text }
    });
    let parameters = parameters.collect::<Vec<_>>().join(", ");
    match &method.returns {
        Returns::Value(ty) => format!("{ty} {}({parameters})", method.name),
        Returns::Stream(ty) => format!("Stream<{ty}> {}({parameters})", method.name),
    }
}

#[test]
fn every_method_is_there() {
    let schema = schema();
    let endpoints: BTreeMap<_, _> =
        schema.endpoints.iter().map(|endpoint| (endpoint.name.as_str(), endpoint)).collect();
    for (name, methods) in METHODS {
        let endpoint = endpoints.get(name).unwrap_or_else(|| panic!("no endpoint {name}"));
        for method in methods.split_whitespace() {
            let found = endpoint.methods.iter().find(|found| found.name == method);
            let found = found.unwrap_or_else(|| panic!("no method {name}.{method}"));
            assert!(!found.is_streaming(), "{name}.{method}");
        }
    }
    let names: Vec<_> = schema.endpoints.iter().map(|endpoint| &endpoint.name).collect();
    assert!(names.is_sorted(), "{names:?}");
    let admin = endpoints["adminScopeRequired"];
    assert_eq!((admin.require_login, admin.scopes.join(",")), (true, "serverpod.admin".to_owned()));
    let sign_in = endpoints["signInRequired"];
    assert_eq!((sign_in.require_login, sign_in.scopes.len()), (true, 0));
    assert!(!endpoints["simple"].require_login);
}

#[test]
fn methods_have_their_types() {
    let schema = schema();
    for (endpoint, expected) in [
        ("simple", "void setGlobalInt(int? value, int? secondValue)"),
        ("simple", "int getGlobalInt()"),
        ("simple", "String hello(String name)"),
        ("basicTypes", "DateTime? testDateTime(DateTime? dateTime)"),
        ("basicTypes", "ByteData? testByteData(ByteData? value)"),
        ("listParameters", "List<List<int>?> returnIntListNullableList(List<List<int>?> list)"),
        ("listParameters", "List<int?>? returnNullableIntListNullableInts(List<int?>? list)"),
        (
            "listParameters",
            "List<SimpleData?> returnSimpleDataListNullableSimpleData(List<SimpleData?> list)",
        ),
        ("mapParameters", "Map<String,Map<String,int>> returnNestedIntMap(Map<String,Map<String,int>> map)"),
        ("mapParameters", "Map<TestEnum,int> returnEnumIntMap(Map<TestEnum,int> map)"),
        ("setParameters", "Set<Set<int>?> returnIntSetNullableSet(Set<Set<int>?> set)"),
        ("setParameters", "Set<List<int>> returnIntListSet(Set<List<int>> set)"),
        (
            "namedParameters",
            "bool namedParametersMethod({int namedInt}, {int intWithDefaultValue = 42}, {int? nullableInt}, {int? nullableIntWithDefaultValue = 42})",
        ),
        ("optionalParameters", "int? returnOptionalInt(int? optionalInt)"),
        ("upload", "bool uploadByteData(String path, ByteData data)"),
        ("customTypes", "CustomClass? returnCustomClassNullable(CustomClass? data)"),
        ("testTools", "(String,(int,bool)) echoRecord((String,(int,bool)) record)"),
        ("testTools", "UuidValue returnsSessionId()"),
        ("testTools", "List<String?> returnsSessionEndpointAndMethod()"),
        ("recordParameters", "(int?,)? returnNullableRecordOfNullableInt((int?,)? record)"),
        ("recordParameters", "Stream<(int?,)?> streamNullableRecordOfNullableInt(Stream<(int?,)?> values)"),
        ("methodStreaming", "Stream<int> multipleIntEchoStreams(Stream<int> stream1, Stream<int> stream2)"),
        ("methodStreaming", "Stream<dynamic> dynamicEchoStream(Stream<dynamic> stream)"),
        ("methodStreaming", "void delayedPausedInputStream(int delay, Stream<int> stream)"),
    ] {
        let endpoint = schema.endpoints.iter().find(|found| found.name == endpoint).unwrap();
        let signatures: Vec<_> = endpoint.methods.iter().map(signature).collect();
        assert!(signatures.iter().any(|signature| signature == expected), "{expected}, but {signatures:#?}");
    }
}

#[test]
fn models_have_their_fields() {
    let schema = schema();
    let model = |name: &str| schema.models.iter().find(|model| model.name() == name).unwrap();
    let fields = |name: &str| match model(name) {
        Model::Class(class) | Model::Exception(class) => class
            .fields
            .iter()
            .map(|field| format!("{}: {}", field.name, field.ty))
            .collect::<Vec<_>>()
            .join(", "),
        other => panic!("{other:?}"),
    };
    assert_eq!(fields("SimpleData"), "id: int?, num: int");
    assert_eq!(
        fields("ExceptionWithData"),
        "message: String, creationDate: DateTime, errorFields: List<String>, someNullableField: int?"
    );
    assert!(matches!(model("ExceptionWithData"), Model::Exception(_)));
    assert_eq!(
        fields("Types"),
        "id: int?, anInt: int?, aBool: bool?, aDouble: double?, aDateTime: DateTime?, aString: String?, \
         aByteData: ByteData?, aDuration: Duration?, aUuid: UuidValue?, aUri: Uri?, aBigInt: BigInt?, \
         anEnum: TestEnum?, aStringifiedEnum: TestEnumStringified?, aList: List<int>?, aMap: Map<int,int>?, \
         aSet: Set<int>?"
    );
    for (name, encoding) in
        [("TestEnum", EnumEncoding::ByIndex), ("TestEnumStringified", EnumEncoding::ByName)]
    {
        let Model::Enum(definition) = model(name) else { panic!("{name}") };
        assert_eq!(definition.encoding, encoding);
        let values: Vec<_> = definition.values.iter().map(|value| value.name.as_str()).collect();
        assert_eq!(values, ["one", "two", "three"]);
    }
    assert!(matches!(model("CustomClass"), Model::Custom { .. }));
}

#[test]
fn it_can_be_written_and_read() {
    let schema = schema();
    let text = serde_json::to_string_pretty(&schema).unwrap();
    assert_eq!(serde_json::from_str::<Schema>(&text).unwrap(), schema);
}

/// The schema is answered to whoever may know it, and to nobody else.
#[tokio::test]
async fn over_http_only_if_exposed() {
    let server = TestServer::start().await;
    let answer = server.request("GET /v1/schema HTTP/1.1", "").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json; charset=utf-8"))
    );
    let schema: Schema = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(schema, conformance::server(config()).schema());
    // With any other verb it is a call like others.
    let answer = server.request("POST /v1/schema HTTP/1.1", "{}").await;
    assert_eq!((answer.status, answer.body.as_str()), (404, "Endpoint v1 not found\n"));

    let mut hidden = config();
    hidden.expose_schema = false;
    let server = TestServer::of(conformance::server(hidden)).await;
    let answer = server.request("GET /v1/schema HTTP/1.1", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (404, "The schema is not exposed\n"));
}
