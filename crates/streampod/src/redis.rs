//! The broker that connects servers.

use std::sync::Arc;

use streampod_events::Broker;
use streampod_events_redis::{RedisBroker, RedisSettings};
use streampod_server::{Redis, Secret};
use streampod_wire::Catalog;

/// What connects a server with others through Redis, for [`Server::broker`](crate::Server::broker). A server made by
/// [`from_config`](crate::FromConfig::from_config) has it.
///
/// # Panics
///
/// Panics outside of a tokio runtime.
pub fn redis(config: &Redis, catalog: Arc<Catalog>) -> Arc<dyn Broker> {
    let settings = RedisSettings {
        host: config.host.clone(),
        port: config.port,
        user: config.user.clone(),
        password: config.password.as_ref().map(|password| Secret::expose(password).to_owned()),
        tls: config.require_ssl,
        waiting_posts: config.waiting_posts,
        ..RedisSettings::default()
    };
    RedisBroker::connect(settings, catalog)
}
