//! `streampod inspect` on what may be behind a URL. A real server is asked in `project.rs`.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};

use crate::generate::schema;
use crate::kit::Folder;

/// Answers one request with this status and body; where it listens.
fn answering(status: &str, body: &str) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let length = body.len();
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            socket.read_exact(&mut byte).unwrap();
            request.push(byte[0]);
        }
        assert!(request.starts_with(b"GET /v1/schema HTTP/1.1\r\n"));
        socket.write_all(answer.as_bytes()).unwrap();
    });
    url
}

#[track_caller]
fn check_error(url: &str, expected: &str) {
    Folder::with(&[]).run(&format!("inspect {url}")).assert_failed(expected);
}

#[test]
fn what_is_no_server() {
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    check_error(&format!("http://{nobody}"), &format!("cannot reach http://{nobody} (does the server run?"));
    check_error("localhost:8080", "a URL such as http://localhost:8080 is needed");
    check_error("https://localhost:8080", "only http:// is spoken here");
    check_error(&answering("200 OK", "<!doctype html>"), "is no schema; it is not a Streampod server");
    check_error(&answering("404 Not Found", "Endpoint v1 not found\n"), "answers with status 404");
    check_error(&answering("500 Oh", ""), "answers with status 500");
}

#[test]
fn a_schema_that_is_not_exposed() {
    let url = answering("404 Not Found", "The schema is not exposed\n");
    check_error(
        &url,
        "set `exposeSchema: true` in its config/<run mode>.yaml, or SERVERPOD_EXPOSE_SCHEMA=true",
    );
}

#[test]
fn endpoints_and_models() {
    let folder = Folder::with(&[]);
    let schema = schema("draw")
        .replace(
            r#""requireLogin":false,"scopes":[]"#,
            r#""requireLogin":true,"scopes":["admin"],"streaming":true"#,
        )
        .replace(
            r#""parameters":[]"#,
            r#""deprecated":"Use `paint`.","requireLogin":true,"scopes":["artist"],"parameters":[
                {"name":"from","type":"Point","named":false,"kind":"stream","optional":false},
                {"name":"width","type":"int","named":true,"kind":"argument","default":"3"}]"#,
        );
    let endpoints = "board  [login; scopes: admin; streaming endpoint]
  draw(from: Stream<Point>, {width: int = 3}): Point  [streaming; login; scopes: artist; deprecated: Use `paint`.]

";
    let counts = "1 endpoint, 1 method, 1 model\n";
    let ended = folder.run(&format!("inspect {}/", answering("200 OK", &schema)));
    ended.assert_done(&format!("{endpoints}{counts}"));
    let ended = folder.run(&format!("inspect --models {}", answering("200 OK", &schema)));
    ended.assert_done(&format!("{endpoints}class Point\n  x: int\n\n{counts}"));

    let ended = folder.run(&format!("inspect --json {}", answering("200 OK", &schema)));
    folder.write("schema.json", &ended.stdout);
    folder.write("streampod.yaml", "typescript:\n  output: client\n");
    assert_eq!(folder.run("generate --schema schema.json").code, Some(0), "{ended:?}");
}
