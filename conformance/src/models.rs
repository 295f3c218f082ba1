//! What travels.

use indexmap::{IndexMap, IndexSet};
use streampod::prelude::*;

/// What `.spy.yaml` files declare.
pub(crate) mod spy {
    streampod::models!();
}

/// The simplest of models.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Model)]
pub struct SimpleData {
    /// Nothing uses it.
    pub id: Option<i64>,
    /// A number.
    pub num: i64,
}

impl SimpleData {
    /// A model without an id.
    pub fn new(num: i64) -> Self {
        Self { id: None, num }
    }
}

/// An exception that callers see.
#[derive(Debug, Clone, PartialEq, Exception)]
pub struct ExceptionWithData {
    /// What went wrong.
    pub message: String,
    /// When it was made.
    pub creation_date: UtcDateTime,
    /// More of what went wrong.
    pub error_fields: Vec<String>,
    /// A number, or none.
    pub some_nullable_field: Option<i64>,
}

impl ExceptionWithData {
    /// The exception that all methods here throw.
    pub fn now() -> Self {
        Self {
            message: "Throwing an exception".to_owned(),
            creation_date: UtcDateTime::now(),
            error_fields: vec!["first line error".to_owned(), "second line error".to_owned()],
            some_nullable_field: Some(1),
        }
    }
}

/// An enum that travels as the index of its variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Model)]
#[model(by_index)]
pub enum TestEnum {
    /// 0
    One,
    /// 1
    Two,
    /// 2
    Three,
}

/// An enum that travels as the name of its variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Model)]
pub enum TestEnumStringified {
    /// `one`
    One,
    /// `two`
    Two,
    /// `three`
    Three,
}

/// A field of every type.
#[derive(Debug, Clone, PartialEq, Model)]
#[allow(missing_docs)]
pub struct Types {
    pub id: Option<i64>,
    pub an_int: Option<i64>,
    pub a_bool: Option<bool>,
    pub a_double: Option<f64>,
    pub a_date_time: Option<UtcDateTime>,
    pub a_string: Option<String>,
    pub a_byte_data: Option<Bytes>,
    pub a_duration: Option<SignedDuration>,
    pub a_uuid: Option<Uuid>,
    pub a_uri: Option<Uri>,
    pub a_big_int: Option<BigInt>,
    pub an_enum: Option<TestEnum>,
    pub a_stringified_enum: Option<TestEnumStringified>,
    pub a_list: Option<Vec<i64>>,
    pub a_map: Option<IndexMap<i64, i64>>,
    pub a_set: Option<IndexSet<i64>>,
}

/// A class of the user's own, whose JSON is its value alone.
#[derive(Debug, Clone, PartialEq, Eq, Model)]
pub struct CustomClass(pub String);

/// A user, as the module `serverpod_auth` has it.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(name = "serverpod_auth.UserInfo")]
#[allow(missing_docs)]
pub struct UserInfo {
    pub id: Option<i64>,
    pub user_identifier: String,
    pub user_name: Option<String>,
    pub full_name: Option<String>,
    pub email: Option<String>,
    pub created: UtcDateTime,
    pub image_url: Option<String>,
    pub scope_names: Vec<String>,
    pub blocked: bool,
}

/// The answer to whoever signs in, as the module `serverpod_auth` has it.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(name = "serverpod_auth.AuthenticationResponse")]
#[allow(missing_docs)]
pub struct AuthenticationResponse {
    pub success: bool,
    pub key: Option<String>,
    pub key_id: Option<i64>,
    pub user_info: Option<UserInfo>,
}
