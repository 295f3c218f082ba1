//! The command line of a server.

use std::ffi::OsString;

use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{Logging, RunMode};

const CONFIGURATION: &str = "\
Configuration, none of which is needed; the later wins:
  config/<MODE>.yaml      Settings of the run mode, in the working directory
  config/passwords.yaml   Passwords: `shared:` and one section for each run mode
  environment variables   SERVERPOD_RUN_MODE, SERVERPOD_SERVER_ID, SERVERPOD_LOGGING_MODE,
                          SERVERPOD_API_SERVER_PORT, …, SERVERPOD_PASSWORD_<NAME>
  the options above";

/// The command line of a server: `--mode`, `--server-id`, `--logging` and `--print-schema`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arguments {
    /// `--mode`: wins over `SERVERPOD_RUN_MODE`.
    pub mode: Option<RunMode>,
    /// `--server-id`: wins over `SERVERPOD_SERVER_ID` and the file's `serverId`.
    pub server_id: Option<String>,
    /// `--logging`: wins over `SERVERPOD_LOGGING_MODE` and the file's `logging`.
    pub logging: Option<Logging>,
    /// `--print-schema`: the caller is asked to print the schema as JSON and exit.
    pub print_schema: bool,
}

impl Arguments {
    /// Reads a command line, whose first item is the program's name: `Arguments::parse_from(std::env::args_os())`.
    ///
    /// # Errors
    ///
    /// An unknown argument, a wrong value, or `--help`. All three are texts for the user: a `main` function calls
    /// [`clap::Error::exit`], which prints help to standard output with status 0 and the rest to standard error with 2.
    pub fn parse_from(
        arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, clap::Error> {
        Ok(Self::from_matches(&command().try_get_matches_from(arguments)?))
    }

    fn from_matches(matches: &ArgMatches) -> Self {
        Self {
            mode: matches.get_one("mode").copied(),
            server_id: matches.get_one("server-id").cloned(),
            logging: matches.get_one("logging").copied(),
            print_schema: matches.get_flag("print-schema"),
        }
    }
}

fn command() -> Command {
    Command::new("server")
        .about("Runs the server until it is told to stop.")
        .after_help(CONFIGURATION)
        .arg(
            option("mode", 'm', "MODE", "development, staging, production or test [default: development]")
                .value_parser(
                    PossibleValuesParser::new(RunMode::ALL.iter().map(|mode| mode.as_str()))
                        .try_map(|name| name.parse::<RunMode>()),
                ),
        )
        .arg(
            option("server-id", 'i', "ID", "Name of this process among several servers [default: default]")
                .value_parser(NonEmptyStringValueParser::new()),
        )
        .arg(
            option(
                "logging",
                'l',
                "AMOUNT",
                "normal (level info) or verbose (level debug) [default: normal]",
            )
            .value_parser(
                PossibleValuesParser::new(Logging::ALL.iter().map(|logging| logging.as_str()))
                    .try_map(|name| name.parse::<Logging>()),
            ),
        )
        .arg(
            Arg::new("print-schema")
                .long("print-schema")
                .action(ArgAction::SetTrue)
                .help("Print the schema, from which clients are generated, as JSON and exit"),
        )
}

fn option(name: &'static str, short: char, value_name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).short(short).value_name(value_name).hide_possible_values(true).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &str) -> Result<Arguments, String> {
        Arguments::parse_from(std::iter::once("server").chain(arguments.split_whitespace()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn options_have_the_names_of_serverpod() {
        assert_eq!(parse(""), Ok(Arguments::default()));
        let expected = Arguments {
            mode: Some(RunMode::Production),
            server_id: Some("a".into()),
            logging: Some(Logging::Verbose),
            print_schema: true,
        };
        assert_eq!(
            parse("--mode production --server-id=a --logging verbose --print-schema"),
            Ok(expected.clone())
        );
        assert_eq!(parse("-m production -i a -l verbose --print-schema"), Ok(expected));
    }

    #[test]
    fn errors_say_what_is_allowed() {
        let cases = [
            ("--mode prod", "[possible values: development, staging, production, test]"),
            ("--mode Test", "[possible values: development, staging, production, test]"),
            ("--logging loud", "[possible values: normal, verbose]"),
            ("--server-id=", "a value is required for '--server-id <ID>' but none was supplied"),
            ("--serverid x", "a similar argument exists: '--server-id'"),
            ("production", "unexpected argument 'production' found"),
        ];
        for (arguments, expected) in cases {
            let error = parse(arguments).unwrap_err();
            assert!(error.contains(expected), "{arguments}: {error}");
        }
    }

    #[test]
    fn help_tells_where_configuration_comes_from() {
        let help = parse("--help").unwrap_err();
        for expected in
            ["--print-schema", "config/<MODE>.yaml", "config/passwords.yaml", "SERVERPOD_RUN_MODE"]
        {
            assert!(help.contains(expected), "{help}");
        }
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
}
