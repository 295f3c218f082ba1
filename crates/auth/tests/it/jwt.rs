//! JSON web tokens: what is read of them, and how a server is told which to take.

use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use streampod_auth::{Jwt, JwtError, Keys, MemoryStore, SignIn};
use streampod_server::{AuthenticationInfo, Config, Server, Session};
use time::UtcDateTime;

use crate::kit::session;

/// Keys that were made for these tests, and sign nothing else.
pub(crate) const PRIVATE: &str = include_str!("keys/private.pem");
pub(crate) const PUBLIC: &str = include_str!("keys/public.pem");
pub(crate) const OTHER_PRIVATE: &str = include_str!("keys/other-private.pem");
pub(crate) const SHORT_PUBLIC: &str = include_str!("keys/short-public.pem");
pub(crate) const EC_PUBLIC: &str = include_str!("keys/ec-public.pem");
pub(crate) const SECRET: [u8; 32] = *b"a secret of exactly 32 bytes.. .";

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    UtcDateTime::now().unix_timestamp()
}

pub(crate) fn sign(algorithm: Algorithm, claims: &Value, key: &EncodingKey) -> String {
    jsonwebtoken::encode(&Header::new(algorithm), claims, key).unwrap()
}

pub(crate) fn hs256(claims: &Value) -> String {
    sign(Algorithm::HS256, claims, &EncodingKey::from_secret(&SECRET))
}

pub(crate) fn rs256(claims: &Value, private_pem: &str) -> String {
    sign(Algorithm::RS256, claims, &EncodingKey::from_rsa_pem(private_pem.as_bytes()).unwrap())
}

/// Whom the handler knows by a token. It never fails.
pub(crate) async fn who(jwt: &Jwt, token: &str) -> Option<AuthenticationInfo> {
    jwt.clone().handler()(session().clone(), token.to_owned()).await.unwrap()
}

#[tokio::test]
async fn a_token_says_who_calls() {
    let end = now() + 60;
    let claims =
        json!({ "sub": "42", "exp": end, "scope": "read write", "jti": "b7", "name": "Ann", "iat": 0 });
    let expected = AuthenticationInfo {
        user_identifier: "42".into(),
        scopes: vec!["read".into(), "write".into()],
        auth_id: "b7".into(),
        expires_at: Some(UtcDateTime::from_unix_timestamp(end).unwrap()),
    };
    let (with_secret, with_key) = (Jwt::hs256(&SECRET).unwrap(), Jwt::rs256(PUBLIC.as_bytes()).unwrap());
    assert_eq!(who(&with_secret, &hs256(&claims)).await, Some(expected.clone()));
    assert_eq!(who(&with_key, &rs256(&claims, PRIVATE)).await, Some(expected));
}

#[tokio::test]
async fn scopes_come_in_several_ways() {
    let jwt = Jwt::hs256(&SECRET).unwrap();
    for (claim, expected) in [
        (json!({}), &[][..]),
        (json!({ "scope": "" }), &[]),
        (json!({ "scope": "b  a b" }), &["a", "b"]),
        (json!({ "scope": ["a"] }), &["a"]),
        (json!({ "scopes": ["a", "b c"] }), &["a", "b c"]),
        (json!({ "scp": ["a"] }), &["a"]),
        (json!({ "scp": "a b" }), &["a", "b"]),
        (json!({ "scope": "a", "scp": ["b"], "scopes": null }), &["a", "b"]),
    ] {
        let mut claims = json!({ "sub": "42", "exp": now() + 60 });
        claims.as_object_mut().unwrap().extend(claim.as_object().unwrap().clone());
        let info = who(&jwt, &hs256(&claims)).await.unwrap();
        assert_eq!(info.scopes, expected, "{claim}");
        assert_eq!(info.auth_id, "");
    }
}

#[tokio::test]
async fn clocks_may_differ_by_the_leeway() {
    let strict = Jwt::hs256(&SECRET).unwrap();
    let lenient = strict.clone().leeway(Duration::from_secs(60));
    let late = hs256(&json!({ "sub": "42", "exp": now() - 30 }));
    let early = hs256(&json!({ "sub": "42", "exp": now() + 600, "nbf": now() + 30 }));
    for token in [&late, &early] {
        assert_eq!(who(&strict, token).await, None);
        assert!(who(&lenient, token).await.is_some());
    }
    let end = who(&lenient, &late).await.unwrap().expires_at.unwrap().unix_timestamp();
    assert!((now() + 25..=now() + 30).contains(&end), "streams end when the token is not taken any more");

    let too_late = hs256(&json!({ "sub": "42", "exp": now() - 90 }));
    assert_eq!(who(&lenient, &too_late).await, None);
    let most = strict.clone().leeway(Duration::MAX);
    let a_day_late = hs256(&json!({ "sub": "42", "exp": now() - 86_500 }));
    assert_eq!(who(&most, &a_day_late).await, None);
    assert!(who(&most, &too_late).await.is_some());
}

