//! A project that `streampod create` made, from its first build on. One test, because the builds take their time.

use std::path::Path;
use std::process::Command;

use crate::kit::{Ended, Running, http_get, port, streampod, target};

const NAME: &str = "streampod-cli-test";

#[test]
fn a_created_project_builds_runs_and_changes() {
    // At the same place each time, so that Cargo does not keep what it built for each of them.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let project = folder.join(NAME);
    let _ = std::fs::remove_dir_all(&project);
    let created = Ended::of(streampod(folder).args(["create", NAME]));
    assert_eq!(created.code, Some(0), "{}", created.stderr);
    // This workspace's way to format Rust is not everybody's.
    std::fs::write(project.join("rustfmt.toml"), "").unwrap();
    // The versions that this workspace uses, which are built already.
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock"), project.join("Cargo.lock"))
        .unwrap();
    let built = Ended::of(cargo(&project).args(["build", "--quiet", "--workspace"]));
    assert_eq!((built.code, built.stderr.as_str()), (Some(0), ""), "not even a warning");
    let formatted = Ended::of(cargo(&project).args(["fmt", "--check"]));
    assert_eq!(formatted.code, Some(0), "{}", formatted.stdout);
    let tested = Ended::of(cargo(&project).args(["test", "--quiet"]));
    assert_eq!(tested.code, Some(0), "{}{}", tested.stdout, tested.stderr);

    it_runs(&project);

    // The template's own schema, from which its clients came, is the server's.
    generate(&project, "--check").assert_done("all clients are up to date\n");
    generate(&project, "").assert_done("all clients were up to date\n");

    // A method gets another name.
    let board = project.join("server/src/board.rs");
    let text = std::fs::read_to_string(&board).unwrap();
    std::fs::write(&board, text.replace("async fn cheer(", "async fn applaud(")).unwrap();
    let ended = generate(&project, "--check");
    let expected = "  stale web/client/endpoints.js\n  stale client/src/endpoints/board.rs\n";
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), expected), "{}", ended.stderr);

    // Clients follow, over an error of the compiler.
    let watch = Running::start(streampod(&project).args(["generate", "--watch"]));
    watch.wait_for("wrote client/src/endpoints/board.rs");
    watch.wait_for("waiting for changes");
    std::fs::write(&board, "no Rust").unwrap();
    watch.wait_for("waiting for changes");
    std::fs::write(&board, text).unwrap();
    watch.wait_for("wrote client/src/endpoints/board.rs");
    watch.wait_for("waiting for changes");
    // So they do over a manifest that Cargo cannot read.
    let manifest = project.join("server/Cargo.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, "nonsense").unwrap();
    watch.wait_for("waiting for changes");
    std::fs::write(&manifest, text).unwrap();
    watch.wait_for("all clients were up to date");
    drop(watch);
    generate(&project, "--check").assert_done("all clients are up to date\n");
}

/// Starts the server, and is its guest in every way.
fn it_runs(project: &Path) {
    let server = Running::start(
        program("server")
            .current_dir(project)
            .env("SERVERPOD_API_SERVER_PORT", "0")
            .env("SERVERPOD_WEB_SERVER_PORT", "0"),
    );
    let api = port(&server.wait_for("development server on http://localhost:"));
    let web = port(&server.wait_for("web page on http://localhost:"));

    for (path, content_type, text) in [
        ("/", "text/html", "<title>streampod-cli-test</title>"),
        ("/app.js", "text/javascript", "client.board.join("),
        ("/style.css", "text/css", "#board"),
        ("/client/endpoints.js", "text/javascript", "class EndpointBoard"),
        ("/client/streampod-client.js", "text/javascript", "StreampodClient"),
        ("/config.json", "application/json", "apiUrl"),
    ] {
        let answer = http_get(web, path);
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{path}: {answer}");
        assert!(answer.contains(&format!("content-type: {content_type}")), "{path}: {answer}");
        assert!(answer.contains(text), "{path}: {answer}");
    }
    for path in ["/nothing", "/../Cargo.toml", "/%2e%2e/Cargo.toml"] {
        assert!(http_get(web, path).starts_with("HTTP/1.1 404 "), "{path}");
    }

    // The visitor is a program over the generated client: it gets events over a WebSocket, and sends positions.
    let url = format!("http://localhost:{api}/");
    let first = Running::start(program("visitor").arg(&url));
    first.wait_for("on the board at");
    first.wait_for("Star! That was cheer 1");
    let second = Running::start(program("visitor").arg(&url));
    second.wait_for("Visitor is here");
    first.wait_for("Visitor came");
    drop(second);
    first.wait_for("Visitor left");

    let ended = Ended::of(streampod(project).args(["inspect", &url]));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let join = "  join(name: String, positions: Stream<Position>): Stream<BoardEvent>  [streaming]\n";
    assert!(ended.stdout.contains(join), "{}", ended.stdout);
}

fn generate(project: &Path, option: &str) -> Ended {
    Ended::of(streampod(project).arg("generate").args(option.split_whitespace()))
}

fn cargo(project: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(project).env("CARGO_TARGET_DIR", target());
    command
}

/// A program of the project.
fn program(name: &str) -> Command {
    let mut command =
        Command::new(target().join("debug").join(format!("{NAME}-{name}{}", std::env::consts::EXE_SUFFIX)));
    // Guests do not go on when the tests have ended.
    command.env_remove("RUST_LOG");
    command
}
