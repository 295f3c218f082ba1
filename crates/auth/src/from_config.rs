//! The store that the configuration asks for.

use std::sync::Arc;

use streampod_server::Config;

use crate::file_store::FileStore;
use crate::memory_store::MemoryStore;
use crate::store::Store;
use crate::store_error::StoreError;

/// Where things are kept if there is no Redis, in the working folder.
const FILE: &str = "data/streampod.redb";

/// The store that the configuration asks for, which is that of [`Keys::from_config`](crate::Keys::from_config): Redis if it is
/// enabled, else the file `data/streampod.redb` in the working folder. An application may keep small things of its own there, in
/// maps whose names begin with its own name.
///
/// Called again, it gives the same file. A process that only prints its schema opens nothing, and keeps things in memory.
///
/// # Errors
///
/// Fails if the file cannot be opened, for example because another process has it. Redis is not waited for.
pub fn store_from_config(config: &Config) -> Result<Arc<dyn Store>, StoreError> {
    if config.print_schema {
        return Ok(Arc::new(MemoryStore::new()));
    }
    if !config.redis.enabled {
        return Ok(Arc::new(FileStore::open(FILE)?));
    }
    #[cfg(feature = "redis")]
    return Ok(Arc::new(crate::redis_store::RedisStore::new(&config.redis)?));
    #[cfg(not(feature = "redis"))]
    Err(StoreError::WithoutRedis)
}
