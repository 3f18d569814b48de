//! Which form of a body's own material.

use crate::domain::catalogue::BodyIx;
use crate::domain::material::MaterialKind;
use crate::grid::Grid;
use crate::query::municipalities::body_of_path;
use crate::query::parameters::Checks;
use crate::query::question::{Address, Question, Shape, documented};

/// Whose form, and of which kind.
pub(crate) struct MaterialFormOf {
    pub(crate) body: BodyIx,
    pub(crate) kind: MaterialKind,
}

documented!(MaterialFormOf);

impl Question for MaterialFormOf {
    type Parts = ();
    const SHAPE: Shape = Shape::One;
    const LONG: bool = false;

    fn read(_: (), address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        let body = body_of_path(address, checks, grid);
        let kind = checks.path("material", address.named("material").parse());
        Some(Self { body: body?, kind: kind? })
    }
}
