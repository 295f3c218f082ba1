//! The conformance server as a program, on port 8080 or as configured.

use streampod::{FromConfig, Server, StartError};

#[tokio::main]
async fn main() -> Result<(), StartError> {
    conformance::endpoints(Server::from_config()?).run().await
}
