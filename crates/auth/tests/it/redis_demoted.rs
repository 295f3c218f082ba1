//! A Redis that is not the primary any more, though its connections stay.

use std::sync::Arc;

use parking_lot::Mutex;
use streampod_auth::{RedisStore, Store, StoreError};
use streampod_redis_fixture::RedisServer;
use streampod_server::Redis;
use tokio::net::{TcpListener, TcpStream};

/// An address that leads to one Redis, and then to another, as a name does whose entry is changed. Connections stay where they are.
struct Address {
    port: u16,
    leads_to: Arc<Mutex<u16>>,
}

impl Address {
    async fn of(redis: &RedisServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = Self {
            port: listener.local_addr().unwrap().port(),
            leads_to: Arc::new(Mutex::new(redis.port())),
        };
        let leads_to = Arc::clone(&address.leads_to);
        tokio::spawn(async move {
            while let Ok((mut here, _)) = listener.accept().await {
                let port = *leads_to.lock();
                tokio::spawn(async move {
                    let mut there = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut here, &mut there).await;
                });
            }
        });
        address
    }

    fn leads_to(&self, redis: &RedisServer) {
        *self.leads_to.lock() = redis.port();
    }

    fn store(&self) -> RedisStore {
        let settings = Redis { host: "127.0.0.1".into(), port: self.port, ..Redis::default() };
        RedisStore::new(&settings).unwrap()
    }
}

/// Each change fails once, on the connection to the old primary, and is made on the new one then.
#[tokio::test]
async fn changes_go_to_the_new_primary() {
    for change in ["put", "put_new", "remove"] {
        let (old, new) = (RedisServer::start().await, RedisServer::start().await);
        let address = Address::of(&old).await;
        let store = address.store();
        store.put("map", "one", "1".into()).await.unwrap();
        new.run(&["HSET", "streampod:map", "two", "2"]).await;

        let answer = old.run(&["REPLICAOF", "127.0.0.1", &new.port().to_string()]).await;
        assert!(answer.starts_with("+OK"), "{answer}");
        address.leads_to(&new);
        let make = async || match change {
            "put" => store.put("map", "three", "3".into()).await,
            "put_new" => store.put_new("map", "three", "3".into()).await.map(drop),
            _ => store.remove("map", "two").await.map(drop),
        };
        check_error(&make().await.unwrap_err(), "read only replica");
        make().await.unwrap();
        let expected = if change == "remove" { "$-1\r\n" } else { "$1\r\n3\r\n" };
        let key = if change == "remove" { "two" } else { "three" };
        assert_eq!(new.run(&["HGET", "streampod:map", key]).await, expected, "{change}");
    }
}

/// A replica that has lost its primary may refuse to be read, too.
#[tokio::test]
async fn reads_go_to_who_serves() {
    let old = RedisServer::start_with(&["--replica-serve-stale-data", "no"]).await;
    let new = RedisServer::start().await;
    let address = Address::of(&old).await;
    let store = address.store();
    store.put("map", "key", "old".into()).await.unwrap();
    new.run(&["HSET", "streampod:map", "key", "new"]).await;

    // Nobody is there.
    let nobody = RedisServer::stopped().port().to_string();
    old.run(&["REPLICAOF", "127.0.0.1", &nobody]).await;
    address.leads_to(&new);
    check_error(&store.get("map", "key").await.unwrap_err(), "MasterDown");
    assert_eq!(store.get("map", "key").await.unwrap().as_deref(), Some(&b"new"[..]));
}

fn check_error(error: &StoreError, part: &str) {
    let why = std::error::Error::source(error).unwrap().to_string();
    assert!(why.contains("cannot serve") && why.contains(part), "{why}");
}
