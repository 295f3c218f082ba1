//! Several servers and a real Redis: processes that know of nothing else in common.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use streampod_redis_fixture::RedisServer;

use crate::kit::{Call, Client, Process, Response, request, within};

/// The channel of `testTools.listenForNumbersOnSharedStream`.
const CHANNEL: &str = "shared-stream";
/// How soon rights end on other servers.
const SOON: Duration = Duration::from_secs(1);
/// Signs a user out on every device.
const SIGN_OUT: &str = "/authentication/signOut";

/// Servers that share a Redis.
struct Cluster {
    redis: RedisServer,
    servers: Vec<Process>,
}

impl Cluster {
    async fn start(servers: usize) -> Self {
        let redis = RedisServer::start().await;
        let port = redis.port().to_string();
        let variables = [("SERVERPOD_REDIS_ENABLED", "true"), ("SERVERPOD_REDIS_PORT", port.as_str())];
        let servers = futures_util::future::join_all((0..servers).map(|_| Process::start(&variables))).await;
        Self { redis, servers }
    }

    /// A client of one server that listens on the channel; ready when as many connections subscribe to that.
    async fn listen(&self, server: usize, subscribers: u64) -> Listener {
        let mut client = self.servers[server].connect().await;
        let call = Call::new(1, "testTools", "listenForNumbersOnSharedStream");
        client.send(call.open(json!({}), &[])).await;
        client.expect(call.opened("success")).await;
        self.subscribed(CHANNEL, subscribers).await;
        Listener { client, call }
    }

