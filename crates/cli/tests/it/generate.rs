//! `streampod generate` from a schema that is there already.

use crate::kit::{Ended, Folder, streampod};

const CONFIG: &str = "javascript:\n  output: web/client\n  runtime: ./runtime.js\n";

/// A server with one method.
pub(crate) fn schema(method: &str) -> String {
    let method = format!(
        r#"{{"name":"{method}","docs":"","parameters":[],"returns":{{"kind":"value","type":"Point"}}}}"#
    );
    let endpoint =
        format!(r#"{{"name":"board","docs":"","requireLogin":false,"scopes":[],"methods":[{method}]}}"#);
    let model = r#"{"kind":"class","name":"Point","docs":"","fields":[{"name":"x","type":"int","docs":""}]}"#;
    format!(r#"{{"models":[{model}],"endpoints":[{endpoint}]}}"#)
}

fn project() -> Folder {
    Folder::with(&[("streampod.yaml", CONFIG), ("schema.json", &schema("draw"))])
}

const WROTE: &str = "  wrote web/client/index.js
  wrote web/client/client.js
  wrote web/client/models.js
  wrote web/client/endpoints.js
  wrote web/client/.streampod-files
";

#[test]
fn what_is_up_to_date_is_not_written_again() {
    let project = project();
    project.run("generate --schema schema.json").assert_done(WROTE);
    assert!(project.read("web/client/endpoints.js").contains("draw("));
    project.run("generate --schema schema.json").assert_done("all clients were up to date\n");
    project.run("generate --schema schema.json --check").assert_done("all clients are up to date\n");
    // A checkout on Windows may look like this.
    let text = project.read("web/client/models.js");
    project.write("web/client/models.js", &text.replace('\n', "\r\n"));
    project.run("generate --schema schema.json --check").assert_done("all clients are up to date\n");
}

#[test]
fn a_check_names_what_is_not_up_to_date() {
    let project = project();
    project.run("generate --schema schema.json").assert_done(WROTE);
    project.write("schema.json", &schema("paint"));
    project.remove("web/client/client.js");
    project.write("web/client/old.js", "");
    let list = project.read("web/client/.streampod-files");
    project.write("web/client/.streampod-files", &format!("{list}old.js\n"));

    let ended = project.run("generate --schema schema.json --check");
    let expected = "missing web/client/client.js
  stale web/client/endpoints.js
  stale web/client/.streampod-files
surplus web/client/old.js
";
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), expected), "{}", ended.stderr);
    assert!(ended.stderr.contains("4 files are not as the server's schema has it"), "{}", ended.stderr);
    assert!(!project.has("web/client/client.js") && project.has("web/client/old.js"));

    let expected = "  wrote web/client/client.js
  wrote web/client/endpoints.js
  wrote web/client/.streampod-files
removed web/client/old.js
";
    project.run("generate --schema schema.json").assert_done(expected);
    assert!(!project.has("web/client/old.js"));
}

#[test]
fn what_others_wrote_is_left_alone() {
    let project = project();
    project.write("web/client/models.js", "mine");
    project.write("web/client/also-mine.js", "mine");
    let ended = project.run("generate --schema schema.json");
    ended.assert_failed("web/client/models.js is in the way: `streampod generate` did not write it");
    assert_eq!(project.read("web/client/models.js"), "mine");
    assert!(!project.has("web/client/index.js"), "nothing is written if not everything can be");

    project.remove("web/client/models.js");
    project.run("generate --schema schema.json").assert_done(WROTE);
    // Whoever edits the list has no file outside of the folder removed.
    let list = project.read("web/client/.streampod-files");
    project.write("web/client/.streampod-files", &format!("{list}../../schema.json\n/tmp\n"));
    project.run("generate --schema schema.json").assert_done("  wrote web/client/.streampod-files\n");
    assert!(project.has("schema.json"));
    assert_eq!(project.read("web/client/also-mine.js"), "mine");
}

#[test]
fn a_folder_that_gets_empty_goes_too() {
    let project = project();
    let module = schema("draw").replace("Point", "shop.Point");
    project.write("schema.json", &module);
    assert!(project.run("generate --schema schema.json").stdout.contains("wrote web/client/modules/shop.js"));
    project.write("schema.json", &schema("draw"));
    let ended = project.run("generate --schema schema.json");
    assert!(ended.stdout.ends_with("removed web/client/modules/shop.js\n"), "{}", ended.stdout);
    assert!(!project.has("web/client/modules"));
}

