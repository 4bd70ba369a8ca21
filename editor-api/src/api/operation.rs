//! Routes and their description, said together, so that no path is served that the OpenAPI document does not know.
//!
//! utoipa holds the operations; the schemas of bodies come from the same `schemars` derivation that node types and
//! documents use, so that a type is described in one place. Nothing here handles a request.

use std::{convert::Infallible, sync::Arc};

use axum::{
    extract::DefaultBodyLimit,
    handler::Handler,
    http::{Method, header},
    routing::{MethodRouter, on},
};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use tower_http::cors::{Any, CorsLayer};
use utoipa::openapi::{
    Content, HttpMethod, Info, OpenApiBuilder, Ref, RefOr, Required, ResponseBuilder, Schema,
    path::{OperationBuilder, ParameterBuilder, ParameterIn, PathItem, Paths},
    request_body::RequestBodyBuilder,
    security::SecurityRequirement,
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    door::Door,
    problem::{PROBLEM_JSON, ProblemDetails},
};

/// The routes of the door with their description.
pub(crate) struct Api {
    router: OpenApiRouter<Arc<Door>>,
    schemas: SchemaGenerator,
}

impl Api {
    /// No route yet.
    pub(crate) fn new() -> Self {
        let info = Info::builder()
            .title("Routewright")
            .version(env!("CARGO_PKG_VERSION"))
            .description(Some(
                "Routing flows for contact centres. Errors are problem details (RFC 9457) with a stable `code`.",
            ))
            .build();
        let settings = SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
        Self {
            router: OpenApiRouter::with_openapi(OpenApiBuilder::new().info(info).build()),
            schemas: settings.into_generator(),
        }
    }

    /// Adds a route. `{name}` in its path becomes a parameter of the description.
    pub(crate) fn add<H, T>(mut self, method: HttpMethod, path: &str, operation: Operation, handler: H) -> Self
    where
        H: Handler<T, Arc<Door>>,
        T: 'static,
    {
        let router: MethodRouter<Arc<Door>, Infallible> = on(filter(&method), handler);
        let mut builder = operation.builder;
        for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            builder =
                builder.parameter(parameter(name, ParameterIn::Path, Required::True, &json!({ "type": "string" })));
        }
        for describe in operation.parts {
            builder = describe(builder, &mut self.schemas);
        }
        let problem = ResponseBuilder::new()
            .description("Refused, or failed")
            .content(PROBLEM_JSON, Content::new(Some(schema_of::<ProblemDetails>(&mut self.schemas))))
            .build();
        let item = PathItem::new(method, builder.response("default", problem).build());
        let mut paths = Paths::new();
        paths.paths.insert(path.to_owned(), item);
        self.router = self.router.routes((Vec::new(), paths, router));
        self
    }

    /// Lets every route added so far take bodies of so many bytes.
    pub(crate) fn bodies_up_to(mut self, bytes_max: usize) -> Self {
        self.router = self.router.layer(DefaultBodyLimit::max(bytes_max));
        self
    }

    /// Lets pages of every site ask for the routes added so far. Only for routes that no cookie opens.
    pub(crate) fn open_to_every_site(mut self) -> Self {
        let cors = CorsLayer::new().allow_origin(Any).allow_methods([Method::GET, Method::POST]).allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT_LANGUAGE,
        ]);
        self.router = self.router.layer(cors);
        self
    }

    /// The router, and the OpenAPI 3.1 document of all its routes.
    pub(crate) fn finish(mut self) -> (axum::Router<Arc<Door>>, Value) {
        let (router, description) = self.router.split_for_parts();
        // The document is ours: strings, numbers and maps, which always serialise.
        let mut document = serde_json::to_value(description).unwrap_or_default();
        let schemas: Map<String, Value> = self.schemas.take_definitions(true).into_iter().collect();
        document["components"] = json!({
            "schemas": schemas,
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer", "bearerFormat": "rw_<prefix>_<secret>" } },
        });
        (router, document)
    }
}

/// The description of one route.
pub(crate) struct Operation {
    builder: OperationBuilder,
    parts: Vec<Part>,
}

type Part = Box<dyn FnOnce(OperationBuilder, &mut SchemaGenerator) -> OperationBuilder>;

