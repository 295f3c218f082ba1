//! Unknown options, all of them reported.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint(nam = "e", login, scope("admin"), scopes("admin"))]
impl Example {
    #[method(rename = "other", skip)]
    async fn method(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    async fn argument(
        &self,
        _session: &Session,
        #[arg(optional, default = 1)] n: i64,
        #[arg(defualt = 1)] m: i64,
    ) -> Result<()> {
        Ok(())
    }

    async fn on_session(&self, #[arg(named)] _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method]
    async fn empty(&self, _session: &Session, #[arg] n: i64) -> Result<()> {
        Ok(())
    }
}

#[derive(Model)]
#[model(rename_all = "camelCase", index)]
struct User {
    #[model(rename = "n")]
    name: String,
    #[model(skip)]
    age: i64,
}

#[derive(Model)]
enum Color {
    #[model(index = 1)]
    Red,
}

#[derive(Model)]
struct Id(#[model(name = "id")] String);

fn main() {}
