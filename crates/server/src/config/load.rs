//! Reads a configuration from its sources.

use super::document::Document;
use super::error::{ConfigError, Origin, Problem};
use super::kind::{self, Kind};
use super::section::{Section, Shown, quoted};
use super::{Arguments, Compression, Config, Redis, ServerAddress, SessionLogs, Source, passwords};

/// Sections and settings of Serverpod that Streampod has no use for, so that its files can stay as they are.
const SKIPPED: [&str; 14] = [
    "allowedOrigins",
    "applyMigrations",
    "applyRepairMigration",
    "authCookie",
    "database",
    "experimental",
    "experimentalDiagnosticHandlerTimeout",
    "futureCall",
    "futureCallExecutionEnabled",
    "healthCheckInterval",
    "insightsServer",
    "role",
    "serviceSecret",
    "validateHeaders",
];

/// Likewise, in `sessionLogs`.
const SKIPPED_IN_SESSION_LOGS: [&str; 4] =
    ["cleanupInterval", "persistentEnabled", "retentionCount", "retentionPeriod"];

impl Config {
    /// Reads the folder `config` of the working directory and the environment of the process.
    ///
    /// # Errors
    ///
    /// Everything that is wrong in the files and the environment, at once.
    pub fn load() -> Result<Self, ConfigError> {
        Self::load_from(&Source::of_process(Arguments::default()))
    }

    /// Reads the files in a folder, then environment variables, then the command line; later wins.
    ///
    /// # Errors
    ///
    /// Everything that is wrong in the files and the environment, at once. That includes a value over which another
    /// one wins. Without a valid run mode, the file of the run mode is not read.
    pub fn load_from(source: &Source) -> Result<Self, ConfigError> {
        Loader { source, in_files: Vec::new(), in_environment: Vec::new() }.load()
    }
}

struct Loader<'a> {
    source: &'a Source,
    in_files: Vec<Problem>,
    in_environment: Vec<Problem>,
}