#[tokio::test]
async fn any_time_is_read() {
    let jwt = Jwt::hs256(&SECRET).unwrap();
    let end = async |exp: Value| {
        let info = who(&jwt, &hs256(&json!({ "sub": "42", "exp": exp }))).await;
        info.map(|info| info.expires_at.map(UtcDateTime::unix_timestamp))
    };
    let later = now() + 60;
    assert_eq!(end(json!(later as f64 + 0.75)).await, Some(Some(later)));
    assert_eq!(end(json!(1e18)).await, Some(None), "no calendar has it");
    for wrong in
        [json!(-1), json!("2099-01-01"), json!(later.to_string()), json!(null), json!([later]), json!(1e300)]
    {
        assert_eq!(end(wrong.clone()).await, None, "{wrong}");
    }
}

#[tokio::test]
async fn issuer_and_audience_are_those_that_are_named() {
    let claims = |more: Value| {
        let mut claims = json!({ "sub": "42", "exp": now() + 60 });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        hs256(&claims)
    };
    let any = Jwt::hs256(&SECRET).unwrap();
    let picky = any.clone().issuer("https://one").issuer("https://two").audience("chat").audience("game");
    for (more, for_any, for_picky) in [
        (json!({ "iss": "https://one", "aud": "chat" }), false, true),
        (json!({ "iss": "https://two", "aud": ["mail", "game"] }), false, true),
        (json!({ "iss": "https://two" }), true, false),
        (json!({ "iss": "https://three", "aud": "chat" }), false, false),
        (json!({ "iss": "https://one", "aud": "mail" }), false, false),
        (json!({ "iss": "https://one", "aud": [] }), false, false),
        (json!({ "iss": "https://one/", "aud": "chat" }), false, false),
        (json!({ "aud": "chat" }), false, false),
        (json!({ "iss": 7, "aud": "chat" }), false, false),
        (json!({}), true, false),
    ] {
        assert_eq!(who(&any, &claims(more.clone())).await.is_some(), for_any, "{more}");
        assert_eq!(who(&picky, &claims(more.clone())).await.is_some(), for_picky, "{more}");
    }
}

#[test]
fn bad_keys_are_refused() {
    assert!(matches!(Jwt::hs256(&SECRET[1..]), Err(JwtError::ShortSecret { found_bytes: 31 })));
    assert!(matches!(Jwt::rs256(PRIVATE.as_bytes()), Err(JwtError::PrivateKey)));
    assert!(matches!(Jwt::rs256(SHORT_PUBLIC.as_bytes()), Err(JwtError::ShortKey)));
    for wrong in ["", "a secret", EC_PUBLIC, "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"] {
        assert!(matches!(Jwt::rs256(wrong.as_bytes()), Err(JwtError::NotAKey { .. })), "{wrong}");
    }
    let shown = format!("{:?}", Jwt::hs256(&SECRET).unwrap());
    assert_eq!(shown, "Jwt { algorithms: [HS256], .. }");
}

/// A server that takes keys and the tokens of two issuers knows everybody who has one of them, whoever is asked first.
#[tokio::test]
async fn handlers_stand_beside_each_other() {
    let keys = Keys::new(std::sync::Arc::new(MemoryStore::new()));
    let key = keys.sign_in(&session(), "of a key", SignIn::default()).await.unwrap();
    let (secret, public) = (Jwt::hs256(&SECRET).unwrap(), Jwt::rs256(PUBLIC.as_bytes()).unwrap());
    let of_secret = hs256(&json!({ "sub": "of a secret", "exp": now() + 60 }));
    let of_public = rs256(&json!({ "sub": "of a public key", "exp": now() + 60 }), PRIVATE);
    let tokens = [(key.token(), "of a key"), (of_secret, "of a secret"), (of_public, "of a public key")];
    for (token, user) in &tokens {
        let session: Session = session().clone();
        let mut known = Vec::new();
        known.extend(keys.handler()(session.clone(), token.clone()).await.unwrap());
        known.extend(secret.clone().handler()(session.clone(), token.clone()).await.unwrap());
        known.extend(public.clone().handler()(session, token.clone()).await.unwrap());
        assert_eq!(known.iter().map(|info| &*info.user_identifier).collect::<Vec<_>>(), [*user]);
    }
    // As it is written in an application.
    let _ = Server::new(Config::default())
        .authentication(keys.handler())
        .authentication(secret.handler())
        .authentication(public.handler());
}
