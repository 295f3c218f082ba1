//! A store in Redis.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{Cmd, FromRedisValue, Pipeline, RedisResult};
use streampod_server::Redis;

use crate::redis_connection::{AskError, Connector};
use crate::store::{Store, StoreFuture};
use crate::store_error::StoreError;

/// How long Redis may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// A store in Redis, which several servers share. Each map is a hash of the name `streampod:<map>`.
///
/// It has one connection, which is made when something is asked for the first time, and again when it was lost. Redis may take 3 s to be
/// reached and 3 s to answer. What is only read is asked once more if the connection is lost on the way. A Redis that says that it is
/// not the primary any more, or not ready, is left: what was asked fails, and the next use connects anew.
///
/// How safely things are kept is Redis' configuration: by default it writes to the disk now and then, and what was put in the last
/// minutes before a crash may be gone.
pub struct RedisStore {
    connector: Connector,
}

impl RedisStore {
    /// The store in the Redis that the configuration names. Whether that is enabled is not asked, and nothing is sent yet.
    ///
    /// # Errors
    ///
    /// Fails if it is to be encrypted, and no certificate can be for the host.
    pub fn new(redis: &Redis) -> Result<Self, StoreError> {
        let connector = Connector::new(redis);
        let connector = connector.map_err(|error| error.at(&format!("{}:{}", redis.host, redis.port)))?;
        Ok(Self { connector })
    }

    /// Asks once.
    async fn ask<T: FromRedisValue>(&self, commands: &Commands) -> Result<T, AskError> {
        let mut connection = self.connector.connection().await?;
        let asking = commands.ask(&mut connection.commands);
        let asked = match tokio::time::timeout(ANSWER_TIMEOUT, asking).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => AskError::of_command(&error),
            Err(_) => AskError::TimedOut(ANSWER_TIMEOUT),
        };
        if asked.is_lost() {
            self.connector.lost(&connection);
        }
        Err(asked)
    }

    async fn change<T: FromRedisValue>(&self, commands: &Commands) -> Result<T, StoreError> {
        self.ask(commands).await.map_err(|error| error.at(self.connector.address()))
    }

    /// Asks, and once more if the connection turned out to be lost, which happens after Redis was restarted.
    async fn read<T: FromRedisValue>(&self, commands: &Commands) -> Result<T, StoreError> {
        let asked = match self.ask(commands).await {
            Err(AskError::Lost(_)) => self.ask(commands).await,
            asked => asked,
        };
        asked.map_err(|error| error.at(self.connector.address()))
    }
}

impl Store for RedisStore {
    fn get<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        Box::pin(async move {
            let found: Option<Vec<u8>> = self.read(&Commands::One(Cmd::hget(name(map), key))).await?;
            Ok(found.map(Bytes::from))
        })
    }

    fn put<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, ()> {
        Box::pin(async move { self.change(&Commands::One(Cmd::hset(name(map), key, &*value))).await })
    }

    fn put_new<'a>(&'a self, map: &'a str, key: &'a str, value: Bytes) -> StoreFuture<'a, bool> {
        Box::pin(async move { self.change(&Commands::One(Cmd::hset_nx(name(map), key, &*value))).await })
    }

    fn remove<'a>(&'a self, map: &'a str, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        Box::pin(async move {
            let mut commands = redis::pipe();
            commands.atomic().hget(name(map), key).hdel(name(map), key).ignore();
            let (removed,): (Option<Vec<u8>>,) = self.change(&Commands::Together(commands)).await?;
            Ok(removed.map(Bytes::from))
        })
    }

    fn entries<'a>(&'a self, map: &'a str) -> StoreFuture<'a, Vec<(String, Bytes)>> {
        Box::pin(async move {
            let entries: Vec<(String, Vec<u8>)> = self.read(&Commands::One(Cmd::hgetall(name(map)))).await?;
            let mut entries: Vec<_> =
                entries.into_iter().map(|(key, value)| (key, Bytes::from(value))).collect();
            entries.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            Ok(entries)
        })
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("address", &self.connector.address()).finish()
    }
}

/// What Redis is asked.
enum Commands {
    One(Cmd),
    /// All or none, with nobody in between.
    Together(Pipeline),
}

impl Commands {
    async fn ask<T: FromRedisValue>(&self, connection: &mut MultiplexedConnection) -> RedisResult<T> {
        match self {
            Self::One(command) => command.query_async(connection).await,
            Self::Together(commands) => commands.query_async(connection).await,
        }
    }
}

/// What a map is called in Redis.
fn name(map: &str) -> String {
    format!("streampod:{map}")
}
