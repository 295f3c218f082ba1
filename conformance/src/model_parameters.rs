//! Models of which `.spy.yaml` files say more than their fields: sealed classes, defaults, keys, fields for servers alone.

use streampod::prelude::*;

use crate::models::spy::{Circle, Level, ModelFailure, RichModel, Shape};

/// See the module. All methods give back what they get, unless they say otherwise.
pub(crate) struct ModelParameters;

#[endpoint]
impl ModelParameters {
    async fn return_shape(&self, _session: &Session, shape: Shape) -> Result<Shape> {
        Ok(shape)
    }

    async fn return_shape_nullable(&self, _session: &Session, shape: Option<Shape>) -> Result<Option<Shape>> {
        Ok(shape)
    }

    async fn return_shape_list(&self, _session: &Session, shapes: Vec<Shape>) -> Result<Vec<Shape>> {
        Ok(shapes)
    }

    async fn return_circle(&self, _session: &Session, circle: Circle) -> Result<Circle> {
        Ok(circle)
    }

    async fn return_level(&self, _session: &Session, level: Level) -> Result<Level> {
        Ok(level)
    }

    /// Gives it back with a secret in it, which clients do not see.
    async fn return_rich_model(&self, _session: &Session, model: RichModel) -> Result<RichModel> {
        // What a client says of a field for servers does not count.
        let secret = model.secret.map_or("of the server", |_| "of a client");
        Ok(RichModel { secret: Some(secret.to_owned()), ..model })
    }

    fn shape_echo_stream(
        &self,
        _session: &Session,
        shapes: Input<Shape>,
    ) -> impl Stream<Item = Result<Shape>> {
        shapes
    }

    fn nullable_shape_echo_stream(
        &self,
        _session: &Session,
        shapes: Input<Option<Shape>>,
    ) -> impl Stream<Item = Result<Option<Shape>>> {
        shapes
    }

    fn rich_model_echo_stream(
        &self,
        _session: &Session,
        models: Input<RichModel>,
    ) -> impl Stream<Item = Result<RichModel>> {
        models
    }

    /// Fails with the shape.
    async fn throw_shape(&self, _session: &Session, shape: Shape) -> Result<()> {
        Err(ModelFailure { shape: Some(shape), level: Level::High })?
    }
}