#[test]
fn clients_in_several_languages() {
    let project = project();
    let config = "typescript:\n  output: ts\njavascript:\n  output: js\ndart:\n  output: point_client\n  serverpod: 2.9\nrust:\n  output: rust/client\n  package: point-client\n  streampod: { path: vendor/streampod }\n";
    project.write("streampod.yaml", config);
    let ended = project.run("generate --schema schema.json --lang rust,javascript");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(project.has("js/endpoints.js") && project.has("rust/client/src/lib.rs"));
    assert!(!project.has("ts") && !project.has("point_client"));
    // In a browser, the runtime has to be somewhere; the program brings it.
    assert!(project.read("js/endpoints.js").contains(r#"from "./streampod-client.js""#));
    assert!(project.has("js/streampod-client.js") && project.has("js/streampod-client.d.ts"));
    // Paths begin at streampod.yaml, in the manifest at the client.
    assert!(project.read("rust/client/Cargo.toml").contains(r#"path = "../../vendor/streampod""#));

    assert_eq!(project.run("generate --schema schema.json").code, Some(0));
    assert!(project.read("ts/endpoints.ts").contains(r#"from "@streampod/client""#));
    assert!(!project.has("ts/streampod-client.js"));
    assert!(project.read("point_client/pubspec.yaml").contains("name: point_client"));
}

#[test]
fn streampod_yaml_may_be_above_or_elsewhere() {
    let project = project();
    project.write("some/folder/file", "");
    let below = project.path().join("some/folder");
    let schema = project.path().join("schema.json");
    let ended = Ended::of(streampod(&below).arg("generate").arg("--schema").arg(&schema));
    ended.assert_done(WROTE);
    assert!(project.has("web/client/models.js"));

    let other = Folder::with(&[]);
    let config = project.path().join("streampod.yaml");
    let mut command = streampod(other.path());
    command.args(["generate", "--check", "--schema"]).arg(&schema).arg("--config").arg(config);
    Ended::of(&mut command).assert_done("all clients are up to date\n");
    other.run("generate").assert_failed("there is no streampod.yaml in ");
}

#[test]
fn a_mistake_in_streampod_yaml_is_shown() {
    for (config, expected) in [
        ("servr: x\n", "streampod.yaml:1:1"),
        ("servr: x\n", "unknown field `servr`, expected one of server, dart, javascript, rust, typescript"),
        ("server: x\ndart:\n  output: [1]\n", "streampod.yaml:3:11"),
        ("dart:\n  output: x\n  serverpod: 3.0\n", "unknown variant `3.0`, expected one of 2.9, 3.4"),
        ("typescript:\n  runtime: x\n", "missing field `output`"),
        ("dart: {\n", "streampod.yaml:"),
        ("dart:\n  output: x\nrust:\n  output: x\n", "`dart` and `rust` have the same output folder, x"),
        ("rust:\n  output: x\n  streampod: {}\n", "rust.streampod: either `version:` or `path:` is needed"),
        ("rust:\n  output: ../x\n  streampod: { path: y }\n", "rust.streampod: `path:` has to be absolute"),
        ("server: x\n", "streampod.yaml says nothing of a client"),
        ("dart:\n  output: x\n", "does not say which server to ask"),
    ] {
        let project = Folder::with(&[("streampod.yaml", config)]);
        project.run("generate").assert_failed(expected);
    }
}

#[test]
fn a_mistake_on_the_command_line_is_told() {
    let project = project();
    for (arguments, expected) in [
        ("generate --lang drat", "a similar value exists: 'dart'"),
        ("generate --lang dart --schema schema.json", "says nothing of a client in `dart`"),
        ("generate --chek", "a similar argument exists: '--check'"),
        ("generate --check --watch", "cannot be used with"),
        ("generate --watch --schema -", "there is nothing to watch"),
        ("generate --schema nowhere.json", "nowhere.json cannot be read"),
        ("generate --schema streampod.yaml", "streampod.yaml is not a schema"),
        ("generat", "a similar subcommand exists: 'generate'"),
        ("create", "required arguments were not provided"),
    ] {
        project.run(arguments).assert_failed(expected);
    }
}

#[test]
fn a_schema_that_makes_no_sense() {
    let project = project();
    project.write(
        "schema.json",
        &schema("draw").replace(r#""kind":"value","type":"Point""#, r#""kind":"value","type":"Circle""#),
    );
    project
        .run("generate --schema schema.json")
        .assert_failed("`board.draw` uses `Circle`, which is no model");
    assert!(!project.has("web"));
}

#[test]
fn a_server_that_cannot_be_built() {
    let project = project();
    project.write("streampod.yaml", &format!("server: nobody\n{CONFIG}"));
    project.write("Cargo.toml", "[workspace]\n");
    let ended = project.run("generate");
    ended.assert_failed("nobody could not be built, or did not say its schema");
    let from_cargo = ended.stderr.lines().filter(|line| line.contains("`nobody`"));
    assert_eq!(from_cargo.count(), 1, "what Cargo says is shown: {}", ended.stderr);
}

#[test]
fn help_fits_a_terminal() {
    let folder = Folder::with(&[]);
    for command in ["--help", "help create", "generate --help", "inspect --help"] {
        let help = folder.run(command);
        assert_eq!(help.code, Some(0));
        assert!(help.stdout.lines().all(|line| line.chars().count() <= 120), "{}", help.stdout);
        assert!(!help.stdout.contains('\u{1b}'), "colours are for terminals");
    }
}

#[test]
fn a_dart_package_keeps_what_its_user_goes_on_with() {
    let config = "dart:\n  output: board_client\n";
    let project = Folder::with(&[("streampod.yaml", config), ("schema.json", &schema("draw"))]);
    project.write("board_client/pubspec.yaml", "name: board_client # of the user\n");
    let ended = project.run("generate --schema schema.json");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stdout.contains("pubspec.yaml"), "{}", ended.stdout);
    assert!(ended.stdout.contains("wrote board_client/lib/board_client.dart\n"), "{}", ended.stdout);
    assert!(project.read("board_client/pubspec.yaml").contains("of the user"));
    // What was written once is the user's too, also for a check.
    project.write("board_client/lib/board_client.dart", "export 'src/mine.dart';\n");
    project.run("generate --schema schema.json --check").assert_done("all clients are up to date\n");
    project.run("generate --schema schema.json").assert_done("all clients were up to date\n");
    assert!(project.read("board_client/lib/board_client.dart").contains("mine"));
}
