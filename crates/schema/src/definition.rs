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

    /// What clients see of it: neither models nor fields that travel between servers alone.
    #[must_use]
    pub fn for_clients(mut self) -> Self {
        self.models.retain(|model| !model.is_server_only());
        for model in &mut self.models {
            if let Model::Class(class) | Model::Exception(class) = model {
                class.fields.retain(|field| !field.server_only);
            }
        }
        self
    }

    /// In which ways the models contradict each other, a sentence for each.
    pub fn contradictions(&self) -> Vec<String> {
        let classes = || self.models.iter().filter_map(Model::as_class);
        let fields = classes().flat_map(|class| {
            class.fields.iter().map(move |field| (format!("{}.{}", class.name, field.name), &field.ty))
        });
        let methods = self.endpoints.iter().flat_map(|endpoint| {
            endpoint.methods.iter().flat_map(move |method| {
                let name = format!("{}.{}", endpoint.name, method.name);
                method.types().map(move |ty| (name.clone(), ty))
            })
        });
        let unknown = fields.chain(methods).flat_map(|(user, ty)| {
            let unknown = ty.names().into_iter().filter(|name| self.model(name).is_none());
            unknown
                .map(move |name| format!("`{user}` uses `{name}`, which is no model that clients know"))
                .collect::<Vec<_>>()
        });
        classes().filter_map(|class| self.contradiction(class)).chain(unknown).collect()
    }

    /// Why `class` cannot extend what it says it does.
    fn contradiction(&self, class: &Class) -> Option<String> {
        let name = &class.name;
        let parent = class.extends.as_deref()?;
        let Some(parent) = self.class(parent) else {
            return Some(format!("`{name}` extends `{parent}`, which is no class"));
        };
        let mut ancestor = Some(parent);
        for _ in 0..self.models.len() {
            ancestor = ancestor.and_then(|class| self.parent(class));
        }
        if ancestor.is_some() {
            return Some(format!("`{name}` extends itself, by way of others"));
        }
        let inherited = parent.fields.iter().enumerate();
        let mut differing = inherited.filter(|(index, field)| {
            class.fields.get(*index).is_none_or(|own| own.key() != field.key() || own.ty != field.ty)
        });
        let (index, field) = differing.next()?;
        Some(format!(
            "`{name}` extends `{}` and must begin with its fields: field {} is to be `{}`, of type {}",
            parent.name,
            index + 1,
            field.key(),
            field.ty,
        ))
    }
}
