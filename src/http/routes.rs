//! Which address leads where, and who may go there.

use super::app::App;
use super::auth::signed_in;
use super::limits::{BODY_BYTES_MAX, UPLOAD_FRAMING_BYTES_MAX};
use super::problem::Problem;
use super::{assets, gate, health, layers, live, metrics, openapi, rate, reference};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa::openapi::HttpMethod;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Routes anybody may call.
fn public() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(super::session::start, super::session::end))
        .routes(routes!(super::session::users))
        .routes(routes!(super::oidc::providers))
        .routes(routes!(super::oidc::begin))
        .routes(routes!(super::oidc::callback))
        .routes(routes!(super::oidc::logout, super::oidc::framed_logout))
}

/// Routes for people signed in.
fn private() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(super::organisations::list))
        .routes(routes!(super::organisations::update))
        .routes(routes!(super::vault::status))
        .routes(routes!(super::settings::show))
        .routes(routes!(super::vault::snapshots, super::vault::take_snapshot))
        .routes(routes!(super::vault::drill))
        .routes(routes!(super::snapshots::create))
        .routes(routes!(super::session::people))
        .routes(routes!(super::session::switch))
        .routes(routes!(super::sessions::list, super::sessions::end_all))
        .routes(routes!(super::sessions::end))
        .routes(routes!(super::people::list, super::people::add))
        .routes(routes!(super::people::update))
        .routes(routes!(super::people::end_sessions))
        .routes(routes!(super::people::unlink))
        .routes(routes!(super::tokens::list, super::tokens::make))
        .routes(routes!(super::tokens::end))
        .routes(routes!(super::units::list, super::units::create))
        .routes(routes!(super::units::update, super::units::remove))
        .routes(routes!(super::units::convert))
        .routes(routes!(super::tenders::list, super::tenders::create))
        .routes(routes!(super::tenders::show, super::tenders::update, super::tenders::remove))
        .routes(routes!(super::tenders::duplicate))
        .routes(routes!(super::tender_values::list))
        .routes(routes!(super::estimates::list, super::estimates::create))
        .routes(routes!(super::estimates::show, super::estimates::update))
        .routes(routes!(super::estimates::set_lead))
        .routes(routes!(super::estimates::archive))
        .routes(routes!(super::rows::window))
        .routes(routes!(super::rows::query))
        .routes(routes!(super::rows::show))
        .routes(routes!(super::rows::children))
        .routes(routes!(super::rows::locate))
        .routes(routes!(super::rows::search))
        .routes(routes!(super::rows::tree))
        .routes(routes!(super::headings::create))
        .routes(routes!(super::headings::update, super::headings::remove))
        .routes(routes!(super::items::create))
        .routes(routes!(super::items::show, super::items::update, super::items::remove))
        .routes(routes!(super::worksheets::show, super::worksheets::update))
        .routes(routes!(super::worksheets::add_line))
        .routes(routes!(super::worksheets::update_line, super::worksheets::remove_line))
        .routes(routes!(super::formulas::check))
        .routes(routes!(super::formulas::names))
        .routes(routes!(super::checks::list))
        .routes(routes!(super::content::show))
        .routes(routes!(super::commercials::show))
        .routes(routes!(super::commercials::preview))
        .routes(routes!(super::commercials::items))
        .routes(routes!(super::prices::of_rows))
        .routes(routes!(super::packages::list))
        .routes(routes!(super::packages::show))
        .routes(routes!(super::packages::preview))
        .routes(routes!(super::quote_files::schedule))
        .routes(routes!(super::package_report::report))
        .routes(routes!(super::quote_files::read))
        .routes(routes!(super::acknowledgements::list))
        .routes(routes!(super::tender_course::decide))
        .routes(routes!(super::tender_course::put_notice))
        .routes(routes!(super::tender_course::remove_notice))
        .routes(routes!(super::tender_course::revise))
        .routes(routes!(super::submissions::show, super::submissions::submit))
        .routes(routes!(super::submissions::approve, super::submissions::revoke))
        .routes(routes!(super::submissions::schedule))
        .routes(routes!(super::submissions::file))
        .routes(routes!(super::compare::show))
        .routes(routes!(super::references::list))
        .routes(routes!(super::handovers::list, super::handovers::create))
        .routes(routes!(super::handovers::confirm))
        .routes(routes!(super::undo::show, super::undo::undo))
        .routes(routes!(super::undo::redo))
        .routes(routes!(super::undo::show_library, super::undo::undo_library))
        .routes(routes!(super::undo::redo_library))
        .routes(routes!(super::history::list))
        .routes(routes!(super::comments::list, super::comments::create))
        .routes(routes!(super::comments::remove))
        .routes(routes!(super::comments::inbox))
        .routes(routes!(super::attachments::show, super::attachments::remove))
        .routes(routes!(super::comments::read))
        .routes(routes!(super::leases::list))
        .routes(routes!(super::leases::take_over))
        .routes(routes!(super::audit::list))
        .routes(routes!(super::audit::show))
        .routes(routes!(super::audit::seal))
        .routes(routes!(super::audit::verify))
        .routes(routes!(super::audit::export))
        .routes(routes!(super::audit_access::list))
        .routes(routes!(super::audit_access::verify))
        .routes(routes!(super::audit_access::export))
        .routes(routes!(super::moments::list))
        .routes(routes!(super::moments::restore))
        .routes(routes!(super::moments::copy_back))
        .routes(routes!(super::moments::take_back))
        .routes(routes!(super::price_books::list, super::price_books::create))
        .routes(routes!(super::price_books::show, super::price_books::update))
        .routes(routes!(super::price_books::draft))
        .routes(routes!(super::price_books::discard))
        .routes(routes!(super::price_books::publish))
        .routes(routes!(super::price_books::archive))
        .routes(routes!(super::price_books::rates))
        .routes(routes!(super::price_books::set_rates))
        .routes(routes!(super::price_books::usage))
        .routes(routes!(super::price_books::resource_rates, super::price_books::set_resource_rates))
        .routes(routes!(super::price_books::compare::compare))
        .routes(routes!(super::price_books::sheets::import))
        .routes(routes!(super::price_books::lists::export, super::price_books::lists::make))
        .routes(routes!(super::resources::list, super::resources::create))
        .routes(routes!(super::resources::show, super::resources::update, super::resources::remove))
        .routes(routes!(super::resources::usage))
        .routes(routes!(super::categorisations::list, super::categorisations::create))
        .routes(routes!(super::categorisations::update))
        .routes(routes!(super::category_report::show))
        .routes(routes!(super::category_report::file))
        .routes(routes!(super::content::kinds, super::content::create_kind))
        .routes(routes!(super::content::update_kind))
        .routes(routes!(super::categorisations::labels, super::categorisations::set_many))
        .routes(routes!(super::categorisations::set))
        .routes(routes!(super::companies::list, super::companies::create))
        .routes(routes!(super::companies::show, super::companies::update))
        .routes(routes!(super::companies::usage))
        .routes(routes!(super::companies::sync, super::companies::unlink))
        .routes(routes!(super::recipes::list, super::recipes::create))
        .routes(routes!(
            super::recipes::show,
            super::recipes::save,
            super::recipes::update,
            super::recipes::remove
        ))
        .routes(routes!(super::recipes::usage))
        .routes(routes!(super::recipes::discard))
        .routes(routes!(super::recipes::archive))
        .routes(routes!(super::recipes::upgrade::preview))
        .routes(routes!(super::recipes::from_item::make))
        .routes(routes!(super::recipe_preview::preview))
        .routes(routes!(super::catalogue::find))
        .routes(routes!(super::session::show))
        .routes(routes!(super::imports::show, super::imports::remove))
        .routes(routes!(super::imports::sheet))
        .routes(routes!(super::imports::values))
        .routes(routes!(super::imports::plan))
        .routes(routes!(super::imports::plan_rows))
        .routes(routes!(super::imports::commit))
        .routes(routes!(super::jobs::list))
        .routes(routes!(super::jobs::reprice))
        .routes(routes!(super::jobs::recalculate))
        .routes(routes!(super::jobs::show, super::jobs::cancel))
        .routes(routes!(super::branding::show, super::branding::update))
        .routes(routes!(super::thresholds::show, super::thresholds::update))
        .routes(routes!(super::branding::preview))
        .routes(routes!(
            super::branding::show_logo,
            super::branding::set_logo,
            super::branding::remove_logo
        ))
        .routes(routes!(super::jobs::retry))
        .routes(routes!(super::jobs::result))
        .routes(routes!(super::exports::export, super::exports::make))
        .routes(routes!(super::documents::show, super::documents::make))
        .routes(routes!(super::rules::list))
}