    /// Waits until so many connections subscribe to a channel.
    async fn subscribed(&self, channel: &str, count: u64) {
        let poll = async {
            while self.redis.subscribers(channel).await != count {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        within("the subscriptions", poll).await;
    }

    async fn call(&self, server: usize, path: &str, token: Option<&str>, body: Json) -> Response {
        let token = token.map(|token| format!("\r\nauthorization: Bearer {token}")).unwrap_or_default();
        request(self.servers[server].port(), &format!("POST {path} HTTP/1.1{token}"), &body.to_string()).await
    }

    async fn post(&self, server: usize, number: i64) -> u16 {
        self.call(server, "/testTools/postNumberToSharedStream", None, json!({ "number": number }))
            .await
            .status
    }

    /// Signs in on one server; what a client sends from then on.
    async fn sign_in(&self, server: usize, scopes: &[&str]) -> String {
        let body = json!({ "email": "test@foo.bar", "password": "password", "scopes": scopes });
        let answer = self.call(server, "/authentication/authenticate", None, body).await;
        let answer: Json = serde_json::from_str(&answer.body).unwrap();
        format!("{}:{}", answer["keyId"], answer["key"].as_str().unwrap())
    }

    /// Opens an echo for administrators.
    async fn echo(&self, server: usize, token: &str) -> Echo {
        let mut client = self.servers[server].connect().await;
        let call = Call::new(1, "authenticatedMethodStreaming", "intEchoStream");
        client.send(call.open_as(token, json!({}), &["stream"])).await;
        client.expect(call.opened("success")).await;
        let mut echo = Echo { client, call };
        echo.works().await;
        echo
    }
}

struct Listener {
    client: Client,
    call: Call,
}

impl Listener {
    async fn next(&mut self) -> i64 {
        let frame = self.client.frame().await;
        let number =
            frame["data"]["o"]["data"].as_i64().unwrap_or_else(|| panic!("expected a number, found {frame}"));
        assert_eq!(frame, self.call.element("int", json!(number)));
        number
    }
}

struct Echo {
    client: Client,
    call: Call,
}

impl Echo {
    async fn works(&mut self) {
        self.client.send(self.call.feed("stream", "int", json!(7))).await;
        self.client.expect(self.call.element("int", json!(7))).await;
    }

    /// It is closed with an error, and so is its parameter; the socket stays open.
    async fn ends(&mut self) {
        self.client.expect(self.call.close("error")).await;
        self.client.expect(self.call.close_input("stream", "error")).await;
        self.client.send(json!({ "type": "ping" })).await;
        self.client.expect(json!({ "type": "pong" })).await;
    }
}

/// Every server receives every message once, and all in the same order, that of each poster among them.
#[tokio::test]
async fn a_message_posted_on_one_server_arrives_on_all_once() {
    const POSTS: i64 = 40;
    let cluster = Cluster::start(3).await;
    let mut listeners = Vec::new();
    for server in 0..3 {
        listeners.push(cluster.listen(server, server as u64 + 1).await);
    }
    futures_util::future::join_all((0..3).map(async |server| {
        for number in 0..POSTS {
            assert_eq!(cluster.post(server as usize, server * POSTS + number).await, 200);
        }
    }))
    .await;
    assert_eq!(cluster.post(0, -1).await, 200);
    let mut orders = Vec::new();
    for listener in &mut listeners {
        let mut order = Vec::new();
        while let number @ 0.. = listener.next().await {
            order.push(number);
        }
        orders.push(order);
    }
    assert!(orders.iter().all(|order| *order == orders[0]));
    for server in 0..3 {
        let of_server = orders[0].iter().copied().filter(|number| number / POSTS == server);
        assert!(of_server.eq(server * POSTS..(server + 1) * POSTS), "{:?}", orders[0]);
    }
    // Nobody listens any more, and so does nobody to Redis.
    for listener in listeners {
        listener.client.close().await;
    }
    cluster.subscribed(CHANNEL, 0).await;
}

#[tokio::test]
async fn rights_that_are_taken_away_end_on_every_server() {
    let cluster = Cluster::start(3).await;
    let (token, other) = (
        cluster.sign_in(0, &["serverpod.admin"]).await,
        cluster.sign_in(1, &["serverpod.admin", "user"]).await,
    );
    let mut echoes = Vec::new();
    for (server, token) in [(0, &token), (1, &token), (2, &token), (2, &other)] {
        echoes.push(cluster.echo(server, token).await);
    }
    cluster.subscribed("_serverpod_revoked_authentication_1", 3).await;
    let start = Instant::now();
    assert_eq!(cluster.call(1, SIGN_OUT, Some(&other), json!({})).await.status, 200);
    for echo in &mut echoes {
        echo.ends().await;
    }
    assert!(start.elapsed() < SOON, "it took {:?}", start.elapsed());
    // Whoever comes back is nobody.
    for (server, Echo { client, .. }) in echoes.iter_mut().take(3).enumerate() {
        let path = "/signInRequired/testMethod";
        assert_eq!(cluster.call(server, path, Some(&token), json!({})).await.status, 401);
        let call = Call::new(2, "authenticatedMethodStreaming", "intEchoStream");
        client.send(call.open_as(&token, json!({}), &["stream"])).await;
        client.expect(call.opened("authenticationFailed")).await;
    }
    // With the last call of the user, its server stops listening for what it loses.
    cluster.subscribed("_serverpod_revoked_authentication_1", 0).await;
}

#[tokio::test]
async fn a_scope_that_is_taken_away_ends_what_needs_it_on_every_server() {
    let cluster = Cluster::start(2).await;
    let token = cluster.sign_in(0, &["serverpod.admin", "user"]).await;
    let mut echo = cluster.echo(1, &token).await;
    let numbers = Call::new(2, "authenticatedTestTools", "intEchoStream");
    echo.client.send(numbers.open_as(&token, json!({}), &["stream"])).await;
    echo.client.expect(numbers.opened("success")).await;
    cluster.subscribed("_serverpod_revoked_authentication_1", 1).await;
    let body = json!({ "userId": 1, "scopes": ["user"] });
    assert_eq!(cluster.call(0, "/authentication/updateScopes", None, body).await.status, 200);
    echo.ends().await;
    echo.client.send(numbers.feed("stream", "int", json!(1))).await;
    echo.client.expect(numbers.element("int", json!(1))).await;
    assert_eq!(cluster.call(1, "/signInRequired/testMethod", Some(&token), json!({})).await.status, 200);
    assert_eq!(cluster.call(1, "/adminScopeRequired/testMethod", Some(&token), json!({})).await.status, 403);
}

/// What is lost with a server is its own connections.
#[tokio::test]
async fn a_killed_server_takes_nothing_else_along() {
    let mut cluster = Cluster::start(3).await;
    let mut listeners = Vec::new();
    for server in 0..3 {
        listeners.push(cluster.listen(server, server as u64 + 1).await);
    }
    let token = cluster.sign_in(2, &["serverpod.admin"]).await;
    let mut echo = cluster.echo(0, &token).await;
    let mut killed = cluster.servers.pop().unwrap();
    killed.signal("KILL");
    killed.ended().await;
    assert_eq!(listeners.pop().unwrap().client.receive().await, None);
    assert_eq!(cluster.post(0, 1).await, 200);
    assert_eq!(cluster.post(1, 2).await, 200);
    for listener in &mut listeners {
        assert_eq!((listener.next().await, listener.next().await), (1, 2));
    }
    // Who had signed in there is signed in still.
    echo.works().await;
    assert_eq!(cluster.call(1, "/signInRequired/testMethod", Some(&token), json!({})).await.status, 200);
    cluster.subscribed(CHANNEL, 2).await;
}

/// The servers stay up, posts report failure, subscriptions report the gap, and everything flows again without a restart.
#[tokio::test]
async fn redis_may_be_gone_for_a_while() {
    const OUTAGE: Duration = Duration::from_secs(10);
    let mut cluster = Cluster::start(2).await;
    let mut listeners = [cluster.listen(0, 1).await, cluster.listen(1, 2).await];
    let token = cluster.sign_in(0, &["serverpod.admin"]).await;
    let mut echo = cluster.echo(1, &token).await;
    assert_eq!(cluster.post(0, 1).await, 200);
    for listener in &mut listeners {
        assert_eq!(listener.next().await, 1);
    }

    cluster.redis.kill();
    let start = Instant::now();
    while start.elapsed() < OUTAGE {
        for server in 0..2 {
            assert_eq!(cluster.post(server, 2).await, 500);
            let hello = cluster.call(server, "/simple/hello", None, json!({ "name": "Ada" })).await;
            assert_eq!((hello.status, &*hello.body), (200, r#""Hello Ada""#));
            // Nobody knows who calls: that is an error, and no refusal.
            let unknown = cluster.call(server, "/signInRequired/testMethod", Some(&token), json!({})).await;
            assert_eq!(unknown.status, 500);
        }
        echo.works().await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    cluster.redis.restart().await;

    // The method passes its subscription on, and so ends with the error that tells of the gap.
    for listener in &mut listeners {
        listener.client.expect(listener.call.close("error")).await;
    }
    // This Redis keeps nothing, so nobody is signed in any more; the servers find out by themselves.
    echo.ends().await;
    let mut listeners = [cluster.listen(0, 1).await, cluster.listen(1, 2).await];
    for server in 0..2 {
        let posted = async { while cluster.post(server, 3).await != 200 {} };
        within("a post", posted).await;
    }
    for listener in &mut listeners {
        assert_eq!((listener.next().await, listener.next().await), (3, 3));
    }
    let token = cluster.sign_in(1, &["serverpod.admin"]).await;
    cluster.echo(0, &token).await;
    for server in &cluster.servers {
        let log = server.log();
        assert!(log.contains("may have been missed"), "{log}");
        assert_eq!(log.matches("lost a connection to Redis").count(), 1, "{log}");
    }
}

/// A server that was not told of a revocation asks again when its connection is back: who has lost nothing notices nothing.
#[tokio::test]
async fn sign_ins_are_checked_again_after_an_interruption() {
    let cluster = Cluster::start(1).await;
    let (kept, lost) =
        (cluster.sign_in(0, &["serverpod.admin"]).await, cluster.sign_in(0, &["serverpod.admin"]).await);
    // They are checked in this order.
    let (mut kept, mut ended) = (cluster.echo(0, &kept).await, cluster.echo(0, &lost).await);
    let mut listener = cluster.listen(0, 1).await;
    // The key is gone, and nobody says so.
    let (id, _) = lost.split_once(':').unwrap();
    assert_eq!(cluster.redis.run(&["HDEL", "streampod:auth.keys", id]).await, ":1\r\n");
    cluster.redis.run(&["CLIENT", "KILL", "TYPE", "pubsub"]).await;
    listener.client.expect(listener.call.close("error")).await;
    ended.ends().await;
    kept.works().await;
}

/// Without Redis, what is for all servers is refused with what to do about it; with it, the endpoint of the contract works.
#[tokio::test]
async fn global_posts_need_redis() {
    let mut alone = Process::start(&[]).await;
    let body = json!({ "channel": "news", "data": { "num": 42 } }).to_string();
    let post = "POST /redis/postToChannel HTTP/1.1";
    assert_eq!(request(alone.port(), post, &body).await.status, 500);
    alone.logged("the reason", |log| log.contains("SERVERPOD_REDIS_ENABLED=true")).await;

    let cluster = Cluster::start(2).await;
    let listening = cluster.call(0, "/redis/listenToChannel", None, json!({ "channel": "news" }));
    let posting = async {
        cluster.subscribed("news", 1).await;
        let counted = cluster.call(0, "/redis/countSubscribedChannels", None, json!({})).await;
        assert_eq!(counted.body, "1");
        assert_eq!(request(cluster.servers[1].port(), post, &body).await.status, 200);
    };
    let (heard, ()) = tokio::join!(listening, posting);
    assert_eq!(heard.body, r#"{"num":42}"#);
    cluster.subscribed("news", 0).await;
}
