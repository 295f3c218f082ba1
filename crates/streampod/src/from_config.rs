//! A server with everything that this crate brings.

use streampod_server::{Server, StartError};

/// Makes a [`Server`] as it is configured, with everything that this crate brings.
pub trait FromConfig: Sized {
    /// A server with the configuration that the command line, the environment and the files in `config/` give; all of
    /// them may be missing. With `--help`, or a mistake on the command line, it says so and ends the process. If the
    /// configuration enables Redis, that connects it with the other servers (feature `redis`, on by default).
    ///
    /// # Errors
    ///
    /// Fails if the configuration is wrong.
    fn from_config() -> Result<Self, StartError>;
}

impl FromConfig for Server {
    fn from_config() -> Result<Self, StartError> {
        let server = Server::from_process()?;
        #[cfg(feature = "redis")]
        let server = server.broker(crate::redis);
        Ok(server)
    }
}
