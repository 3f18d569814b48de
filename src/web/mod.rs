//! Pages for people: HTML made on the server, no script, nothing from outside.
//!
//! A page asks the questions that the API answers, by the same addresses ([`visit::Visit::rows`]), so that each block
//! can say where the same is found as data.

mod accessibility;
mod around;
mod assets;
mod audit;
mod brief;
mod cell;
mod changes;
mod chart;
mod codes;
mod compare;
mod data;
mod definitions;
mod door;
mod edit;
mod field_names;
mod figures;
mod filters;
mod form;
mod frame;
mod imports;
mod keys;
mod lang;
mod material;
mod matrix;
mod municipality;
mod nation;
mod passed;
mod peers;
mod prefecture;
mod procedure;
mod profiles;
mod readiness;
mod score_card;
mod search;
mod session;
mod sign_in;
mod statements;
mod templates;
mod texts;
mod usage;
mod visit;
mod who;
mod why;
mod words;

use actix_web::web::ServiceConfig;

pub(crate) use texts::problem_page;

/// Every page.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(assets::asset)
        .service(assets::icon)
        .service(nation::nation)
        .service(prefecture::prefecture)
        .service(municipality::municipality)
        .service(why::why)
        .service(brief::brief)
        .service(cell::cell)
        .service(procedure::procedures)
        .service(procedure::procedure)
        .service(changes::changes)
        .service(compare::compare)
        .service(definitions::definitions)
        .service(codes::codes)
        .service(figures::figures)
        .service(readiness::readiness)
        .service(matrix::matrix)
        .service(peers::peers)
        .service(accessibility::accessibility)
        .service(search::search)
        .service(templates::templates)
        .service(search::typed_prefecture)
        .service(search::typed_body)
        .service(texts::about)
        .service(data::data)
        .service(around::robots)
        .service(around::sitemap)
        .service(around::security)
        .service(around::package)
        .service(around::dcat)
        .service(around::columns)
        .service(edit::show_row)
        .service(edit::state_row)
        .service(edit::withdraw_row)
        .service(edit::withdraw_whole)
        .service(edit::show_whole)
        .service(edit::state_whole)
        .service(edit::show_many)
        .service(edit::send_many)
        .service(material::material)
        .service(material::show_material)
        .service(material::send_material)
        .service(imports::choose_file)
        .service(imports::all_imports)
        .service(imports::send)
        .service(imports::one_import)
        .service(imports::import_rows)
        .service(imports::answer)
        .service(imports::back_to_import)
        .service(imports::apply)
        .service(imports::cancel)
        .service(imports::revert)
        .service(imports::errors)
        .service(imports::original)
        .service(keys::all_keys)
        .service(keys::make_key)
        .service(keys::revoke_key)
        .service(audit::log)
        .service(statements::statements)
        .service(profiles::profiles)
        .service(profiles::profile)
        .service(profiles::change_profile)
        .service(profiles::remove_profile)
        .service(sign_in::show_sign_in)
        .service(sign_in::sign_in)
        .service(sign_in::sign_out)
        .service(sign_in::account)
        .service(sign_in::end_sessions);
}
