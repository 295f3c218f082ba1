//! Several mistakes, reported at once, each one time.

#![allow(unused)]

use streampod::prelude::*;

#[derive(Model)]
struct User {
    user_id: i64,
    #[model(name = "userId", hidden)]
    id: i64,
    #[model(name = "a b")]
    name: String,
}

struct Plain;

struct Example;

#[endpoint(admin, name = "my example")]
impl Example {
    async fn everything<T>(self, #[arg(nmae = "a")] name: &str, (x, y): (i64, i64), z: T) -> Result<()> {
        Ok(())
    }

    fn value(&self, _session: &Session, method: i64) -> i64 {
        1
    }

    /// Right in itself, so that the compiler finds its mistakes too.
    async fn no_model(&self, _session: &Session, user: User, other: Plain) -> Result<User> {
        Ok(user)
    }

    #[method(ignore, hidden)]
    fn helper(&self) {}
}

fn main() {
    let _ = Server::new(Default::default()).endpoint(Example);
}
