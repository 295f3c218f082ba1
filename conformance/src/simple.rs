//! Small endpoints that are called over HTTP.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use streampod::prelude::*;

use crate::models::{CustomClass, ExceptionWithData};

/// One number that all callers share.
#[derive(Default)]
pub(crate) struct Simple {
    number: AtomicI64,
}

#[endpoint]
impl Simple {
    async fn set_global_int(
        &self,
        _session: &Session,
        value: Option<i64>,
        second_value: Option<i64>,
    ) -> Result<()> {
        self.number.store(value.or(second_value).unwrap_or_default(), Ordering::Relaxed);
        Ok(())
    }

    async fn add_to_global_int(&self, _session: &Session) -> Result<()> {
        self.number.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn get_global_int(&self, _session: &Session) -> Result<i64> {
        Ok(self.number.load(Ordering::Relaxed))
    }

    /// Greets someone.
    async fn hello(&self, _session: &Session, name: String) -> Result<String> {
        Ok(format!("Hello {name}"))
    }
}

/// Arguments that are passed by name, with and without defaults.
pub(crate) struct NamedParameters;

#[endpoint]
impl NamedParameters {
    async fn named_parameters_method(
        &self,
        _session: &Session,
        #[arg(named)] _named_int: i64,
        #[arg(named, default = 42)] _int_with_default_value: i64,
        #[arg(named)] _nullable_int: Option<i64>,
        #[arg(named, default = Some(42))] _nullable_int_with_default_value: Option<i64>,
    ) -> Result<bool> {
        Ok(true)
    }

    async fn named_parameters_method_equal_ints(
        &self,
        _session: &Session,
        #[arg(named)] named_int: i64,
        #[arg(named)] nullable_int: Option<i64>,
    ) -> Result<bool> {
        Ok(nullable_int == Some(named_int))
    }
}

/// An argument that may be left out.
pub(crate) struct OptionalParameters;

#[endpoint]
impl OptionalParameters {
    async fn return_optional_int(
        &self,
        _session: &Session,
        optional_int: Option<i64>,
    ) -> Result<Option<i64>> {
        Ok(optional_int)
    }
}

/// Exceptions that callers see, and errors that they do not.
pub(crate) struct ExceptionTest;

#[endpoint]
impl ExceptionTest {
    async fn throw_normal_exception(&self, _session: &Session) -> Result<String> {
        Err("an error that the caller does not see".into())
    }

    async fn throw_exception_with_data(&self, _session: &Session) -> Result<String> {
        Err(ExceptionWithData::now().into())
    }

    async fn working_without_exception(&self, _session: &Session) -> Result<String> {
        Ok("Success".to_owned())
    }
}

/// Calls that fail or take their time.
pub(crate) struct FailedCalls;

#[endpoint]
impl FailedCalls {
    async fn failed_call(&self, _session: &Session) -> Result<()> {
        Err("this call always fails".into())
    }

    async fn slow_call(&self, _session: &Session) -> Result<()> {
        tokio::time::sleep(Duration::from_secs(2)).await;
        Ok(())
    }

    async fn caught_exception(&self, _session: &Session) -> Result<()> {
        tracing::error!("an error that a method caught");
        Ok(())
    }
}

/// Takes bytes.
pub(crate) struct Upload;

#[endpoint]
impl Upload {
    async fn upload_byte_data(&self, _session: &Session, _path: String, _data: Bytes) -> Result<bool> {
        Ok(true)
    }
}

/// A class of the user's own.
pub(crate) struct CustomTypes;

#[endpoint]
impl CustomTypes {
    async fn return_custom_class(&self, _session: &Session, data: CustomClass) -> Result<CustomClass> {
        Ok(data)
    }

    async fn return_custom_class_nullable(
        &self,
        _session: &Session,
        data: Option<CustomClass>,
    ) -> Result<Option<CustomClass>> {
        Ok(data)
    }
}
