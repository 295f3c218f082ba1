//! Everything a server offers.

use serde::{Deserialize, Serialize};

use crate::{Class, Endpoint, Field, Model};

/// Everything a server offers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Classes, exceptions and enums, in the order in which they were first met.
    pub models: Vec<Model>,
    /// The endpoints, by name.
    pub endpoints: Vec<Endpoint>,
}

impl Schema {
    /// The model of this wire name.
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.name() == name)
    }

    /// The class or exception of this wire name.
    pub fn class(&self, name: &str) -> Option<&Class> {
        self.model(name).and_then(Model::as_class)
    }

    /// The class that `class` extends.
    pub fn parent(&self, class: &Class) -> Option<&Class> {
        self.class(class.extends.as_deref()?)
    }

    /// The classes that extend `name` directly, in the order of [`models`](Self::models).
    pub fn children(&self, name: &str) -> impl Iterator<Item = &Class> {
        let classes = self.models.iter().filter_map(Model::as_class);
        classes.filter(move |class| class.extends.as_deref() == Some(name))
    }

    /// The classes below `name` of which there are values: all that extend it, directly or not, but for sealed ones.
    pub fn members(&self, name: &str) -> Vec<&Class> {
        let mut members = Vec::new();
        for child in self.children(name) {
            if !child.sealed {
                members.push(child);
            }
            members.extend(self.members(&child.name));
        }
        members
    }

    /// The fields that `class` declares itself, without those that it inherits.
    pub fn own_fields<'a>(&self, class: &'a Class) -> &'a [Field] {
        let inherited = self.parent(class).map_or(0, |parent| parent.fields.len());
        &class.fields[inherited.min(class.fields.len())..]
    }
}
