//! Where a user is signed in.

use std::time::Duration;

use time::UtcDateTime;

/// How a user signs in.
///
/// ```
/// # use std::time::Duration;
/// # use streampod_auth::SignIn;
/// let sign_in = SignIn {
///     device: "Firefox on Linux".into(),
///     lifetime: Some(Duration::from_secs(30 * 24 * 60 * 60)),
///     ..Default::default()
/// };
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignIn {
    /// What the user may do by this key. Default: nothing that needs a scope.
    pub scopes: Vec<String>,
    /// What the user knows the device by. Default: empty.
    pub device: String,
    /// How long the key is good for. Default: `None`, until it is signed out.
    pub lifetime: Option<Duration>,
}

/// A device on which a user is signed in, which is a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Device {
    /// The key's id. As text it is the `auth_id` of calls that rest on it.
    pub id: i64,
    /// What the user knows the device by; empty if nothing was said.
    pub device: String,
    /// What the user may do by this key.
    pub scopes: Vec<String>,
    /// When the user signed in.
    pub signed_in_at: UtcDateTime,
    /// When the key stops being good for anything; none if that is when it is signed out.
    pub expires_at: Option<UtcDateTime>,
}
