//! The JSON API under `/api/v1`, its contract, and what operators ask.
//!
//! Handlers are thin: they read the query, ask the grid or the service, and answer. What they may
//! not know: SQL, and rules of the domain.

mod audit;
mod catalogue;
mod codes;
mod definitions;
mod exports;
mod figures;
mod import_answers;
mod import_rows;
mod imports;
mod material;
mod matrix;
mod municipalities;
pub mod openapi;
mod openapi_30;
mod ops;
mod peers;
mod plans;
mod profiles;
mod readiness;
mod responses;
mod row_history;
mod statements;
mod templates;
mod tokens;
mod usage;

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Every resource of the contract.
pub(crate) fn resources(config: &mut ServiceConfig<'_>) {
    config
        .service(
            scope::scope("/api/v1")
                .service(catalogue::list_procedures)
                .service(catalogue::get_procedure)
                .service(catalogue::list_lists)
                .service(catalogue::get_list)
                .service(catalogue::list_catalogue_changes)
                .service(codes::list_codes)
                .service(municipalities::list_prefectures)
                .service(municipalities::get_prefecture)
                .service(municipalities::search)
                .service(municipalities::list_municipalities)
                .service(readiness::list_municipality_readiness)
                .service(statements::get_readiness)
                .service(statements::put_readiness)
                .service(statements::delete_readiness)
                .service(statements::get_applicability)
                .service(statements::put_applicability)
                .service(statements::delete_applicability)
                .service(row_history::list_readiness_history)
                .service(row_history::list_applicability_history)
                .service(peers::list_peers)
                .service(peers::list_gaps)
                .service(peers::list_support)
                .service(peers::list_changes)
                .service(peers::follow_changes)
                .service(peers::list_ahead)
                .service(peers::list_systems)
                .service(plans::list_plans)
                .service(plans::get_forecast)
                .service(municipalities::get_municipality)
                .service(readiness::list_readiness)
                .service(matrix::get_matrix)
                .service(matrix::get_distribution)
                .service(definitions::list_definitions)
                .service(figures::explain_figure)
                .service(figures::figure_trend)
                .service(figures::simulate_figure)
                .service(figures::get_figure)
                .service(exports::export_readiness_csv)
                .service(exports::export_readiness_ndjson)
                .service(exports::export_readiness_xlsx)
                .service(templates::get_template_csv)
                .service(templates::get_template_xlsx)
                .service(templates::get_template_bundle)
                .service(usage::list_usage)
                .service(usage::list_body_usage)
                .service(usage::get_usage_table_csv)
                .service(usage::get_usage_table_xlsx)
                .service(usage::list_published_figures)
                .service(material::list_checklist_answers)
                .service(material::list_actions)
                .service(material::list_context_indicators)
                .service(material::list_walkthroughs)
                .service(material::list_plan_steps)
                .service(material::list_handling_times)
                .service(material::list_action_plans)
                .service(material::get_material_template_csv)
                .service(material::get_material_template_xlsx)
                .service(imports::create_import)
                .service(imports::list_imports)
                .service(imports::get_import)
                .service(import_answers::answer_import)
                .service(imports::apply_import)
                .service(imports::cancel_import)
                .service(imports::revert_import)
                .service(import_rows::list_import_rows)
                .service(import_rows::get_import_errors)
                .service(import_rows::get_import_original)
                .service(profiles::list_profiles)
                .service(profiles::get_profile)
                .service(profiles::put_profile)
                .service(profiles::delete_profile)
                .service(tokens::list_tokens)
                .service(tokens::create_token)
                .service(tokens::revoke_token)
                .service(tokens::list_sessions)
                .service(tokens::end_sessions)
                .service(tokens::end_session)
                .service(audit::list_audit)
                .service(ops::get_openapi)
                .service(ops::get_openapi_30),
        )
        .service(ops::get_health)
        .service(ops::get_readiness_state)
        .service(ops::get_version);
}
