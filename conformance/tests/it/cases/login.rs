//! Signing in.

use bytes::Bytes;
use conformance_client::Client;
use streampod_client::{Authorization, ClientOptions};

use super::answer::{read, write};
use super::table::Case;
use crate::kit::within;

/// A sign-in of the conformance server's only user.
pub(super) struct Login {
    pub(super) user: i64,
    token: String,
}

impl Login {
    /// Signs in by a client of its own.
    pub(super) async fn new(server: u16, scopes: &[impl AsRef<str>]) -> Self {
        let client = Client::new(&url(server)).unwrap();
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_ref().to_owned()).collect();
        let answer = client.authentication.authenticate("test@foo.bar", "password", Some(&scopes));
        let answer = within("a sign-in", answer).await.unwrap();
        assert!(answer.success);
        let token = format!("{}:{}", answer.key_id.unwrap(), answer.key.unwrap());
        Self { user: answer.user_info.unwrap().id.unwrap(), token }
    }

    /// A client that is signed in by this.
    pub(super) fn client(&self, server: u16) -> Client {
        let options = with_header(ClientOptions::default(), Some(self.header()));
        Client::with_options(&url(server), options).unwrap()
    }

    /// What goes with each of its calls.
    pub(super) fn header(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

fn url(server: u16) -> String {
    format!("http://127.0.0.1:{server}/")
}

/// The `Authorization` header of a case's call, whose caller is signed in by then.
pub(super) async fn header(case: &Case, server: u16) -> Option<String> {
    let issued = match &case.sign_in {
        Some(scopes) => Some(Login::new(server, scopes).await.token),
        None => None,
    };
    let token = match (&case.token, issued) {
        (Some(token), Some(issued)) => Some(token.replace("{token}", &issued)),
        (Some(token), None) => Some(token.clone()),
        (None, issued) => issued,
    };
    match (&case.authorization, token) {
        (Some(header), Some(token)) => {
            Some(header.replace("{token}", &token).replace("{base64}", &base64(&token)))
        }
        (Some(header), None) => Some(header.clone()),
        (None, token) => token.map(|token| format!("Bearer {token}")),
    }
}

/// Base64 of a text; it is in the text of its bytes as they travel: `decode('…', 'base64')`.
fn base64(text: &str) -> String {
    let travels: String = read(&write(&Bytes::copy_from_slice(text.as_bytes())));
    travels.split('\'').nth(1).unwrap().to_owned()
}

/// Options of a client all of whose calls have this header.
pub(super) fn with_header(mut options: ClientOptions, header: Option<String>) -> ClientOptions {
    if let Some(header) = header {
        options.authorization = Authorization::new(move || Some(header.clone()));
    }
    options
}
