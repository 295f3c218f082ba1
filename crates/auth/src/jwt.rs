//! JSON web tokens.

use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use streampod_server::{AuthenticationInfo, Session};
use time::UtcDateTime;

use crate::keys::HandlerFuture;

/// What a secret has to have at least, in bytes: as many as the hash, which RFC 7518 asks for.
const SECRET_MIN_BYTES: usize = 32;
/// What the public key of 2048 bits has at least, in bytes: 256 for the modulus, and the rest of its form.
const PUBLIC_KEY_MIN_BYTES: usize = 256 + 8;
/// The most that clocks may differ.
const LEEWAY_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// JSON web tokens that somebody else issues, as a way to sign in.
///
/// A token is good if its signature is right, `exp` says when it expires and that is not over, `sub` says who it is of, and `nbf`, if
/// there, is over. A token for an audience (`aud`) is good if it is for one that is named here. Which algorithm signs is said here,
/// never by the token. `sub` becomes the user, `scope`, `scopes` and `scp` become the scopes (a list, or text with spaces between
/// them), `jti` becomes `auth_id`, by which a token's streams are ended, and `exp` says when they end by themselves.
///
/// ```
/// # use std::time::Duration;
/// # use streampod_auth::{Jwt, JwtError};
/// # use streampod_server::{Config, Server};
/// # fn main() -> Result<(), JwtError> {
/// # let secret = [1; 32];
/// let jwt = Jwt::hs256(&secret)?.issuer("https://login.example.com").audience("chat");
/// let server = Server::new(Config::default()).authentication(jwt.handler());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Jwt {
    key: DecodingKey,
    validation: Validation,
    issuers: Vec<String>,
    audiences: Vec<String>,
}

