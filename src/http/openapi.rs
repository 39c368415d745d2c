//! The OpenAPI 3.1 document: generated from the handlers, completed with what all of them share.

use super::history::Entity;
use super::live::message::{ClientMessage, ServerMessage};
use super::problem::Document;
use super::routes;
use serde_json::Value;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HttpMethod, OpenApi, Ref, RefOr, ResponseBuilder, Schema, ServerBuilder,
};
use utoipa::{OpenApi as _, ToSchema};

/// Where the routes of the document hang.
pub const BASE: &str = "/api/v1";
/// Name of the way to sign in.
const SESSION: &str = "session";
/// Name of the scheme of API tokens.
const TOKEN: &str = "token";

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "oxFlow",
    description = "Tender estimating. Money, rates and quantities are decimal strings with a \
            fixed number of decimals; ids are UUIDv7; times are RFC 3339 in UTC. Every refusal is \
            a problem document (RFC 9457) with a stable `code`. Requests that change something \
            take an `Idempotency-Key` (a repeat within 24 hours gives the first answer) and an \
            `X-Client-Id` (live deltas carry it back as `origin`). Live deltas come over a \
            WebSocket at `/api/v1/live`: see `LiveClientMessage` and `LiveServerMessage`.",
    license(name = "Apache-2.0", identifier = "Apache-2.0"),
))]
struct Api;

/// The document.
pub fn document() -> Value {
    let mut api = routes::routes().into_openapi();
    api.info = Api::openapi().info;
    api.servers = Some(vec![ServerBuilder::new().url(BASE).build()]);
    let components = api.components.get_or_insert_default();
    let mut schemas = Vec::new();
    add::<ClientMessage>(&mut schemas);
    add::<ServerMessage<'static>>(&mut schemas);
    add::<Document>(&mut schemas);
    add::<Entity>(&mut schemas);
    components.schemas.extend(schemas);
    components.responses.insert("Refused".to_owned(), RefOr::T(refused()));
    components.security_schemes.insert(
        SESSION.to_owned(),
        SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(super::cookies::SESSION_COOKIE)))
            .into(),
    );
    components
        .security_schemes
        .insert(TOKEN.to_owned(), SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)).into());
    complete(&mut api);
    let mut document = serde_json::to_value(&api).unwrap_or_default();
    camel_case(&mut document);
    unsigned(&mut document);
    document
}

/// The document as text, ending in a line end.
pub fn text() -> String {
    let mut text = serde_json::to_string_pretty(&document()).unwrap_or_default();
    text.push('\n');
    text
}

/// A schema that no route names, with those it is made of.
fn add<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    T::schemas(schemas);
    schemas.push((T::name().into_owned(), T::schema()));
}

/// Names the properties of variants as they travel: the generator does not know
/// `rename_all_fields`.
fn camel_case(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(Value::Object(properties)) = object.get_mut("properties") {
                *properties =
                    std::mem::take(properties).into_iter().map(|(k, v)| (camel(&k), v)).collect();
                if let Some(Value::Array(required)) = object.get_mut("required") {
                    for name in required {
                        if let Value::String(name) = name {
                            *name = camel(name);
                        }
                    }
                }
            }
            object.values_mut().for_each(camel_case);
        }
        Value::Array(items) => items.iter_mut().for_each(camel_case),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Says of counts that they are whole numbers without a sign: the generator names the signed format
/// of the same size, which reaches half as far.
fn unsigned(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let counts = object.get("minimum").and_then(Value::as_u64) == Some(0);
            if let (true, Some(Value::String(format))) = (counts, object.get_mut("format"))
                && matches!(format.as_str(), "int32" | "int64")
            {
                format.insert(0, 'u');
            }
            object.values_mut().for_each(unsigned);
        }
        Value::Array(items) => items.iter_mut().for_each(unsigned),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut chars = word.chars();
        out.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    out
}

/// The answer every route may give.
fn refused() -> utoipa::openapi::Response {
    ResponseBuilder::new()
        .description("Refused")
        .content(
            "application/problem+json",
            ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build(),
        )
        .build()
}

/// Gives every operation the refusal all of them share, and those for people signed in their
/// security.
fn complete(api: &mut OpenApi) {
    for (path, item) in &mut api.paths.paths {
        let operations = [
            (HttpMethod::Get, &mut item.get),
            (HttpMethod::Post, &mut item.post),
            (HttpMethod::Put, &mut item.put),
            (HttpMethod::Patch, &mut item.patch),
            (HttpMethod::Delete, &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            let refused = RefOr::Ref(Ref::from_response_name("Refused"));
            operation.responses.responses.insert("default".to_owned(), refused);
            if !routes::is_public(&method, path) {
                let session = utoipa::openapi::SecurityRequirement::new(SESSION, [""; 0]);
                let token = utoipa::openapi::SecurityRequirement::new(TOKEN, [""; 0]);
                operation.security = Some(vec![session, token]);
            }
        }
    }
}
