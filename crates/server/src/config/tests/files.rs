//! Files that are no configuration: what the parser, the limits and the operating system refuse.

use super::*;

#[test]
fn what_is_no_yaml() {
    let cases = [
        ("a: b: c", "1:5: the file is not valid YAML: mapping values are not allowed in this context"),
        (
            "apiServer:\n\t- port",
            "2:2: the file is not valid YAML: tabs disallowed within this context (block indentation)",
        ),
        (
            "serverId: 'x",
            "1:11: the file is not valid YAML: while scanning a quoted scalar, found unexpected end of stream",
        ),
        (
            "apiServer:\n   port: 80\n  publicPort: 80",
            "3:3: the file is not valid YAML: while parsing a block mapping, did not find expected key",
        ),
        ("serverId: *x", "1:11: the file is not valid YAML: while parsing node, found unknown anchor"),
        ("? [a]\n: b", "1:3: a key must be a word, such as `port:`"),
        ("serverId: a\n---\nserverId: b", "2:1: a second YAML document begins here; expected one document"),
        ("experimental: &x [*x]", "1:19: the alias names a node that contains it; write the value out"),
    ];
    for (yaml, expected) in cases {
        check_error(yaml, &[], &format!("config/development.yaml:{expected}"));
    }
}

#[test]
fn a_key_given_twice() {
    check_error(
        "redis:\n  port: 1\n  host: a\n  port: 1",
        &[],
        "config/development.yaml:4:3: `redis.port` is given again, it is already in line 2; remove one of them",
    );
    check_error(
        "database: { a: { b: 1,\n  b: 2 } }\ndatabase: {}",
        &[],
        "config/development.yaml:2:3: `database.a.b` is given again, it is already in line 1; remove one of them\n\
         config/development.yaml:3:1: `database` is given again, it is already in line 1; remove one of them",
    );
}

#[test]
fn an_alias_stands_for_its_node() {
    check("apiServer: &address { port: 81 }\nwebServer: *address", &[], |it| {
        it.api_server = ServerAddress::on_port(81);
        it.web_server = ServerAddress::on_port(81);
    });
}

#[test]
fn aliases_cost_nothing() {
    let mut yaml = String::from("experimental:\n  l0: &l0 { a: lol, b: lol }\n");
    for level in 1..2000 {
        let below = level - 1;
        yaml += &format!("  l{level}: &l{level} {{ a: *l{below}, b: *l{below} }}\n");
    }
    check(&yaml, &[], |_| ());
    check_error(
        &yaml.replace("experimental:", "redis2:"),
        &[],
        "config/development.yaml:1:1: unknown key `redis2`; allowed here: apiServer, webServer, redis, sessionLogs, \
         websocketCompression, maxRequestSize, websocketPingInterval, exposeSchema, serverId, logging (did you mean `redis`?)",
    );
}

#[test]
fn depth_overflows_no_stack() {
    let nested = |depth: usize| format!("experimental: {}{}", "[".repeat(depth), "]".repeat(depth));
    check(&nested(100), &[], |_| ());
    check_error(
        &nested(256),
        &[],
        "config/development.yaml:1:270: the file is not valid YAML: recursion limit exceeded",
    );
    assert!(load(&"- ".repeat(500_000), &[]).is_err());
    assert!(load(&"? ".repeat(500_000), &[]).is_err());

    let mut chain = String::from("experimental:\n  - &a0 { a: 1 }\n");
    let mut level = 0;
    while chain.len() < 1_000_000 {
        level += 1;
        chain += &format!("  - &a{level} {{ a: *a{} }}\n", level - 1);
    }
    check(&chain, &[], |_| ());
}

#[test]
fn many_keys_are_read_in_time() {
    let yaml: String = (0..80_000).map(|number| format!("  k{number}: 1\n")).collect();
    check(&format!("experimental:\n{yaml}"), &[], |_| ());
}

#[test]
fn size_is_limited() {
    let limit = 1024 * 1024;
    check(&format!("#{}", "x".repeat(limit - 1)), &[], |_| ());
    check_error(
        &format!("#{}", "x".repeat(limit)),
        &[],
        "config/development.yaml: the file is larger than 1048576 bytes; is it the right file?",
    );
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read() {
    let folder = Folder::new(&[("development.yaml", b"serverId: \xff")]);
    fs::create_dir(folder.0.join("passwords.yaml")).unwrap();
    let expected = "\
config/development.yaml: the file cannot be read (it is not UTF-8 text); it must be readable, or not exist
config/passwords.yaml: the file cannot be read (Is a directory (os error 21)); it must be readable, or not exist";
    assert_eq!(folder.load(&[], Arguments::default()), Err(expected.into()));
}