/// Why there are no tokens to be checked with a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwtError {
    /// The secret could be guessed.
    #[error(
        "the secret for HS256 has {found_bytes} bytes, and at least {SECRET_MIN_BYTES} random ones are needed"
    )]
    ShortSecret {
        /// How many it has.
        found_bytes: usize,
    },
    /// The key signs, and is not the server's to have.
    #[error("this is a private key, and RS256 is checked with the public key that belongs to it")]
    PrivateKey,
    /// The key could be broken.
    #[error("the RSA key has less than 2048 bits")]
    ShortKey,
    /// This is no RSA key.
    #[error("this is no public RSA key in PEM form, which begins with `-----BEGIN PUBLIC KEY-----`")]
    NotAKey {
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Jwt {
    /// Tokens that are signed with a secret which this server shares with whoever issues them (HS256).
    ///
    /// # Errors
    ///
    /// Fails if the secret has less than 32 bytes.
    pub fn hs256(secret: &[u8]) -> Result<Self, JwtError> {
        if secret.len() < SECRET_MIN_BYTES {
            return Err(JwtError::ShortSecret { found_bytes: secret.len() });
        }
        Ok(Self::new(DecodingKey::from_secret(secret), Algorithm::HS256))
    }

    /// Tokens that are signed with an RSA key (RS256), of which this is the public half, in PEM form.
    ///
    /// # Errors
    ///
    /// Fails if this is no public RSA key, or one of less than 2048 bits.
    pub fn rs256(public_key_pem: &[u8]) -> Result<Self, JwtError> {
        if public_key_pem.windows(11).any(|part| part == b"PRIVATE KEY") {
            return Err(JwtError::PrivateKey);
        }
        let not_a_key = |error: jsonwebtoken::errors::Error| JwtError::NotAKey { source: error.into() };
        let key = DecodingKey::from_rsa_pem(public_key_pem).map_err(not_a_key)?;
        if key.try_get_as_bytes().map_err(not_a_key)?.len() < PUBLIC_KEY_MIN_BYTES {
            return Err(JwtError::ShortKey);
        }
        Ok(Self::new(key, Algorithm::RS256))
    }

    fn new(key: DecodingKey, algorithm: Algorithm) -> Self {
        // If an application uses `jsonwebtoken` itself, with its other backend, both are built in, and then nothing is the default,
        // which panics. An earlier choice of the application stays.
        let _ = aws_lc::DEFAULT_PROVIDER.install_default();
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 0;
        Self { key, validation, issuers: Vec::new(), audiences: Vec::new() }
    }

    /// Takes only tokens that this issuer issued (`iss`). Called again, either will do. Default: `iss` is not looked at.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self.validation.set_issuer(&self.issuers);
        self.validation.required_spec_claims.insert("iss".to_owned());
        self
    }

    /// Takes only tokens that are meant for this audience (`aud`). Called again, either will do. Default: only tokens that are meant for
    /// no one in particular.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self.validation.set_audience(&self.audiences);
        self.validation.required_spec_claims.insert("aud".to_owned());
        self
    }

    /// How much the clocks of whoever issues tokens and of this server may differ: a token is good for so much longer, and its
    /// streams end so much later. It is rounded up to seconds, and a day at most. Default: 0.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        let leeway = leeway.min(LEEWAY_MAX);
        self.validation.leeway = leeway.as_secs() + u64::from(leeway.subsec_nanos() > 0);
        self
    }

    /// What finds out who calls, for `Server::authentication`. It knows nobody for what is no token, or none that is good, so that
    /// another handler may be asked.
    pub fn handler(self) -> impl Fn(Session, String) -> HandlerFuture + Clone + Send + Sync + 'static {
        let jwt = Arc::new(self);
        move |_, token| Box::pin(ready(Ok(jwt.read(&token))))
    }

    /// Who holds this token.
    fn read(&self, token: &str) -> Option<AuthenticationInfo> {
        let read = match jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation) {
            // What is critical has to be understood, and there is nothing critical that this understands. See RFC 7515, section 4.1.11.
            Ok(read) if read.header.crit.is_some() => return None,
            Ok(read) => read.claims,
            Err(error) => {
                // The kind alone: texts of errors may quote the token.
                tracing::debug!("a token was not taken as a JSON web token: {}", name_of(error.kind()));
                return None;
            }
        };
        if read.sub.is_empty() {
            return None;
        }
        Some(AuthenticationInfo {
            scopes: read.scopes(),
            expires_at: read.expires_at(self.validation.leeway),
            user_identifier: read.sub,
            auth_id: read.jti.unwrap_or_default(),
        })
    }
}

impl fmt::Debug for Jwt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwt").field("algorithms", &self.validation.algorithms).finish_non_exhaustive()
    }
}

/// What matters of a token; the rest of it is checked when this is read.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    /// Seconds since 1970.
    exp: f64,
    #[serde(default)]
    jti: Option<String>,
    #[serde(default)]
    scope: Option<Scopes>,
    #[serde(default)]
    scopes: Option<Scopes>,
    #[serde(default)]
    scp: Option<Scopes>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scopes {
    Text(String),
    List(Vec<String>),
}

impl Claims {
    fn scopes(&self) -> Vec<String> {
        let mut scopes: Vec<String> = Vec::new();
        for some in [&self.scope, &self.scopes, &self.scp].into_iter().flatten() {
            match some {
                Scopes::Text(text) => scopes.extend(text.split_whitespace().map(ToOwned::to_owned)),
                Scopes::List(list) => scopes.extend_from_slice(list),
            }
        }
        scopes.sort();
        scopes.dedup();
        scopes
    }

    /// When the token is not good any more; none if no calendar has that time.
    fn expires_at(&self, leeway_seconds: u64) -> Option<UtcDateTime> {
        #[allow(clippy::cast_possible_truncation)] // What is too large becomes the largest, and has no date.
        let end = (self.exp.floor() as i64).saturating_add_unsigned(leeway_seconds);
        UtcDateTime::from_unix_timestamp(end).ok()
    }
}

/// The name of a kind of error, without what it holds.
fn name_of(kind: &jsonwebtoken::errors::ErrorKind) -> String {
    let text = format!("{kind:?}");
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap_or_default().to_owned()
}
