//! JSON web tokens that nobody issued, or not for this, or not for now.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use streampod_auth::Jwt;

use crate::jwt::{OTHER_PRIVATE, PRIVATE, PUBLIC, SECRET, hs256, now, rs256, sign, who};

fn good() -> Value {
    json!({ "sub": "42", "exp": now() + 60 })
}

fn encoded(json: &Value) -> String {
    URL_SAFE_NO_PAD.encode(json.to_string())
}

/// The header, the claims and the signature of a token.
fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

/// Checks that neither way of signing takes this token.
async fn refused(token: &str, why: &str) {
    for jwt in [Jwt::hs256(&SECRET).unwrap(), Jwt::rs256(PUBLIC.as_bytes()).unwrap()] {
        assert_eq!(who(&jwt, token).await, None, "{why}: {token}");
    }
}

/// What is below would be taken if it were not forged.
#[tokio::test]
async fn what_is_not_forged_is_taken() {
    assert!(who(&Jwt::hs256(&SECRET).unwrap(), &hs256(&good())).await.is_some());
    assert!(who(&Jwt::rs256(PUBLIC.as_bytes()).unwrap(), &rs256(&good(), PRIVATE)).await.is_some());
}

#[tokio::test]
async fn unsigned() {
    let (claims, signed) = (encoded(&good()), hs256(&good()));
    let signature = parts(&signed)[2];
    for algorithm in ["none", "None", "NONE", "nOnE", "", "HS0", "plaintext"] {
        let header = encoded(&json!({ "alg": algorithm, "typ": "JWT" }));
        refused(&format!("{header}.{claims}."), algorithm).await;
        refused(&format!("{header}.{claims}"), algorithm).await;
        refused(&format!("{header}.{claims}.{signature}"), algorithm).await;
    }
    for header in
        [json!({}), json!({ "typ": "JWT" }), json!({ "alg": null }), json!({ "alg": ["HS256"] }), json!(1)]
    {
        refused(&format!("{}.{claims}.{signature}", encoded(&header)), "a header without an algorithm").await;
    }
    refused(&format!("{}.{claims}.", parts(&signed)[0]), "no signature").await;
}

#[tokio::test]
async fn signed_by_somebody_else() {
    refused(&rs256(&good(), OTHER_PRIVATE), "another private key").await;
    for secret in [&b""[..], b"a", &SECRET[..31], &[0; 32], PRIVATE.as_bytes()] {
        refused(&sign(Algorithm::HS256, &good(), &EncodingKey::from_secret(secret)), "another secret").await;
    }
}

/// Everybody knows the public key. Who signs with it as with a secret hopes for a server that takes the algorithm from the token.
#[tokio::test]
async fn signed_with_the_public_key() {
    let der = base64::engine::general_purpose::STANDARD
        .decode(PUBLIC.lines().filter(|line| !line.starts_with('-')).collect::<String>())
        .unwrap();
    let trimmed = PUBLIC.trim_end();
    for key in [PUBLIC.as_bytes(), trimmed.as_bytes(), &der, &der[24..]] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            refused(&sign(algorithm, &good(), &EncodingKey::from_secret(key)), "the public key as a secret")
                .await;
        }
    }
}

/// The right key, and an algorithm that was not chosen.
#[tokio::test]
async fn signed_in_another_way() {
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        refused(&sign(algorithm, &good(), &EncodingKey::from_secret(&SECRET)), "another hash").await;
    }
    let key = EncodingKey::from_rsa_pem(PRIVATE.as_bytes()).unwrap();
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        refused(&sign(algorithm, &good(), &key), "another hash or padding").await;
    }
}

#[tokio::test]
async fn changed_on_the_way() {
    let more = encoded(&json!({ "sub": "admin", "exp": now() + 60 }));
    for token in [hs256(&good()), rs256(&good(), PRIVATE)] {
        let [header, claims, signature] = parts(&token);
        refused(&format!("{header}.{more}.{signature}"), "other claims").await;
        let algorithm = if header == parts(&hs256(&good()))[0] { "HS256" } else { "RS256" };
        let other_header = encoded(&json!({ "typ": "JWT", "alg": algorithm, "kid": "1" }));
        refused(&format!("{other_header}.{claims}.{signature}"), "another header").await;
        for at in [0, signature.len() / 2] {
            let mut flipped = signature.to_owned();
            flipped.replace_range(at..=at, if &signature[at..=at] == "A" { "B" } else { "A" });
            refused(&format!("{header}.{claims}.{flipped}"), "another signature").await;
        }
        refused(&format!("{header}.{claims}.{}", &signature[..signature.len() - 4]), "a shorter signature")
            .await;
        for mangled in
            [format!("{token}."), format!(".{token}"), format!("{token}.{claims}"), token.replace('.', ":")]
        {
            refused(&mangled, "not of three parts").await;
        }
    }
    for nothing in ["", ".", "..", "...", "a.b.c", "🗝️.🗝️.🗝️", "5:key", &"a".repeat(100_000)] {
        refused(nothing, "no token").await;
    }
}

/// Signed by the right one, and not to be taken all the same.
#[tokio::test]
async fn not_good() {
    let later = now() + 60;
    for (claims, why) in [
        (json!({ "sub": "42", "exp": now() - 1 }), "expired"),
        (json!({ "sub": "42", "exp": 0 }), "expired"),
        (json!({ "sub": "42", "exp": later, "nbf": now() + 30 }), "not yet valid"),
        (json!({ "sub": "42", "exp": later, "nbf": "tomorrow" }), "nobody knows since when"),
        (json!({ "sub": "42", "exp": later, "nbf": -1 }), "nobody knows since when"),
        (json!({ "sub": "42" }), "no end"),
        (json!({ "sub": "42", "exp": null }), "no end"),
        (json!({ "exp": later }), "nobody"),
        (json!({ "sub": null, "exp": later }), "nobody"),
        (json!({ "sub": "", "exp": later }), "nobody"),
        (json!({ "sub": 42, "exp": later }), "not text"),
        (json!({ "sub": "42", "exp": later, "jti": 7 }), "not text"),
        (json!({ "sub": "42", "exp": later, "scope": 7 }), "not scopes"),
        (json!({ "sub": "42", "exp": later, "scopes": [7] }), "not scopes"),
        (json!({ "sub": "42", "exp": later, "aud": "somebody else" }), "for somebody else"),
        (json!([]), "no claims"),
        (json!("42"), "no claims"),
    ] {
        refused(&hs256(&claims), why).await;
        refused(&rs256(&claims, PRIVATE), why).await;
    }
}

/// A token that has to be read in a way which this server does not know.
#[tokio::test]
async fn critical() {
    let header: jsonwebtoken::Header =
        serde_json::from_value(json!({ "alg": "HS256", "crit": ["exp-in-days"], "exp-in-days": true }))
            .unwrap();
    let token = jsonwebtoken::encode(&header, &good(), &EncodingKey::from_secret(&SECRET)).unwrap();
    refused(&token, "critical").await;
}
