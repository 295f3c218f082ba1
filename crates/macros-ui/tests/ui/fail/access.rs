//! Who may call, said wrongly: nothing of it is silently left out.

#![allow(unused)]

use streampod::prelude::*;

struct Example;

#[endpoint(require_login, scopes(), role("admin"), require_login)]
impl Example {
    #[method(require_logn, scope("admin"))]
    async fn unknown(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(require_login, name = "twice", name = "again", require_login)]
    async fn twice(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(scopes("admin"))]
    #[method(scopes("billing"))]
    async fn twice_in_two(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(scopes())]
    async fn no_scopes(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(scopes)]
    async fn no_parentheses(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(scopes = "admin")]
    async fn one_value(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(scopes("admin", ADMIN, "billing"))]
    async fn no_string(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(scopes("admin", ""))]
    async fn empty_scope(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(scopes("admin", "billing", "admin"))]
    async fn scope_twice(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(require_login = false)]
    async fn value(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(require_login, revocable)]
    async fn revocable_anyway(&self, _session: &Session) -> Result<()> {
        Ok(())
    }

    #[method(ignore, scopes("admin"))]
    async fn ignored(&self) -> Result<()> {
        Ok(())
    }
}

struct Strings;

#[endpoint(scopes(1), name = "strings")]
impl Strings {}

struct Revocable;

#[endpoint(revocable, scopes("admin"))]
impl Revocable {}

struct Values;

#[endpoint(revocable(true), scopes("admin" "billing"))]
impl Values {}

fn main() {}
