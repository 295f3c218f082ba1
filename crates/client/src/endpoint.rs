//! An endpoint of a server.

use streampod_wire::{Answer, Encode};

use crate::call::Call;
use crate::call_builder::CallBuilder;
use crate::client::Client;

/// An endpoint of a server, by its name: what the endpoints of generated clients are made of.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub(crate) client: Client,
    pub(crate) name: &'static str,
}

impl Endpoint {
    /// Calls an ordinary method; see [`Client::call`].
    pub fn call<T: Answer>(&self, method: &str, arguments: &[(&str, &dyn Encode)]) -> Call<T> {
        self.client.call(self.name, method, arguments)
    }

    /// Makes a streaming call; see [`Client::open`].
    pub fn open<T: Answer>(&self, method: &str, arguments: &[(&str, &dyn Encode)]) -> CallBuilder<T> {
        self.client.open(self.name, method, arguments)
    }
}

impl Client {
    /// The endpoint of this name.
    pub fn endpoint(&self, name: &'static str) -> Endpoint {
        Endpoint { client: self.clone(), name }
    }
}