impl Operation {
    /// An operation that needs a key.
    pub(crate) fn new(id: impl Into<String>, tag: &str, summary: impl Into<String>) -> Self {
        let key = SecurityRequirement::new::<_, _, String>("key", []);
        let open = Self::open(id, tag, summary);
        Self { builder: open.builder.security(key), ..open }
    }

    /// An operation for everybody.
    pub(crate) fn open(id: impl Into<String>, tag: &str, summary: impl Into<String>) -> Self {
        let builder = OperationBuilder::new().operation_id(Some(id.into())).tag(tag).summary(Some(summary.into()));
        Self { builder, parts: Vec::new() }
    }

    /// It takes this body.
    pub(crate) fn body<T: JsonSchema>(self) -> Self {
        self.body_as::<T>("application/json")
    }

    /// It takes this body in another media type.
    pub(crate) fn body_as<T: JsonSchema>(self, media: &'static str) -> Self {
        self.part(move |builder, schemas| {
            let content = Content::new(Some(schema_of::<T>(schemas)));
            let body = RequestBodyBuilder::new().required(Some(Required::True)).content(media, content).build();
            builder.request_body(Some(body))
        })
    }

    /// It answers with this body.
    pub(crate) fn answers<T: JsonSchema>(self, status: u16, description: &'static str) -> Self {
        self.answers_as::<T>(status, "application/json", description)
    }

    /// It answers with this body in another media type.
    pub(crate) fn answers_as<T: JsonSchema>(self, status: u16, media: &'static str, description: &'static str) -> Self {
        self.part(move |builder, schemas| {
            let content = Content::new(Some(schema_of::<T>(schemas)));
            builder.response(
                status.to_string(),
                ResponseBuilder::new().description(description).content(media, content).build(),
            )
        })
    }

    /// It answers without a body.
    pub(crate) fn answers_nothing(mut self, status: u16, description: &str) -> Self {
        self.builder =
            self.builder.response(status.to_string(), ResponseBuilder::new().description(description).build());
        self
    }

    /// It takes the members of this struct as its query.
    pub(crate) fn query<T: JsonSchema>(self) -> Self {
        self.part(|mut builder, schemas| {
            let schema = T::json_schema(schemas);
            for (name, one) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
                builder = builder.parameter(parameter(name, ParameterIn::Query, Required::False, one));
            }
            builder
        })
    }

    /// It changes something, so it takes the revision that the change was made from.
    pub(crate) fn if_match(self) -> Self {
        self.header("If-Match", Required::True, "The ETag of the revision that the change was made from")
    }

    /// It creates something, so it may be repeated under one key.
    pub(crate) fn idempotent(self) -> Self {
        self.header(
            "Idempotency-Key",
            Required::False,
            "Repeating the request under the same key gives the first answer",
        )
    }

    /// It is a stream that can be taken up again.
    pub(crate) fn resumable(self) -> Self {
        self.header("Last-Event-ID", Required::False, "Go on after this event")
    }

    fn header(mut self, name: &str, required: Required, description: &str) -> Self {
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(required)
            .description(Some(description))
            .schema(Some(plain(&json!({ "type": "string" }))));
        self.builder = self.builder.parameter(parameter);
        self
    }

    fn part(mut self, part: impl FnOnce(OperationBuilder, &mut SchemaGenerator) -> OperationBuilder + 'static) -> Self {
        self.parts.push(Box::new(part));
        self
    }
}

fn parameter(name: &str, place: ParameterIn, required: Required, schema: &Value) -> utoipa::openapi::path::Parameter {
    let description = schema.get("description").and_then(Value::as_str);
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(description)
        .schema(Some(plain(schema)))
        .build()
}

/// A reference to the schema of a type, which is put among the components; types that are always inlined stay inline.
fn schema_of<T: JsonSchema>(schemas: &mut SchemaGenerator) -> RefOr<Schema> {
    let schema = schemas.subschema_for::<T>();
    match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => RefOr::Ref(Ref::new(reference)),
        None => plain(schema.as_value()),
    }
}

/// A schema as utoipa holds it.
fn plain(schema: &Value) -> RefOr<Schema> {
    serde_json::from_value(schema.clone()).unwrap_or_default()
}

fn filter(method: &HttpMethod) -> axum::routing::MethodFilter {
    use axum::routing::MethodFilter;
    match method {
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Delete => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}
