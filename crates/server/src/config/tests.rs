use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

use super::*;

/// A folder of configuration files, removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("streampod-config-{}-{number}", process::id()));
        fs::create_dir(&path).unwrap();
        for (name, content) in files {
            fs::write(path.join(name), content).unwrap();
        }
        Self(path)
    }

    fn load(&self, environment: &[(&str, &str)], arguments: Arguments) -> Result<Config, String> {
        let environment = environment.iter().map(|(name, value)| (name.into(), value.into())).collect();
        Config::load_from(&Source { folder: self.0.clone(), environment, arguments })
            .map_err(|error| error.to_string().replace(&self.0.display().to_string(), "config"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn load(yaml: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    Folder::new(&[("development.yaml", yaml.as_bytes())]).load(environment, Arguments::default())
}

/// Checks what the default configuration is changed to.
#[track_caller]
fn check(yaml: &str, environment: &[(&str, &str)], change: impl FnOnce(&mut Config)) {
    let mut expected = Config::default();
    change(&mut expected);
    assert_eq!(load(yaml, environment), Ok(expected), "{yaml}");
}

#[track_caller]
fn check_error(yaml: &str, environment: &[(&str, &str)], expected: &str) {
    assert_eq!(load(yaml, environment), Err(expected.into()), "{yaml}");
}

fn arguments(mode: RunMode) -> Arguments {
    Arguments { mode: Some(mode), ..Arguments::default() }
}

#[test]
fn no_file_is_needed() {
    let expected = Config {
        run_mode: RunMode::Development,
        server_id: "default".into(),
        logging: Logging::Normal,
        api_server: ServerAddress {
            port: 8080,
            public_host: "localhost".into(),
            public_port: 8080,
            public_scheme: Scheme::Http,
        },
        web_server: ServerAddress {
            port: 8082,
            public_host: "localhost".into(),
            public_port: 8082,
            public_scheme: Scheme::Http,
        },
        redis: Redis {
            enabled: false,
            host: "localhost".into(),
            port: 6379,
            user: None,
            require_ssl: false,
            waiting_posts: 0,
            password: None,
        },
        session_logs: SessionLogs { console_enabled: true, console_log_format: LogFormat::Text },
        max_request_size_bytes: 524_288,
        websocket_ping_interval: Duration::from_secs(30),
        websocket_compression: Compression { enabled: false, threshold_bytes: 1024 },
        expose_schema: true,
        print_schema: false,
        passwords: BTreeMap::new(),
    };
    assert_eq!(Config::default(), expected);
    let source = Source { folder: "/no/such/folder".into(), ..Source::default() };
    assert_eq!(Config::load_from(&source).unwrap(), expected);
    assert_eq!(Folder::new(&[]).load(&[], Arguments::default()), Ok(expected));
}

#[test]
fn a_file_without_content_changes_nothing() {
    for yaml in [
        "",
        "\n# nothing\n",
        "---\n",
        "{}",
        "\u{feff}",
        "apiServer:\nredis: ~\nmaxRequestSize:\n",
        "redis: {}",
    ] {
        check(yaml, &[], |_| ());
    }
    check("redis:\n  port:\n  user: null\n", &[], |_| ());
}

#[test]
fn a_file_of_serverpod_is_read_as_it_is() {
    let yaml = "
apiServer:
  port: 8080
  publicHost: api.example.com
  publicPort: 443
  publicScheme: https

insightsServer:
  port: 8081
  publicHost: insights.example.com
  publicPort: 443
  publicScheme: https

webServer:
  port: 8083
  publicHost: \"www.example.com\"
  publicPort: 80
  publicScheme: http

database:
  host: database.private
  port: 5432
  name: example
  user: postgres

redis:
  enabled: true
  host: 10.0.0.7
  port: 6380
  user: worker # a comment
  requireSsl: true
  waitingPosts: 100

maxRequestSize: 1048576
websocketPingInterval: 20
websocketCompression:
  enabled: true
  threshold: 512
exposeSchema: false
serverId: first
logging: verbose

sessionLogs:
  consoleEnabled: false
  consoleLogFormat: json
  persistentEnabled: true
  cleanupInterval: 24h
  retentionPeriod: 90d
  retentionCount: 100000

experimental:
  features: [all]
futureCall: { concurrencyLimit: 1, scanInterval: 5000 }
futureCallExecutionEnabled: false
serviceSecret: x
role: monolith
applyMigrations: true
applyRepairMigration: false
validateHeaders: false
healthCheckInterval: 60
allowedOrigins:
  - https://example.com
authCookie:
  secure: true
";
    let expected = |config: &mut Config| {
        config.api_server = ServerAddress {
            port: 8080,
            public_host: "api.example.com".into(),
            public_port: 443,
            public_scheme: Scheme::Https,
        };
        config.web_server = ServerAddress {
            port: 8083,
            public_host: "www.example.com".into(),
            public_port: 80,
            public_scheme: Scheme::Http,
        };
        config.redis = Redis {
            enabled: true,
            host: "10.0.0.7".into(),
            port: 6380,
            user: Some("worker".into()),
            require_ssl: true,
            waiting_posts: 100,
            password: None,
        };
        config.max_request_size_bytes = 1_048_576;
        config.websocket_ping_interval = Duration::from_secs(20);
        config.websocket_compression = Compression { enabled: true, threshold_bytes: 512 };
        config.expose_schema = false;
        config.server_id = "first".into();
        config.logging = Logging::Verbose;
        config.session_logs = SessionLogs { console_enabled: false, console_log_format: LogFormat::Json };
    };
    check(yaml, &[], expected);
    check(&yaml.replace('\n', "\r\n"), &[], expected);
}

#[test]
fn each_variable_wins_over_the_file() {
    let yaml = "
serverId: file
logging: normal
apiServer: { port: 1, publicHost: file, publicPort: 1, publicScheme: http }
webServer: { port: 1, publicHost: file, publicPort: 1, publicScheme: http }
redis: { enabled: false, host: file, port: 1, user: file, requireSsl: false, waitingPosts: 1 }
sessionLogs: { consoleEnabled: true, consoleLogFormat: text }
maxRequestSize: 1
websocketPingInterval: 1
websocketCompression: { enabled: true, threshold: 100 }
exposeSchema: true
";
    let base = load(yaml, &[]).unwrap();
    type Change = fn(&mut Config);
    let cases: &[(&str, &str, Change)] = &[
        ("SERVERPOD_SERVER_ID", "env", |it| it.server_id = "env".into()),
        ("SERVERPOD_LOGGING_MODE", "verbose", |it| it.logging = Logging::Verbose),
        ("SERVERPOD_API_SERVER_PORT", "65535", |it| it.api_server.port = 65535),
        ("SERVERPOD_API_SERVER_PUBLIC_HOST", "env", |it| it.api_server.public_host = "env".into()),
        ("SERVERPOD_API_SERVER_PUBLIC_PORT", "0", |it| it.api_server.public_port = 0),
        ("SERVERPOD_API_SERVER_PUBLIC_SCHEME", "https", |it| it.api_server.public_scheme = Scheme::Https),
        ("SERVERPOD_WEB_SERVER_PORT", "2", |it| it.web_server.port = 2),
        ("SERVERPOD_WEB_SERVER_PUBLIC_HOST", "::1", |it| it.web_server.public_host = "::1".into()),
        ("SERVERPOD_WEB_SERVER_PUBLIC_PORT", "2", |it| it.web_server.public_port = 2),
        ("SERVERPOD_WEB_SERVER_PUBLIC_SCHEME", "https", |it| it.web_server.public_scheme = Scheme::Https),
        ("SERVERPOD_REDIS_ENABLED", "TRUE", |it| it.redis.enabled = true),
        ("SERVERPOD_REDIS_HOST", "env", |it| it.redis.host = "env".into()),
        ("SERVERPOD_REDIS_PORT", "2", |it| it.redis.port = 2),
        ("SERVERPOD_REDIS_USER", "env", |it| it.redis.user = Some("env".into())),
        ("SERVERPOD_REDIS_USER", "", |it| it.redis.user = None),
        ("SERVERPOD_REDIS_REQUIRE_SSL", "True", |it| it.redis.require_ssl = true),
        ("SERVERPOD_REDIS_WAITING_POSTS", "0", |it| it.redis.waiting_posts = 0),
        ("SERVERPOD_SESSION_CONSOLE_LOG_ENABLED", "false", |it| it.session_logs.console_enabled = false),
        ("SERVERPOD_SESSION_CONSOLE_LOG_FORMAT", "json", |it| {
            it.session_logs.console_log_format = LogFormat::Json;
        }),
        ("SERVERPOD_MAX_REQUEST_SIZE", "2", |it| it.max_request_size_bytes = 2),
        ("SERVERPOD_WEBSOCKET_PING_INTERVAL", "2", |it| it.websocket_ping_interval = Duration::from_secs(2)),
        ("SERVERPOD_WEBSOCKET_COMPRESSION_ENABLED", "false", |it| it.websocket_compression.enabled = false),
        ("SERVERPOD_WEBSOCKET_COMPRESSION_THRESHOLD", "2", |it| it.websocket_compression.threshold_bytes = 2),
        ("SERVERPOD_EXPOSE_SCHEMA", "false", |it| it.expose_schema = false),
        ("SERVERPOD_DATABASE_HOST", "env", |_| ()),
        ("SERVERPOD_NO_SUCH_THING", "env", |_| ()),
        ("serverpod_server_id", "env", |_| ()),
    ];
    for (name, value, change) in cases {
        let mut expected = base.clone();
        change(&mut expected);
        assert_eq!(load(yaml, &[(name, value)]), Ok(expected), "{name}");
    }
}

#[test]
fn the_run_mode_picks_file_and_defaults() {
    let folder = Folder::new(&[
        ("development.yaml", b"serverId: d"),
        ("staging.yaml", b"serverId: s"),
        ("production.yaml", b"serverId: p"),
        ("test.yaml", b"serverId: t\napiServer: { port: 0 }"),
    ]);
    for (mode, server_id) in RunMode::ALL.iter().zip(["d", "s", "p", "t"]) {
        let by_argument = folder.load(&[("SERVERPOD_RUN_MODE", "staging")], arguments(*mode)).unwrap();
        let by_variable =
            folder.load(&[("SERVERPOD_RUN_MODE", mode.as_str())], Arguments::default()).unwrap();
        assert_eq!(by_argument, by_variable);
        assert_eq!((by_argument.run_mode, &*by_argument.server_id), (*mode, server_id));
        let is_text = by_argument.session_logs.console_log_format == LogFormat::Text;
        assert_eq!(is_text, *mode == RunMode::Development);
        assert_eq!(by_argument.expose_schema, *mode == RunMode::Development);
    }
    assert_eq!(folder.load(&[], Arguments::default()).unwrap().server_id, "d");
}

#[test]
fn the_command_line_wins() {
    let folder = Folder::new(&[("test.yaml", b"serverId: file\nlogging: normal")]);
    let arguments = Arguments {
        mode: Some(RunMode::Test),
        server_id: Some("argument".into()),
        logging: Some(Logging::Verbose),
        print_schema: false,
    };
    let environment = [
        ("SERVERPOD_RUN_MODE", "production"),
        ("SERVERPOD_SERVER_ID", "env"),
        ("SERVERPOD_LOGGING_MODE", "normal"),
    ];
    let config = folder.load(&environment, arguments).unwrap();
    assert_eq!(config.run_mode, RunMode::Test);
    assert_eq!(config.server_id, "argument");
    assert_eq!(config.logging, Logging::Verbose);
}

#[test]
fn the_public_port_follows_the_port() {
    check("apiServer: { port: 9000 }", &[], |it| it.api_server = ServerAddress::on_port(9000));
    check("webServer: { port: 0 }", &[], |it| it.web_server = ServerAddress::on_port(0));
    check("apiServer: { port: 1 }", &[("SERVERPOD_API_SERVER_PORT", "2")], |it| {
        it.api_server = ServerAddress::on_port(2);
    });
}

#[test]
fn other_settings_of_redis_enable_it() {
    let enabled = |it: &mut Config| {
        it.redis.enabled = true;
        it.redis.host = "r".into();
    };
    check("redis: { host: r }", &[], enabled);
    check("", &[("SERVERPOD_REDIS_HOST", "r")], enabled);
    check("redis: { enabled: false }", &[("SERVERPOD_REDIS_HOST", "r")], |it| it.redis.host = "r".into());
    check("redis: { host: r }", &[("SERVERPOD_REDIS_ENABLED", "false")], |it| it.redis.host = "r".into());
}

#[test]
fn words_and_numbers_may_be_in_quotes() {
    let yaml = "apiServer: { port: \"81\" }\nredis: { enabled: 'True' }\nserverId: '7'\nredis2: !!str 5";
    let error = load(yaml, &[]).unwrap_err();
    assert!(error.starts_with("config/development.yaml:4:1: unknown key `redis2`"), "{error}");
    check(&yaml.replace("redis2: !!str 5", "logging: \"verbose\""), &[], |it| {
        it.api_server = ServerAddress::on_port(81);
        it.redis.enabled = true;
        it.server_id = "7".into();
        it.logging = Logging::Verbose;
    });
    check("serverId: !!str 5", &[], |it| it.server_id = "5".into());
}

#[test]
fn a_wrong_value_of_each_key() {
    let port = "a port number from 0 to 65535";
    let host = "a host name or IP address, without scheme and path";
    let boolean = "true or false";
    let size = "a number of bytes, at least 1";
    let interval = "a whole number of seconds from 1 to 4294967295";
    let cases = [
        ("apiServer.port", "eighty", "\"eighty\"", port),
        ("apiServer.port", "65536", "65536", port),
        ("apiServer.port", "-1", "-1", port),
        ("apiServer.port", "80.5", "80.5", port),
        ("apiServer.port", "true", "true", port),
        ("apiServer.port", "[80]", "a list", port),
        ("apiServer.port", "{ a: 80 }", "a section", port),
        ("apiServer.publicHost", "https://a.b", "\"https://a.b\"", host),
        ("apiServer.publicHost", "8080", "8080", host),
        ("apiServer.publicHost", "''", "\"\"", host),
        ("apiServer.publicPort", "x", "\"x\"", port),
        ("apiServer.publicScheme", "ftp", "\"ftp\"", "http or https"),
        ("webServer.port", "x", "\"x\"", port),
        ("webServer.publicHost", "a b", "\"a b\"", host),
        ("webServer.publicPort", "x", "\"x\"", port),
        ("webServer.publicScheme", "HTTP", "\"HTTP\"", "http or https"),
        ("redis.enabled", "yes", "\"yes\"", boolean),
        ("redis.host", "[]", "a list", host),
        ("redis.port", "1e3", "1e3", port),
        ("redis.user", "7", "7", "text, in quotes if it looks like a number"),
        ("redis.requireSsl", "1", "1", boolean),
        ("redis.waitingPosts", "-1", "-1", "a whole number from 0 to 1000000"),
        ("redis.waitingPosts", "1000001", "1000001", "a whole number from 0 to 1000000"),
        ("sessionLogs.consoleEnabled", "on", "\"on\"", boolean),
        ("sessionLogs.consoleLogFormat", "xml", "\"xml\"", "text or json"),
        ("maxRequestSize", "0", "0", size),
        ("maxRequestSize", "512kB", "\"512kB\"", size),
        ("maxRequestSize", "99999999999999999999", "99999999999999999999", size),
        ("websocketPingInterval", "0", "0", interval),
        ("websocketPingInterval", "4294967296", "4294967296", interval),
        ("websocketPingInterval", "30s", "\"30s\"", interval),
        ("exposeSchema", "1", "1", boolean),
        ("serverId", "5", "5", "text that is not empty, in quotes if it looks like a number"),
        ("serverId", "''", "\"\"", "text that is not empty, in quotes if it looks like a number"),
        ("logging", "loud", "\"loud\"", "normal or verbose"),
    ];
    for (key, value, found, expected) in cases {
        let (yaml, place) = match key.split_once('.') {
            Some((section, key)) => (format!("{section}:\n  {key}: {value}"), format!("2:{}", key.len() + 5)),
            None => (format!("{key}: {value}"), format!("1:{}", key.len() + 3)),
        };
        check_error(
            &yaml,
            &[],
            &format!("config/development.yaml:{place}: `{key}` is {found}; expected {expected}"),
        );
    }
    check_error(
        &format!("logging: {}", "ä".repeat(61)),
        &[],
        &format!(
            "config/development.yaml:1:10: `logging` is \"{}…\"; expected normal or verbose",
            "ä".repeat(60)
        ),
    );
}

#[test]
fn names_are_read_as_they_are_shown() {
    for mode in RunMode::ALL {
        assert_eq!(mode.to_string().parse(), Ok(*mode));
    }
    assert_eq!(format!("{:>5}", LogFormat::Json), " json");
    let error = "Test".parse::<RunMode>().unwrap_err().to_string();
    assert_eq!(error, "\"Test\" is unknown; expected development, staging, production or test");
}

#[test]
fn a_section_that_is_none() {
    check_error(
        "apiServer: 8080",
        &[],
        "config/development.yaml:1:12: `apiServer` is 8080; \
         expected a section with any of the keys port, publicHost, publicPort, publicScheme",
    );
    check_error(
        "sessionLogs: [consoleEnabled]",
        &[],
        "config/development.yaml:1:14: `sessionLogs` is a list; \
         expected a section with any of the keys consoleEnabled, consoleLogFormat",
    );
    check_error(
        "apiServer.port=80",
        &[],
        "config/development.yaml:1:1: the file is \"apiServer.port=80\"; expected a section with any of the keys \
         apiServer, webServer, redis, sessionLogs, websocketCompression, maxRequestSize, websocketPingInterval, exposeSchema, serverId, logging",
    );
}

#[test]
fn an_unknown_key() {
    check_error(
        "apiServer:\n  prot: 80\n",
        &[],
        "config/development.yaml:2:3: unknown key `apiServer.prot`; \
         allowed here: port, publicHost, publicPort, publicScheme (did you mean `port`?)",
    );
    let top = "apiServer, webServer, redis, sessionLogs, websocketCompression, maxRequestSize, websocketPingInterval, exposeSchema, serverId, logging";
    let cases = [
        ("apiserver", " (did you mean `apiServer`?)"),
        ("insightServer", " (did you mean `insightsServer`?)"),
        ("color", ""),
        ("<<", ""),
        ("\"a\\nb\"", ""),
    ];
    for (key, suggestion) in cases {
        check_error(
            &format!("\n{key}: {{ port: 80 }}"),
            &[],
            &format!(
                "config/development.yaml:2:1: unknown key `{}`; allowed here: {top}{suggestion}",
                key.trim_matches('"')
            ),
        );
    }
}

#[test]
fn a_wrong_variable() {
    let port = "a port number from 0 to 65535";
    let cases = [
        ("SERVERPOD_API_SERVER_PORT", "x", port),
        ("SERVERPOD_WEB_SERVER_PUBLIC_PORT", "", port),
        ("SERVERPOD_REDIS_ENABLED", "1", "true or false"),
        ("SERVERPOD_SERVER_ID", "", "text that is not empty, in quotes if it looks like a number"),
        ("SERVERPOD_RUN_MODE", "prod", "development, staging, production or test"),
        ("SERVERPOD_WEBSOCKET_COMPRESSION_ENABLED", "on", "true or false"),
        ("SERVERPOD_WEBSOCKET_COMPRESSION_THRESHOLD", "0", "a number of bytes, at least 1"),
        ("SERVERPOD_WEBSOCKET_PING_INTERVAL", "0", "a whole number of seconds from 1 to 4294967295"),
    ];
    for (name, value, expected) in cases {
        check_error(
            "",
            &[(name, value)],
            &format!("environment variable {name} is {value:?}; expected {expected}"),
        );
    }
}

#[test]
fn every_problem_is_reported_at_once() {
    let folder = Folder::new(&[
        (
            "development.yaml",
            b"port: 80\nwebServer:\n  port: a\napiServer:\n  port: b\n  port: c\nlogging: d\n",
        ),
        ("passwords.yaml", b"shared:\n  a: 1\ndevelopement: {}\n"),
    ]);
    let environment = [("SERVERPOD_REDIS_PORT", "e"), ("SERVERPOD_API_SERVER_PORT", "f")];
    let expected = "\
config/development.yaml:1:1: unknown key `port`; allowed here: apiServer, webServer, redis, sessionLogs, websocketCompression, maxRequestSize, websocketPingInterval, exposeSchema, serverId, logging
config/development.yaml:3:9: `webServer.port` is \"a\"; expected a port number from 0 to 65535
config/development.yaml:5:9: `apiServer.port` is \"b\"; expected a port number from 0 to 65535
config/development.yaml:6:3: `apiServer.port` is given again, it is already in line 5; remove one of them
config/development.yaml:7:10: `logging` is \"d\"; expected normal or verbose
config/passwords.yaml:2:6: `shared.a` is a number or Boolean; expected text in quotes
config/passwords.yaml:3:1: unknown key `developement`; allowed here: shared, development, staging, production, test (did you mean `development`?)
environment variable SERVERPOD_API_SERVER_PORT is \"f\"; expected a port number from 0 to 65535
environment variable SERVERPOD_REDIS_PORT is \"e\"; expected a port number from 0 to 65535";
    assert_eq!(folder.load(&environment, Arguments::default()), Err(expected.into()));

    let source = Source { folder: folder.0.clone(), ..Source::default() };
    assert_eq!(Config::load_from(&source).unwrap_err().problems().len(), 7);
}

#[test]
fn without_a_run_mode_no_file_of_one_is_read() {
    let folder = Folder::new(&[("development.yaml", b"port: 80"), ("passwords.yaml", b"[]")]);
    let expected = "\
config/passwords.yaml:1:1: the file is a list; expected a section with any of the keys shared, development, staging, production, test
environment variable SERVERPOD_RUN_MODE is \"prod\"; expected development, staging, production or test
environment variable SERVERPOD_REDIS_PORT is \"x\"; expected a port number from 0 to 65535";
    let environment = [("SERVERPOD_RUN_MODE", "prod"), ("SERVERPOD_REDIS_PORT", "x")];
    assert_eq!(folder.load(&environment, Arguments::default()), Err(expected.into()));
}

mod files;
mod passwords;
