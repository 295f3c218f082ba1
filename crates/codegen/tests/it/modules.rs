//! Endpoints and models of a module, in the clients of all languages: what travels bears the module's name, the code does not.

use streampod_codegen::{SourceFile, dart, rust, typescript};
use streampod_schema::Schema;

/// A module with a model, an endpoint with streaming methods, and an endpoint of the app that uses the model.
fn schema() -> Schema {
    serde_json::from_value(serde_json::json!({
        "models": [{ "kind": "class", "name": "chat_rooms.Line", "fields": [{ "name": "text", "type": "String", "docs": "" }] }],
        "endpoints": [
            {
                "name": "chat_rooms.lines", "docs": "", "requireLogin": false, "scopes": [],
                "methods": [
                    {
                        "name": "talk", "docs": "", "returns": { "kind": "stream", "type": "chat_rooms.Line" },
                        "parameters": [
                            { "name": "room", "type": "String", "named": false, "kind": "argument" },
                            { "name": "lines", "type": "chat_rooms.Line", "named": false, "kind": "stream", "optional": false },
                        ],
                    },
                    {
                        "name": "countLines", "docs": "", "returns": { "kind": "value", "type": "int" },
                        "parameters": [
                            { "name": "lines", "type": "chat_rooms.Line?", "named": false, "kind": "stream", "optional": false },
                        ],
                    },
                ],
            },
            {
                "name": "lines", "docs": "", "requireLogin": false, "scopes": [],
                "methods": [{
                    "name": "all", "docs": "", "parameters": [],
                    "returns": { "kind": "stream", "type": "List<chat_rooms.Line>" },
                }],
            },
        ],
    }))
    .unwrap()
}

/// Checks that the file at `path` has each of `pieces`, however its lines are broken.
#[track_caller]
fn check(files: &[SourceFile], path: &str, pieces: &[&str]) {
    let paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
    let file = files.iter().find(|file| file.path == path);
    let Some(file) = file else { panic!("no {path} among {paths:?}") };
    let squeeze =
        |text: &str| text.split_whitespace().collect::<String>().replace(",}", "}").replace(",)", ")");
    let text = squeeze(&file.text);
    for piece in pieces {
        assert!(text.contains(&squeeze(piece)), "no {piece} in {path}:\n{}", file.text);
    }
}

#[test]
fn typescript_has_them_in_a_file_of_the_module() {
    let files = typescript::generate(&schema(), &typescript::Options::default()).unwrap();
    check(
        &files,
        "modules/chat_rooms.ts",
        &[
            r#"class Line extends model("chat_rooms.Line", {"#,
            "class EndpointLines extends EndpointRef {",
            "talk(room: string, lines: Input<Line>, options?: CallOptions): AsyncIterable<Line> {",
            r#"endpoint: "chat_rooms.lines", method: "talk", args: { room: string }, inputs: { lines: Line }, returns: Line"#,
            "countLines(lines: Input<Line | null>, options?: CallOptions): Promise<number> {",
        ],
    );
    check(
        &files,
        "client.ts",
        &["chatRooms: { lines: new chatRooms.EndpointLines(this) }", "lines = new EndpointLines(this);"],
    );
    check(
        &files,
        "endpoints.ts",
        &["AsyncIterable<chatRooms.Line[]>", r#"endpoint: "lines", method: "all""#],
    );
}

#[test]
fn rust_has_them_in_a_rust_module_of_its_name() {
    let options = rust::Options::new("chat-client", rust::Dependency::Version("0.1".to_owned()));
    let files = rust::generate(&schema(), &options).unwrap();
    check(
        &files,
        "src/endpoints/chat_rooms/lines.rs",
        &[
            r#"client.endpoint("chat_rooms.lines")"#,
            "pub fn talk(&self, room: &str, lines: impl Input<models::chat_rooms::Line>) -> CallStream<models::chat_rooms::Line> {",
            "pub fn count_lines(&self, lines: impl Input<Option<models::chat_rooms::Line>>) -> Call<i64> {",
        ],
    );
    check(
        &files,
        "src/endpoints/lines.rs",
        &[r#"client.endpoint("lines")"#, "-> CallStream<Vec<models::chat_rooms::Line>> {"],
    );
    check(
        &files,
        "src/models.rs",
        &["pub mod chat_rooms {", r#"#[model(name = "chat_rooms.Line")] pub struct Line {"#],
    );
    check(
        &files,
        "src/client.rs",
        &["pub chat_rooms: endpoints::chat_rooms::ChatRooms,", "pub lines: endpoints::lines::Lines,"],
    );
}

#[test]
fn dart_has_them_in_the_package_of_the_module() {
    let mut options = dart::Options::new("chat_rooms_client", dart::ClientVersion::V3_4);
    options.own_module = Some("chat_rooms".to_owned());
    let files = dart::generate(&schema(), &options).unwrap();
    check(
        &files,
        "lib/src/protocol/client.dart",
        &[
            "String get name => 'chat_rooms.lines';",
            "Stream<_i3.Line> talk(String room, _i2.Stream<_i3.Line> lines) =>",
            "'chat_rooms.lines', 'talk', {'room': room}, {'lines': lines}",
            "Future<int> countLines(_i2.Stream<_i3.Line?> lines) =>",
            "get endpointRefLookup => {'chat_rooms.lines': lines};",
        ],
    );
    check(&files, "lib/src/protocol/line.dart", &["'__className__': 'chat_rooms.Line'"]);
    let app =
        dart::generate(&schema(), &dart::Options::new("app_client", dart::ClientVersion::V3_4)).unwrap();
    check(
        &app,
        "lib/src/protocol/client.dart",
        &[
            "import 'package:chat_rooms_client/chat_rooms_client.dart'",
            "'lines', 'all', {}, {}",
            "get endpointRefLookup => {'lines': lines};",
            "get moduleLookup => {'chat_rooms': modules.chat_rooms};",
        ],
    );
    assert!(app.iter().all(|file| !file.path.ends_with("/line.dart")));
}
