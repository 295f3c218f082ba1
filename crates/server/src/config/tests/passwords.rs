//! Passwords: their sources, and that nothing shows them.

use super::*;

const FILE: &[u8] = b"
shared:
  a: 'shared a'
  b: shared b
  c: \"shared c\"
development:
  b: 'development b'
  c: 'development c'
  redis: 'development redis'
production:
  b: 'production b'
  number: 5
";

fn passwords(config: &Config) -> Vec<(&str, &str)> {
    config.passwords.iter().map(|(name, password)| (name.as_str(), password.expose())).collect()
}

#[test]
fn the_environment_wins_over_the_run_mode_wins_over_shared() {
    let folder = Folder::new(&[("passwords.yaml", FILE)]);
    let config = folder.load(&[("SERVERPOD_PASSWORD_c", "env c")], Arguments::default()).unwrap();
    let expected =
        [("a", "shared a"), ("b", "development b"), ("c", "env c"), ("redis", "development redis")];
    assert_eq!(passwords(&config), expected);
    assert_eq!(config.password("b"), Some("development b"));
    assert_eq!(config.password("B"), None);
    assert_eq!(config.redis.password, Some("development redis".into()));
    assert!(!config.redis.enabled, "a password alone enables nothing");

    let config = folder.load(&[], arguments(RunMode::Test)).unwrap();
    assert_eq!(passwords(&config), [("a", "shared a"), ("b", "shared b"), ("c", "shared c")]);
    assert_eq!(config.redis.password, None);
}

#[test]
fn variables_name_passwords() {
    let environment = [
        ("SERVERPOD_PASSWORD_redis", "r"),
        ("SERVERPOD_REDIS_PASSWORD", "loses"),
        ("SERVERPOD_DATABASE_PASSWORD", "d"),
        ("SERVERPOD_SERVICE_SECRET", "s"),
        ("SERVERPOD_PASSWORD_myKey", ""),
        ("SERVERPOD_PASSWORD_", "no name"),
    ];
    let config = load("", &environment).unwrap();
    assert_eq!(
        passwords(&config),
        [("database", "d"), ("myKey", ""), ("redis", "r"), ("serviceSecret", "s")]
    );
    assert_eq!(config.redis.password, Some("r".into()));
}

#[test]
fn an_error_shows_no_password() {
    let folder = Folder::new(&[("passwords.yaml", FILE)]);
    assert_eq!(
        folder.load(&[], arguments(RunMode::Production)),
        Err("config/passwords.yaml:12:11: `production.number` is a number or Boolean; expected text in quotes"
            .into())
    );

    let file = b"shared: hunter2\ndevelopment:\n  a:\n  b: [hunter2]\n  c: { d: hunter2 }\n  e: 'hunter2'\n  e: hunter2";
    let folder = Folder::new(&[("passwords.yaml", file)]);
    let expected = "\
config/passwords.yaml:1:9: `shared` is text; expected a section of names with values
config/passwords.yaml:3:4: `development.a` is empty; expected text in quotes
config/passwords.yaml:4:6: `development.b` is a list; expected text in quotes
config/passwords.yaml:5:6: `development.c` is a section; expected text in quotes
config/passwords.yaml:7:3: `development.e` is given again, it is already in line 6; remove one of them";
    assert_eq!(folder.load(&[], Arguments::default()), Err(expected.into()));
}

#[test]
fn debug_output_shows_no_password() {
    let folder = Folder::new(&[("passwords.yaml", FILE)]);
    let config = folder.load(&[("SERVERPOD_PASSWORD_x", "hunter2")], Arguments::default()).unwrap();
    let shown = format!("{config:?}");
    assert!(shown.contains("\"redis\": Secret(…)") && shown.contains("password: Some(Secret(…))"), "{shown}");
    assert!(!shown.contains("development redis") && !shown.contains("hunter2"), "{shown}");

    let environment = [(OsString::from("SERVERPOD_PASSWORD_x"), OsString::from("hunter2"))].into();
    let shown = format!("{:?}", Source { environment, ..Source::default() });
    assert!(shown.contains("SERVERPOD_PASSWORD_x") && !shown.contains("hunter2"), "{shown}");
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf8() {
    use std::os::unix::ffi::OsStringExt;

    let environment = ["SERVERPOD_PASSWORD_x", "SERVERPOD_SERVER_ID", "OTHER"]
        .map(|name| (name.into(), OsString::from_vec(b"a\xff".into())))
        .into();
    let error = Config::load_from(&Source { folder: "/no".into(), environment, ..Source::default() });
    let expected = "\
environment variable SERVERPOD_SERVER_ID is \"a\u{fffd}\"; expected text that is not empty, in quotes if it looks like a number
environment variable SERVERPOD_PASSWORD_x is not UTF-8; expected UTF-8 text";
    assert_eq!(error.unwrap_err().to_string(), expected);
}
