//! Rights that are taken away, as servers tell each other. See section 5 of the wire contract.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use streampod_events::PostError;
use streampod_schema::Type;
use streampod_wire::{
    Catalog, ClassName, Decode, DecodeError, Decoder, ElementType, Encode, Encoder, Model, Wrapped,
    WrappedError,
};

use tokio::sync::{Semaphore, oneshot};

use crate::authentication::AuthenticationInfo;
use crate::state::ServerState;

/// Which rights of a user are taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// All of them, however the user signed in.
    #[doc(alias = "RevokedAuthenticationUser")]
    User,
    /// Those of one sign-in, that is, of one device.
    #[doc(alias = "RevokedAuthenticationAuthId")]
    AuthId(String),
    /// Those that need one of these scopes.
    #[doc(alias = "RevokedAuthenticationScope")]
    Scopes(Vec<String>),
}

/// The right to wait until other servers can be told of a revocation, which only so many have.
pub(crate) struct Untold(Semaphore);

impl Default for Untold {
    fn default() -> Self {
        Self(Semaphore::new(UNTOLD))
    }
}

const UNTOLD: usize = 10_000;
/// After how long others are told again if that failed; the time doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

// In Serverpod these classes belong to the module `serverpod`.
const USER: &str = "serverpod.RevokedAuthenticationUser";
const AUTH_ID: &str = "serverpod.RevokedAuthenticationAuthId";
const SCOPES: &str = "serverpod.RevokedAuthenticationScope";

impl Revocation {
    /// The channel on which servers tell each other what is taken away from a user.
    pub(crate) fn channel(user_identifier: &str) -> String {
        format!("_serverpod_revoked_authentication_{user_identifier}")
    }

    /// Tells the other servers, until they are told or this one stops. What is returned resolves after the first attempt.
    pub(crate) fn tell(
        self,
        server: Arc<ServerState>,
        user_identifier: &str,
    ) -> impl Future<Output = Result<(), PostError>> + use<> {
        let channel = Self::channel(user_identifier);
        let (first, told) = oneshot::channel();
        let state = Arc::clone(&server);
        server.spawn_counted(async move {
            let post = || state.broker.post(&channel, self.clone().into_object());
            let posted = post().await;
            let failed = posted.as_ref().err().map(ToString::to_string);
            let _ = first.send(posted);
            let Some(error) = failed else { return };
            let Ok(_untold) = state.authentications.untold.0.try_acquire() else {
                return tracing::error!(
                    "other servers are not told of a revocation, as of many before: {error}"
                );
            };
            tracing::warn!("other servers were not told of a revocation yet: {error}");
            let mut pause = FIRST_PAUSE;
            loop {
                tokio::select! {
                    () = tokio::time::sleep(pause) => pause = LONGEST_PAUSE.min(pause * 2),
                    () = state.stopping.cancelled() => return,
                }
                if post().await.is_ok() {
                    return;
                }
            }
        });
        // Without an answer the task was dropped with its runtime.
        async move { told.await.unwrap_or(Ok(())) }
    }

    /// Whether it takes away what a call rests on that needs `scopes`.
    pub(crate) fn concerns(&self, info: &AuthenticationInfo, scopes: &[String]) -> bool {
        match self {
            Self::User => true,
            Self::AuthId(auth_id) => *auth_id == info.auth_id,
            Self::Scopes(revoked) => revoked.iter().any(|scope| scopes.contains(scope)),
        }
    }
}

impl Encode for Revocation {
    fn encode(&self, encoder: &mut Encoder<'_>) {
        encoder.fields(|fields| match self {
            Self::User => {}
            Self::AuthId(auth_id) => fields.field("authId", auth_id),
            Self::Scopes(scopes) => fields.field("scopes", scopes),
        });
    }
}

impl Decode for Revocation {
    fn decode(_: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        Err(DecodeError::mismatch("a revocation with its class name", "one without"))
    }
}

impl Model for Revocation {
    fn describe(_: &mut Catalog) -> Type {
        Type::Dynamic
    }

    fn class_name(&self) -> ClassName<'_> {
        ClassName::Own(Cow::Borrowed(match self {
            Self::User => USER,
            Self::AuthId(_) => AUTH_ID,
            Self::Scopes(_) => SCOPES,
        }))
    }

    fn from_wrapped(wrapped: &Wrapped<'_>, _: &ElementType, catalog: &Catalog) -> Result<Self, WrappedError> {
        match &*wrapped.class_name {
            USER => Ok(Self::User),
            AUTH_ID => Ok(Self::AuthId(field(wrapped, "authId", catalog)?)),
            SCOPES => Ok(Self::Scopes(field(wrapped, "scopes", catalog)?)),
            found => Err(WrappedError::WrongType {
                expected: "serverpod.RevokedAuthentication…".to_owned(),
                found: found.to_owned(),
            }),
        }
    }
}

/// The only field that matters of a message.
fn field<T: Decode>(wrapped: &Wrapped<'_>, name: &str, catalog: &Catalog) -> Result<T, DecodeError> {
    let mut slot = None;
    Decoder::new(wrapped.data, catalog)
        .fields(|key, decoder| if key == name { decoder.field(name, &mut slot) } else { decoder.skip() })?;
    streampod_wire::required(name, slot)
}
