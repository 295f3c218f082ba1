//! A server whose endpoints let any Serverpod client, and its tests, run against Streampod.
//!
//! Names and behaviour are the public contract of such a server; what a method does is in its documentation only where
//! its name does not say it.

mod basic_types;
mod collections;
mod identity_set;
mod logins;
mod method_streaming;
mod model_parameters;
mod models;
mod redis;
mod simple;
mod streaming_endpoints;
mod test_module;
mod test_tools;

use std::sync::Arc;

use streampod::auth::{Keys, MemoryStore};
use streampod::{Config, Server};

pub use models::{
    AuthenticationResponse, CustomClass, ExceptionWithData, SimpleData, TestEnum, TestEnumStringified, Types,
    UserInfo,
};
pub use test_module::ModuleClass;

/// The conformance server.
pub fn server(config: Config) -> Server {
    endpoints(Server::new(config).broker(streampod::redis))
}

/// Adds the endpoints of the conformance server.
pub fn endpoints(server: Server) -> Server {
    let (keys, users) = (keys(server.config()), logins::Users::default());
    streaming_endpoints::add(server)
        .authentication(keys.handler())
        .endpoint(logins::Authentication { keys: keys.clone(), users: users.clone() })
        .endpoint(logins::Status { keys, users })
        .endpoint(logins::AuthenticatedTestTools)
        .endpoint(basic_types::BasicTypes)
        .endpoint(basic_types::BasicTypesStreaming)
        .endpoint(collections::ListParameters)
        .endpoint(collections::MapParameters)
        .endpoint(collections::SetParameters)
        .endpoint(collections::RecordParameters)
        .endpoint(logins::AuthenticatedMethodStreaming)
        .endpoint(method_streaming::MethodStreaming::default())
        .endpoint(model_parameters::ModelParameters)
        .endpoint(redis::Redis)
        .endpoint(simple::Simple::default())
        .endpoint(simple::NamedParameters)
        .endpoint(simple::OptionalParameters)
        .endpoint(simple::ExceptionTest)
        .endpoint(simple::FailedCalls)
        .endpoint(simple::Upload)
        .endpoint(test_module::Module)
        .endpoint(test_tools::TestTools)
        .models(models::spy::all)
        .model::<TestEnumStringified>()
        .exception::<ExceptionWithData>()
}

/// Keys in Redis if it is enabled, else in memory: this server leaves nothing behind.
fn keys(config: &Config) -> Keys {
    if !config.redis.enabled {
        return Keys::new(Arc::new(MemoryStore::default()));
    }
    Keys::from_config(config).unwrap_or_else(|error| panic!("{error}"))
}

/// The code in the Rust client's README, which calls this server.
#[cfg(doctest)]
#[doc = include_str!("../../crates/client/README.md")]
struct ClientReadme;
