//! The conformance server as a program, on port 8080 or as configured.

use streampod::{Server, StartError};

#[tokio::main]
async fn main() {
    if let Err(error) = run().await {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

async fn run() -> Result<(), StartError> {
    conformance::endpoints(Server::from_config()?).run().await
}
