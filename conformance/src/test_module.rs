//! The module `serverpod_test_module`: on the wire, its name stands before those of its endpoints and models.

use streampod::prelude::*;

/// The only model.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Model)]
#[model(name = "serverpod_test_module.ModuleClass")]
pub struct ModuleClass {
    /// Any text.
    pub name: String,
    /// Any number.
    pub data: i64,
    /// A record, or none.
    pub record: Option<(bool,)>,
}

/// Methods that are called over HTTP.
pub(crate) struct Module;

#[endpoint(name = "serverpod_test_module.module")]
impl Module {
    async fn hello(&self, _session: &Session, name: String) -> Result<String> {
        Ok(format!("Hello {name}"))
    }

    /// Gives it back with 42 as its data.
    async fn modify_module_object(&self, _session: &Session, object: ModuleClass) -> Result<ModuleClass> {
        Ok(ModuleClass { data: 42, ..object })
    }
}
