//! Endpoints and models that macros write.

#![deny(warnings)]

use streampod::prelude::*;

macro_rules! model {
    ($name:ident { $($field:ident: $ty:ty = $wire:literal),* $(,)? }) => {
        #[derive(Debug, Clone, Model)]
        struct $name {
            $(#[model(name = $wire)] $field: $ty,)*
        }
    };
}

macro_rules! id {
    ($name:ident($ty:ty)) => {
        #[derive(Debug, Clone, Model)]
        struct $name($ty);
    };
}

macro_rules! echoes {
    ($endpoint:ty, $scope:literal, $element:ty, $default:expr, $($method:ident($argument:ident: $ty:ty)),* $(,)?) => {
        #[endpoint]
        impl $endpoint {
            $(async fn $method(&self, _session: &Session, $argument: $ty) -> Result<$ty> {
                Ok($argument)
            })*

            #[method(scopes($scope, "reader"))]
            fn stream(&self, _session: &Session, values: Input<$element>) -> impl Stream<Item = Result<$element>> {
                values
            }

            async fn or(&self, _session: &Session, #[arg(default = $default)] value: $element) -> $element {
                value
            }
        }
    };
}

struct Echoes;

id! { Id(String) }
model! { User { id: Id = "userId", tags: Vec<String> = "tags" } }
echoes! { Echoes, "writer", Option<i64>, Some(1), user(user: User), users(users: Vec<User>), pair(pair: (i64, Id)) }

#[test]
fn macros_can_write_endpoints_and_models() {
    let user = User { id: Id("1".into()), tags: vec![] };
    let _ = (user.id.0.len(), user.tags.len());
    let schema = Server::new(streampod::Config::default()).endpoint(Echoes).schema();
    assert_eq!(schema.endpoints[0].methods.len(), 5);
    let stream = schema.endpoints[0].methods.iter().find(|method| method.name == "stream");
    assert_eq!(stream.map(|method| method.scopes.join(", ")).as_deref(), Some("writer, reader"));
}
