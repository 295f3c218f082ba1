//! What the command line understands.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::generate::{Mode, SchemaSource};
use crate::project::Language;
use crate::{Outcome, create, generate, inspect};

const EXIT_CODES: &str = "\
Exit codes:
  0  Done
  1  `generate --check` found that clients are not up to date
  2  Anything that failed";

const CREATE: &str = "\
Examples:
  streampod create demo
  streampod create demo --streampod ../streampod

What is created builds and runs with nothing but Rust: a server, its models, a client in Rust, and a web page
whose client is JavaScript without a build step. The commands to go on with are printed at the end.";

const GENERATE: &str = "\
Examples:
  streampod generate                      Write the clients
  streampod generate --watch              … and again whenever the server's code or models change
  streampod generate --check              Fail if they are not up to date: for CI
  streampod generate --lang dart          One of the clients alone
  streampod inspect http://localhost:8080 --json | streampod generate --schema -

A streampod.yaml:
  server: demo-server                     # the Cargo package whose program tells the schema
  dart:
    output: clients/demo_client           # where the package goes; also its name, unless `package:` says another
    serverpod: 3.4                        # the version of serverpod_client: 3.4, which is the default, or 2.9
  typescript:                             # or javascript: for modules that browsers run as they are
    output: web/src/client
    runtime: '@streampod/client'          # where the runtime is imported from
  rust:
    output: clients/rust

Paths begin at the folder of streampod.yaml. Only files that change are written. A file that was generated before and
is not any more is removed; .streampod-files in the output folder lists them. Others are never touched.

Exit codes:
  0  Done, or up to date
  1  With --check: not up to date; the files are listed
  2  Anything that failed, such as a server that cannot be built";

const INSPECT: &str = "\
Examples:
  streampod inspect http://localhost:8080
  streampod inspect http://localhost:8080 --models
  streampod inspect http://localhost:8080 --json > schema.json

A server shows its schema in development. In other run modes it does so with `exposeSchema: true` in its configuration
or SERVERPOD_EXPOSE_SCHEMA=true in its environment.";

/// Does what the command line asks for. With `--help`, or a mistake on it, it says so and ends the process.
pub(crate) fn run() -> anyhow::Result<Outcome> {
    let mut matches = command().get_matches();
    match matches.remove_subcommand() {
        Some((name, arguments)) if name == "create" => create::run(&create_request(&arguments)),
        Some((name, arguments)) if name == "generate" => generate::run(&generate_request(&arguments)),
        Some((_, arguments)) => inspect::run(&inspect_request(&arguments)),
        // Clap asks for one.
        None => Ok(Outcome::Done),
    }
}

fn command() -> Command {
    let heading = AnsiColor::Green.on_default().bold();
    let literal = AnsiColor::Cyan.on_default().bold();
    Command::new("streampod")
        .about("Creates Streampod projects, generates clients, and shows what a server offers")
        .version(env!("CARGO_PKG_VERSION"))
        .styles(Styles::styled().header(heading).usage(heading).literal(literal))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help(EXIT_CODES)
        .subcommands([create_command(), generate_command(), inspect_command()])
}

fn create_command() -> Command {
    Command::new("create")
        .about("Creates a project: a server, its models, a client in Rust, and a web page")
        .after_help(CREATE)
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .help("The name of the project and of its folder: lower case letters, digits, - and _"),
        )
        .arg(
            Arg::new("streampod")
                .long("streampod")
                .value_name("PATH|VERSION")
                .help("Where Streampod is from: a checkout of it, or a published version"),
        )
}

fn create_request(arguments: &ArgMatches) -> create::Request {
    create::Request {
        name: arguments.get_one::<String>("name").cloned().unwrap_or_default(),
        streampod: arguments.get_one("streampod").cloned(),
    }
}

fn generate_command() -> Command {
    let languages = PossibleValuesParser::new(Language::ALL.map(Language::name));
    Command::new("generate")
        .about("Generates the clients that streampod.yaml names, from what the server says of itself")
        .after_help(GENERATE)
        .arg(
            Arg::new("lang")
                .long("lang")
                .value_name("LANGUAGE")
                .value_delimiter(',')
                .action(ArgAction::Append)
                .value_parser(languages)
                .help("Only the clients in these languages"),
        )
        .arg(
            Arg::new("check")
                .long("check")
                .action(ArgAction::SetTrue)
                .help("Write nothing; list the files that are not up to date, and fail if there are any"),
        )
        .arg(
            Arg::new("watch")
                .long("watch")
                .action(ArgAction::SetTrue)
                .conflicts_with("check")
                .help("Go on, and generate again whenever a source changes"),
        )
        .arg(
            Arg::new("schema").long("schema").value_name("FILE").value_parser(value_parser!(PathBuf)).help(
                "Take the schema from a file, or with - from standard input, instead of asking the server",
            ),
        )
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("The streampod.yaml [default: that of this folder, or of the nearest above]"),
        )
}

fn generate_request(arguments: &ArgMatches) -> generate::Request {
    let languages = arguments.get_many::<String>("lang").unwrap_or_default();
    generate::Request {
        config: arguments.get_one("config").cloned(),
        schema: match arguments.get_one::<PathBuf>("schema") {
            None => SchemaSource::Server,
            Some(path) if path.as_os_str() == "-" => SchemaSource::StandardInput,
            Some(path) => SchemaSource::File(path.clone()),
        },
        languages: languages.filter_map(|name| Language::of(name)).collect(),
        mode: match (arguments.get_flag("check"), arguments.get_flag("watch")) {
            (true, _) => Mode::Check,
            (false, true) => Mode::Watch,
            (false, false) => Mode::Write,
        },
    }
}

fn inspect_command() -> Command {
    Command::new("inspect")
        .about("Lists the endpoints of a running server")
        .after_help(INSPECT)
        .arg(
            Arg::new("url")
                .value_name("URL")
                .required(true)
                .help("Where the server's API is, such as http://localhost:8080"),
        )
        .arg(Arg::new("models").long("models").action(ArgAction::SetTrue).help("List the models too"))
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .conflicts_with("models")
                .help("Print the whole schema as JSON"),
        )
}

fn inspect_request(arguments: &ArgMatches) -> inspect::Request {
    inspect::Request {
        url: arguments.get_one::<String>("url").cloned().unwrap_or_default(),
        form: match (arguments.get_flag("json"), arguments.get_flag("models")) {
            (true, _) => inspect::Form::Json,
            (false, true) => inspect::Form::WithModels,
            (false, false) => inspect::Form::Endpoints,
        },
    }
}
