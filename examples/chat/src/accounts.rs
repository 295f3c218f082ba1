//! Names and their passwords.

use std::sync::Arc;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use streampod::auth::Store;
use streampod::prelude::*;
use tokio::sync::Semaphore;

use crate::history::{read, written};
use crate::models::{Account, SignInFailed, SignInProblem, User};
use crate::throttle::Throttle;

const ACCOUNTS: &str = "chat.accounts";

const NAME_MAX_CHARS: usize = 24;
const PASSWORD_MIN_CHARS: usize = 8;
/// Hashing reads all of it.
const PASSWORD_MAX_CHARS: usize = 128;

/// How many passwords are hashed at the same time: each takes 19 MiB and a core.
const HASHES_AT_ONCE: usize = 2;
/// How long a password may wait for its turn.
const TURN: Duration = Duration::from_secs(10);

/// The accounts, kept in the store under the names in small letters. Cheap to clone; clones are the same.
#[derive(Clone)]
pub(crate) struct Accounts(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    /// Wrong passwords, by name.
    guesses: Throttle,
    /// New accounts, all together: nobody fills the store in an afternoon.
    newcomers: Throttle,
    hashing: Semaphore,
}

impl Accounts {
    /// The accounts in this store.
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self(Arc::new(Inner {
            store,
            guesses: Throttle::new(5, Duration::from_secs(20)),
            newcomers: Throttle::new(100, Duration::from_secs(5)),
            hashing: Semaphore::new(HASHES_AT_ONCE),
        }))
    }

    /// The user of that id.
    pub(crate) async fn find(&self, id: &str) -> Result<Option<User>> {
        Ok(self.account(id).await?.map(|account| User { id: id.to_owned(), name: account.name }))
    }

    /// The user of that name if the password is theirs; makes an account if the name is free, and says whether it did.
    pub(crate) async fn enter(&self, name: &str, password: String) -> Result<(User, bool)> {
        let name = checked_name(name)?;
        let length = password.chars().count();
        if !(PASSWORD_MIN_CHARS..=PASSWORD_MAX_CHARS).contains(&length) {
            let message = format!(
                "A password has {PASSWORD_MIN_CHARS} to {PASSWORD_MAX_CHARS} characters; this one has {length}."
            );
            return Err(failed(SignInProblem::Password, message));
        }
        let id = name.to_lowercase();
        // Taken before the password is looked at, so that guesses at the same time count too.
        self.0.guesses.take(&id).map_err(|wait| {
            let seconds = wait.as_secs() + 1;
            failed(
                SignInProblem::Later,
                format!("Too many wrong passwords for {name}. Try again in {seconds} s."),
            )
        })?;
        let (account, is_new) = match self.account(&id).await? {
            Some(account) => (account, false),
            None => self.make(&id, name, &password).await?,
        };
        if !is_new && !self.verified(password, account.password_hash).await? {
            let message = format!("The name {} is taken, and its password is another one.", account.name);
            return Err(failed(SignInProblem::WrongPassword, message));
        }
        self.0.guesses.forgive(&id);
        Ok((User { id, name: account.name }, is_new))
    }

    async fn account(&self, id: &str) -> Result<Option<Account>> {
        self.0.store.get(ACCOUNTS, id).await?.map(|bytes| read(&bytes)).transpose()
    }

    /// Makes an account, unless somebody else is quicker: then it is theirs.
    async fn make(&self, id: &str, name: &str, password: &str) -> Result<(Account, bool)> {
        if self.0.newcomers.take("").is_err() {
            let message = "Many new names are taken right now. Try again in a minute.".to_owned();
            return Err(failed(SignInProblem::Later, message));
        }
        let account =
            Account { name: name.to_owned(), password_hash: self.hashed(password.to_owned()).await? };
        if self.0.store.put_new(ACCOUNTS, id, written(&account)?).await? {
            return Ok((account, true));
        }
        let account = self.account(id).await?.ok_or("an account was removed while it was made")?;
        Ok((account, false))
    }

    async fn hashed(&self, password: String) -> Result<String> {
        let hash = move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string());
        Ok(self.in_turn(hash).await??)
    }

    async fn verified(&self, password: String, hash: String) -> Result<bool> {
        let verify = move || {
            let hash = argon2::PasswordHash::new(&hash)?;
            Ok::<_, argon2::password_hash::phc::Error>(
                Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
            )
        };
        Ok(self.in_turn(verify).await??)
    }

    /// Runs what keeps a core busy, beside what serves everybody else.
    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let turn = tokio::time::timeout(TURN, self.0.hashing.acquire()).await.map_err(|_| {
            failed(SignInProblem::Later, "Many people sign in right now. Try again in a moment.".to_owned())
        })?;
        let done = tokio::task::spawn_blocking(work).await;
        drop(turn);
        Ok(done?)
    }
}

/// The name without spaces around it, if it can be one.
fn checked_name(name: &str) -> Result<&str> {
    let name = name.trim();
    let length = name.chars().count();
    let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if length == 0 || length > NAME_MAX_CHARS || !name.chars().all(is_allowed) {
        let message =
            format!("A name has 1 to {NAME_MAX_CHARS} letters, digits, dots, hyphens or underscores.");
        return Err(failed(SignInProblem::Name, message));
    }
    Ok(name)
}

fn failed(reason: SignInProblem, message: String) -> streampod::Error {
    SignInFailed { reason, message }.into()
}