/// Routes that take many edits at once.
fn bulky() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(super::edits::apply))
        .routes(routes!(super::reprice::reprice))
}

/// Routes that take files.
fn uploads() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(super::imports::upload))
        .routes(routes!(super::filling::write_rates))
        .routes(routes!(super::attachments::list, super::attachments::create))
        .routes(routes!(super::programmes::take, super::programmes::show))
}

/// Every route of the document.
pub fn routes() -> OpenApiRouter<App> {
    public().merge(private()).merge(bulky()).merge(uploads())
}

/// Whether a route answers anybody, signed in or not.
pub fn is_public(method: &HttpMethod, path: &str) -> bool {
    match path {
        "/session" => !matches!(method, HttpMethod::Get),
        "/session/users" | "/session/providers" => true,
        "/session/organisation" => false,
        path => path.starts_with("/session/oidc"),
    }
}

/// The whole server: the API, its reference, health, and the UI for everything else.
pub fn router(app: App) -> Router {
    let bytes = app.settings.body_bytes_max;
    let upload_bytes = app.settings.upload_bytes_max + UPLOAD_FRAMING_BYTES_MAX;
    let limited = |routes: OpenApiRouter<App>, bytes: usize| {
        routes.split_for_parts().0.layer(DefaultBodyLimit::max(bytes))
    };
    let private = limited(private(), BODY_BYTES_MAX)
        .merge(limited(bulky(), bytes))
        .merge(limited(uploads(), upload_bytes))
        .route("/live", get(live::live))
        .route_layer(from_fn(gate::by_role))
        .route_layer(from_fn_with_state(app.clone(), rate::by_office))
        .route_layer(from_fn_with_state(app.clone(), signed_in));
    let cors = &app.settings.cors;
    let cors = tower::util::option_layer((!cors.is_empty()).then(|| cors.layer()));
    let api = limited(public(), BODY_BYTES_MAX)
        .merge(private)
        .route("/openapi.json", get(reference::document))
        .fallback(nowhere)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), layers::guarded))
        .layer(cors)
        .layer(from_fn_with_state(app.clone(), rate::by_address));
    Router::new()
        .nest(openapi::BASE, api)
        .route("/api", get(reference::page))
        .route("/api/{*rest}", get(reference::file))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .fallback(assets::ui)
        .layer(layers::compression())
        .layer(from_fn_with_state(app.clone(), layers::outermost))
        .with_state(app)
}

/// No route has this address.
async fn nowhere(uri: Uri) -> Response {
    let detail = format!("There is nothing at {}.", uri.path());
    Problem::new(StatusCode::NOT_FOUND, "not-found", detail).into_response()
}

/// A route has this address, but not for this method.
async fn wrong_method() -> Response {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "This address takes other methods; the Allow header lists them.",
    )
    .into_response()
}