impl Loader<'_> {
    fn load(mut self) -> Result<Config, ConfigError> {
        let arguments = &self.source.arguments;
        let from_environment = self.variable("SERVERPOD_RUN_MODE", &kind::RUN_MODE);
        let is_mode_wrong = arguments.mode.is_none() && !self.in_environment.is_empty();
        let run_mode = arguments.mode.or(from_environment).unwrap_or_default();
        let mut config = Config::for_mode(run_mode);

        let document = if is_mode_wrong {
            Document::empty(self.source.folder.clone())
        } else {
            self.document(&format!("{run_mode}.yaml"))
        };
        self.settings(&document, &mut config);
        self.sort_problems_since(0);

        let first = self.in_files.len();
        let document = self.document("passwords.yaml");
        config.passwords = passwords::from_file(&document, run_mode, &mut self.in_files);
        config.passwords.extend(passwords::from_environment(self.source, &mut self.in_environment));
        config.redis.password = config.passwords.get("redis").cloned();
        self.sort_problems_since(first);

        self.in_files.append(&mut self.in_environment);
        if self.in_files.is_empty() { Ok(config) } else { Err(ConfigError::new(self.in_files)) }
    }

    /// Overwrites the defaults in `config` with what is given.
    fn settings(&mut self, document: &Document, config: &mut Config) {
        let mut whole = Section::whole(document, Shown::Value);

        self.server_address(whole.section("apiServer"), "API", &mut config.api_server);
        self.server_address(whole.section("webServer"), "WEB", &mut config.web_server);
        self.redis(whole.section("redis"), &mut config.redis);
        self.session_logs(whole.section("sessionLogs"), &mut config.session_logs);
        self.compression(whole.section("websocketCompression"), &mut config.websocket_compression);

        let size =
            self.setting(&mut whole, "maxRequestSize", "SERVERPOD_MAX_REQUEST_SIZE", &kind::SIZE_BYTES);
        overwrite(&mut config.max_request_size_bytes, size);
        let interval = self.setting(
            &mut whole,
            "websocketPingInterval",
            "SERVERPOD_WEBSOCKET_PING_INTERVAL",
            &kind::INTERVAL,
        );
        overwrite(&mut config.websocket_ping_interval, interval);
        let expose = self.setting(&mut whole, "exposeSchema", "SERVERPOD_EXPOSE_SCHEMA", &kind::BOOLEAN);
        overwrite(&mut config.expose_schema, expose);

        let arguments = &self.source.arguments;
        let server_id = self.setting(&mut whole, "serverId", "SERVERPOD_SERVER_ID", &kind::NON_EMPTY_TEXT);
        overwrite(&mut config.server_id, arguments.server_id.clone().or(server_id));
        let logging = self.setting(&mut whole, "logging", "SERVERPOD_LOGGING_MODE", &kind::LOGGING);
        overwrite(&mut config.logging, arguments.logging.or(logging));
        config.print_schema = arguments.print_schema;

        whole.finish(&SKIPPED, &mut self.in_files);
    }

    fn server_address(&mut self, mut section: Section<'_>, server: &str, address: &mut ServerAddress) {
        let variable = |name: &str| format!("SERVERPOD_{server}_SERVER_{name}");
        overwrite(&mut address.port, self.setting(&mut section, "port", &variable("PORT"), &kind::PORT));
        let host = self.setting(&mut section, "publicHost", &variable("PUBLIC_HOST"), &kind::HOST);
        overwrite(&mut address.public_host, host);
        let port = self.setting(&mut section, "publicPort", &variable("PUBLIC_PORT"), &kind::PORT);
        address.public_port = port.unwrap_or(address.port);
        let scheme = self.setting(&mut section, "publicScheme", &variable("PUBLIC_SCHEME"), &kind::SCHEME);
        overwrite(&mut address.public_scheme, scheme);
        section.finish(&[], &mut self.in_files);
    }

    fn redis(&mut self, mut section: Section<'_>, redis: &mut Redis) {
        let enabled = self.setting(&mut section, "enabled", "SERVERPOD_REDIS_ENABLED", &kind::BOOLEAN);
        let host = self.setting(&mut section, "host", "SERVERPOD_REDIS_HOST", &kind::HOST);
        let port = self.setting(&mut section, "port", "SERVERPOD_REDIS_PORT", &kind::PORT);
        let user = self.setting(&mut section, "user", "SERVERPOD_REDIS_USER", &kind::TEXT);
        let require_ssl =
            self.setting(&mut section, "requireSsl", "SERVERPOD_REDIS_REQUIRE_SSL", &kind::BOOLEAN);
        let waiting =
            self.setting(&mut section, "waitingPosts", "SERVERPOD_REDIS_WAITING_POSTS", &kind::COUNT);
        section.finish(&[], &mut self.in_files);

        let is_configured =
            host.is_some() || port.is_some() || user.is_some() || require_ssl.is_some() || waiting.is_some();
        redis.enabled = enabled.unwrap_or(is_configured);
        overwrite(&mut redis.host, host);
        overwrite(&mut redis.port, port);
        redis.user = user.filter(|user| !user.is_empty());
        overwrite(&mut redis.require_ssl, require_ssl);
        overwrite(&mut redis.waiting_posts, waiting);
    }

    fn session_logs(&mut self, mut section: Section<'_>, logs: &mut SessionLogs) {
        let enabled = self.setting(
            &mut section,
            "consoleEnabled",
            "SERVERPOD_SESSION_CONSOLE_LOG_ENABLED",
            &kind::BOOLEAN,
        );
        overwrite(&mut logs.console_enabled, enabled);
        let format = self.setting(
            &mut section,
            "consoleLogFormat",
            "SERVERPOD_SESSION_CONSOLE_LOG_FORMAT",
            &kind::LOG_FORMAT,
        );
        overwrite(&mut logs.console_log_format, format);
        section.finish(&SKIPPED_IN_SESSION_LOGS, &mut self.in_files);
    }

    fn compression(&mut self, mut section: Section<'_>, compression: &mut Compression) {
        const ENABLED: &str = "SERVERPOD_WEBSOCKET_COMPRESSION_ENABLED";
        const THRESHOLD: &str = "SERVERPOD_WEBSOCKET_COMPRESSION_THRESHOLD";
        overwrite(&mut compression.enabled, self.setting(&mut section, "enabled", ENABLED, &kind::BOOLEAN));
        let threshold = self.setting(&mut section, "threshold", THRESHOLD, &kind::SIZE_BYTES);
        overwrite(&mut compression.threshold_bytes, threshold);
        section.finish(&[], &mut self.in_files);
    }

    /// A setting from the environment, else from the file. Both are read, so that both are checked.
    fn setting<T>(
        &mut self,
        section: &mut Section<'_>,
        key: &'static str,
        variable: &str,
        kind: &Kind<T>,
    ) -> Option<T> {
        let from_file = section.value(key, kind, &mut self.in_files);
        self.variable(variable, kind).or(from_file)
    }

    fn variable<T>(&mut self, name: &str, kind: &Kind<T>) -> Option<T> {
        let value = self.source.variable(name)?;
        let read = value.to_str().and_then(kind.read);
        if read.is_none() {
            self.in_environment.push(Problem::WrongValue {
                origin: Origin::Environment { name: name.into() },
                found: quoted(&value.to_string_lossy()),
                expected: kind.expected.into(),
            });
        }
        read
    }

    fn document(&mut self, file_name: &str) -> Document {
        Document::read(self.source.folder.join(file_name), &mut self.in_files)
    }

    /// Puts the problems of one file in the order of its lines.
    fn sort_problems_since(&mut self, first: usize) {
        self.in_files[first..].sort_by(|a, b| a.location().cmp(&b.location()));
    }
}

fn overwrite<T>(setting: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *setting = given;
    }
}
