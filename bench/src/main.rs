//! The benchmark of Streampod and its peers: servers, and the load that measures them. `cargo xtask bench` runs both.

mod frames;
mod load;
mod payload;
mod server;

use clap::Parser;

#[derive(Parser)]
#[command(about = "Servers, and the load that measures them; `cargo xtask bench` runs both")]
enum Command {
    /// Serves until the process is ended.
    Serve {
        /// Which server.
        server: server::Server,
        /// Where it listens, on 127.0.0.1.
        #[arg(long)]
        port: u16,
        /// The port of a Redis, for servers that know one.
        #[arg(long)]
        redis: Option<u16>,
    },
    /// Measures a server, and prints what it found as JSON.
    Load {
        /// What is measured.
        scenario: load::Scenario,
        #[command(flatten)]
        options: load::Options,
    },
}

fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Serve { server, port, redis } => server::serve(server, port, redis),
        Command::Load { scenario, options } => {
            println!("{}", load::run(scenario, &options)?);
            Ok(())
        }
    }
}
