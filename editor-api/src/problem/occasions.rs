//! Every problem the door can give on its own account, each with its words. Refusals of the heart bring their own.

use std::fmt::Display;

use axum::http::StatusCode;
use routewright_engine::{migration::MigrationRefusal, refusal::Refusal};
use routewright_flows::{Finding, Words};
use serde::Serialize;

use super::Problem;

impl Problem {
    /// No such address, or nothing by that id in this tenant.
    pub(crate) fn not_found(what: &Words, id: impl Display) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            Words::new(format!("{} '{id}' does not exist", what.en), format!("{} « {id} » : introuvable", what.fr)),
            Words::new(
                "Check the id; a list of what exists is one path up",
                "Vérifiez l’identifiant ; la liste de ce qui existe est un niveau plus haut",
            ),
        )
    }

    /// No route.
    pub(crate) fn no_such_path(path: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no-such-path",
            Words::new(format!("nothing is served at '{path}'"), format!("rien n’est servi à « {path} »")),
            Words::new("See /api/openapi.json for every path", "Voir /api/openapi.json pour tous les chemins"),
        )
    }

    /// A visitor, or all of a touchpoint's visitors together, write faster than people do.
    pub(crate) fn too_fast() -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-messages",
            Words::new(
                "messages come faster than people write; this one was not taken",
                "les messages arrivent plus vite qu’on n’écrit ; celui-ci n’a pas été pris",
            ),
            Words::new(
                "Send it again in a second, under the same id",
                "Renvoyez-le dans une seconde, sous le même identifiant",
            ),
        )
    }

    /// What stands against an assignment is overridden, and nobody says why.
    pub(crate) fn reason_missing() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "reason-missing",
            Words::new(
                "an assignment that is forced goes on record with its reason, and none is given",
                "une affectation forcée est consignée avec son motif, et aucun n’est donné",
            ),
            Words::new("Say in 'reason' why it must be him", "Dites dans « reason » pourquoi ce doit être lui"),
        )
    }

    /// A document cannot be played.
    pub(crate) fn unplayable(fault: &Words) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "flow-unplayable",
            fault.clone(),
            Words::new(
                "Mend what the check of the flow reports, then play it again",
                "Corrigez ce que la vérification du scénario signale, puis rejouez-le",
            ),
        )
    }

    /// The path exists, not for this method.
    pub(crate) fn method_not_allowed(path: &str) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method-not-allowed",
            Words::new(
                format!("'{path}' does not take this method"),
                format!("« {path} » n’accepte pas cette méthode"),
            ),
            Words::new("The Allow header lists the methods it takes", "L’en-tête Allow énumère les méthodes acceptées"),
        )
    }

    /// A body beyond the bound.
    pub(crate) fn body_too_large(bytes_max: Option<usize>) -> Self {
        let (en, fr) = match bytes_max {
            Some(max) => (format!("the body is larger than {max} bytes"), format!("le corps dépasse {max} octets")),
            None => (
                "the body is larger than this path takes".to_owned(),
                "le corps dépasse ce que ce chemin accepte".to_owned(),
            ),
        };
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            Words::new(en, fr),
            Words::new(
                "Send less; split a large flow into sub-flows",
                "Envoyez moins ; découpez un grand scénario en sous-scénarios",
            ),
        )
    }

    /// Not JSON.
    pub(crate) fn malformed_json(error: &serde_json::Error) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed-json",
            Words::new(
                format!("the body is not JSON: line {}, column {}", error.line(), error.column()),
                format!("le corps n’est pas du JSON : ligne {}, colonne {}", error.line(), error.column()),
            ),
            Words::new("Correct the text at that place", "Corrigez le texte à cet endroit"),
        )
        .with("line", error.line())
        .with("column", error.column())
    }

    /// JSON of another shape than the path takes.
    pub(crate) fn unexpected_body(error: impl Display) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "unexpected-body",
            Words::new(
                format!("the body does not have the expected shape: {error}"),
                format!("le corps n’a pas la forme attendue : {error}"),
            ),
            Words::new("See /api/openapi.json for the shape", "Voir /api/openapi.json pour la forme attendue"),
        )
    }

    /// A body that is not announced as JSON.
    pub(crate) fn not_json() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-json",
            Words::new("the body is not announced as JSON", "le corps n’est pas annoncé comme JSON"),
            Words::new("Send 'Content-Type: application/json'", "Envoyez « Content-Type: application/json »"),
        )
    }

    /// A body that broke off, or is not UTF-8.
    pub(crate) fn unreadable_body() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "unreadable-body",
            Words::new(
                "the body could not be read to its end as UTF-8 text",
                "le corps n’a pas pu être lu jusqu’au bout comme texte UTF-8",
            ),
            Words::new("Send it again", "Renvoyez-le"),
        )
    }

    /// A query that cannot be understood.
    pub(crate) fn bad_query(error: impl Display) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-query",
            Words::new(
                format!("the query cannot be understood: {error}"),
                format!("les paramètres sont incompréhensibles : {error}"),
            ),
            Words::new("See /api/openapi.json for the parameters", "Voir /api/openapi.json pour les paramètres"),
        )
    }

    /// An id that no thing can have.
    pub(crate) fn bad_path(error: impl Display) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            Words::new(
                format!("nothing can have this id: {error}"),
                format!("rien ne peut porter cet identifiant : {error}"),
            ),
            Words::new("Check the id", "Vérifiez l’identifiant"),
        )
    }

    /// A header that cannot be understood.
    pub(crate) fn bad_header(name: &str, expected: &Words) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-header",
            Words::new(
                format!("the header '{name}' cannot be understood: expected {}", expected.en),
                format!("l’en-tête « {name} » est incompréhensible : {} attendu", expected.fr),
            ),
            Words::new("Correct the header", "Corrigez l’en-tête"),
        )
    }

    /// A change without the revision it was made from.
    pub(crate) fn if_match_required() -> Self {
        Self::new(
            StatusCode::PRECONDITION_REQUIRED,
            "if-match-required",
            Words::new(
                "this change needs the revision it was made from",
                "cette modification exige la révision dont elle part",
            ),
            Words::new(
                "Read the thing, then send its ETag as If-Match",
                "Lisez l’élément, puis renvoyez son ETag dans If-Match",
            ),
        )
    }

    /// A change made from a revision that is no longer the last.
    pub(crate) fn stale_revision(current: Option<u64>) -> Self {
        let problem = Self::new(
            StatusCode::PRECONDITION_FAILED,
            "stale-revision",
            Words::new(
                "somebody changed this since you read it",
                "quelqu’un a modifié cet élément depuis votre lecture",
            ),
            Words::new(
                "Read it again, apply your change, and send it with the new ETag",
                "Relisez-le, refaites votre modification et renvoyez-la avec le nouvel ETag",
            ),
        );
        match current {
            Some(revision) => problem.with("current", format!("\"{revision}\"")),
            None => problem,
        }
    }

    /// A thing by that id is there already.
    pub(crate) fn already_exists(what: &Words, id: impl Display) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "already-exists",
            Words::new(format!("{} '{id}' exists already", what.en), format!("{} « {id} » existe déjà", what.fr)),
            Words::new(
                "Change it with PUT, or choose another id",
                "Modifiez-le avec PUT ou choisissez un autre identifiant",
            ),
        )
    }

    /// Somebody else still names the thing.
    pub(crate) fn in_use(what: &Words, id: impl Display, users: impl Serialize) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "in-use",
            Words::new(
                format!("{} '{id}' is in use", what.en),
                format!("{} « {id} » : en cours d’utilisation", what.fr),
            ),
            Words::new(
                "Release it from every user listed in 'users' first",
                "Retirez-le d’abord de tout ce que « users » énumère",
            ),
        )
        .with("users", users)
    }

    /// The same idempotency key with another request.
    pub(crate) fn idempotency_mismatch() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency-mismatch",
            Words::new(
                "this Idempotency-Key was used for another request",
                "cette clé Idempotency-Key a déjà servi pour une autre requête",
            ),
            Words::new("Use a new key for a new request", "Prenez une nouvelle clé pour une nouvelle requête"),
        )
    }

    /// No key, or none that is known.
    pub(crate) fn unauthorised() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "no-valid-key",
            Words::new("the request carries no valid API key", "la requête ne porte aucune clé d’API valide"),
            Words::new(
                "Send 'Authorization: Bearer rw_...'; 'routewright key new' makes a key",
                "Envoyez « Authorization: Bearer rw_... » ; « routewright key new » crée une clé",
            ),
        )
    }

    /// The key's role does not reach this far.
    pub(crate) fn forbidden(needed: &Words) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "role-not-allowed",
            Words::new(format!("this needs {}", needed.en), format!("il faut ici {}", needed.fr)),
            Words::new("Ask an administrator for such a key", "Demandez une telle clé à un administrateur"),
        )
    }

    /// A browser sends the request for a page of another site.
    pub(crate) fn other_site() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "other-site",
            Words::new(
                "a session is only for pages of this same host, and this request comes from another",
                "une session ne sert qu’aux pages de ce même hôte, et cette requête vient d’un autre",
            ),
            Words::new(
                "Open the Studio under the address that the server is reached by, or use a key",
                "Ouvrez le Studio à l’adresse par laquelle le serveur est joint, ou utilisez une clé",
            ),
        )
    }

    /// A flow with defects.
    pub(crate) fn flow_refused(findings: &[Finding]) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "flow-has-errors",
            Words::new(
                format!("the flow has {} finding(s) that stop it", findings.len()),
                format!("le scénario présente {} constat(s) bloquant(s)", findings.len()),
            ),
            Words::new(
                "Correct what 'findings' lists, each with its own hint",
                "Corrigez ce que « findings » énumère, chaque constat avec son conseil",
            ),
        )
        .with("findings", findings)
    }

    /// A flow whose rule wants its tests to pass.
    pub(crate) fn tests_failed(failed: &[impl Serialize]) -> Self {
        let count = failed.len();
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "tests-failed",
            Words::new(
                format!("{count} test(s) of the flow fail, and its publishing rule wants all to pass"),
                format!(
                    "{count} test(s) du scénario échouent, alors que sa règle de publication les veut tous réussis"
                ),
            ),
            Words::new(
                "Correct the flow or the tests that 'tests' lists; `routewright test` plays them too",
                "Corrigez le scénario ou les tests que « tests » énumère ; `routewright test` les joue aussi",
            ),
        )
        .with("tests", failed)
    }

    /// A flow whose rule wants more of it to be tested.
    pub(crate) fn coverage_too_low(percent: usize, least: u8, coverage: &impl Serialize) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "coverage-too-low",
            Words::new(
                format!("the tests cover {percent} % of the flow, and its publishing rule wants {least} %"),
                format!("les tests couvrent {percent} % du scénario, alors que sa règle de publication veut {least} %"),
            ),
            Words::new(
                "Add tests for what 'coverage' lists as missing",
                "Ajoutez des tests pour ce que « coverage » énumère comme manquant",
            ),
        )
        .with("coverage", coverage)
    }

    /// Settings that break a rule: the first finding speaks for all.
    pub(crate) fn settings_refused(first: &Finding, findings: &[Finding]) -> Self {
        let (code, message, hint) = (first.code.clone(), first.message.clone(), first.hint.clone());
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message, hint).with("findings", findings)
    }

    /// A document under the id of another.
    pub(crate) fn another_id(path: &str, document: &str) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "another-id",
            Words::new(
                format!("the document says it is '{document}', the path says '{path}'"),
                format!("le document se dit « {document} », le chemin dit « {path} »"),
            ),
            Words::new(
                "A flow keeps its id; create another flow with POST",
                "Un scénario garde son identifiant ; créez un autre scénario avec POST",
            ),
        )
    }

    /// Contacts in flight would have no place in the version that they are to go on in.
    pub(crate) fn migration_refused(refusal: &MigrationRefusal) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "migration-refused",
            refusal.words(),
            Words::new(
                "Say in 'nodes' and 'attributes' where they go on, or choose 'pin' or 'drain'; nothing was changed",
                "Dites dans « nodes » et « attributes » où ils continuent, ou choisissez « pin » ou « drain » ; rien n’a changé",
            ),
        )
        .with("waits", &refusal.waits)
        .with("attributes", &refusal.attributes)
        .with("unknown", &refusal.unknown)
    }

    /// An id that is the name of a path.
    pub(crate) fn reserved_id(id: &str) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "reserved-id",
            Words::new(
                format!("'/api/v1/flows/{id}' is another path of this API, so no flow can have the id '{id}'"),
                format!(
                    "« /api/v1/flows/{id} » est un autre chemin de cette API : aucun scénario ne peut s’appeler « {id} »"
                ),
            ),
            Words::new("Give the flow another id", "Donnez un autre identifiant au scénario"),
        )
    }

    /// Too much at once.
    pub(crate) fn overloaded() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            Words::new("the shard has too many requests in hand", "le fragment a trop de requêtes en cours"),
            Words::new(
                "Send it again in a moment; the same event id is safe",
                "Renvoyez dans un instant ; le même identifiant d’événement est sans risque",
            ),
        )
    }

    /// The server is going down.
    pub(crate) fn stopping() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "stopping",
            Words::new("the server is stopping", "le serveur s’arrête"),
            Words::new(
                "Send it again in a moment; the same event id is safe",
                "Renvoyez dans un instant ; le même identifiant d’événement est sans risque",
            ),
        )
    }

    /// Our own fault. The cause goes to the log only.
    pub(crate) fn internal(cause: impl Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            Words::new("the server could not finish the request", "le serveur n’a pas pu terminer la requête"),
            Words::new(
                "Send it again; if it stays so, give the operator the 'instance'",
                "Renvoyez-la ; si cela persiste, donnez « instance » à l’exploitant",
            ),
        )
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, hint) = match &refusal {
            Refusal::UnknownTenant(_)
            | Refusal::UnknownTouchpoint(_)
            | Refusal::UnknownInteraction(_)
            | Refusal::UnknownAgent(_) => (StatusCode::NOT_FOUND, Words::new("Check the id", "Vérifiez l’identifiant")),
            Refusal::InactiveTouchpoint(_) => (
                StatusCode::CONFLICT,
                Words::new(
                    "Activate the touchpoint, then send the message again",
                    "Activez le point de contact, puis renvoyez le message",
                ),
            ),
            Refusal::NoConversation(_) => {
                (StatusCode::CONFLICT, Words::new("There is nothing to do", "Il n’y a rien à faire"))
            }
            Refusal::Banned { .. } => (
                StatusCode::FORBIDDEN,
                Words::new(
                    "A supervisor lifts it: POST /api/v1/interactions/{id}/unban",
                    "Un superviseur la lève : POST /api/v1/interactions/{id}/unban",
                ),
            ),
            Refusal::AgentOffline(_) => (
                StatusCode::CONFLICT,
                Words::new("Set a presence, then try again", "Choisissez une présence, puis réessayez"),
            ),
            Refusal::OfferGone { .. } | Refusal::NotYours { .. } => (
                StatusCode::CONFLICT,
                Words::new(
                    "Read the desk again: it shows what is open",
                    "Relisez le bureau de l’agent : il montre ce qui est ouvert",
                ),
            ),
            Refusal::UnknownStatus { .. } => (
                StatusCode::UNPROCESSABLE_ENTITY,
                Words::new(
                    "The agent's handling profile lists its statuses",
                    "Le profil de traitement de l’agent énumère ses statuts",
                ),
            ),
            Refusal::MayNotPull(_) | Refusal::NotSupervisor(_) => {
                (StatusCode::FORBIDDEN, Words::new("Ask an administrator for it", "Demandez-le à un administrateur"))
            }
            Refusal::NothingToPull(_) => (StatusCode::CONFLICT, Words::new("Ask again later", "Redemandez plus tard")),
            Refusal::WindowClosed { .. } | Refusal::TemplateNeeded(_) | Refusal::TemplateRefused { .. } => {
                (StatusCode::CONFLICT, Words::new("Send an approved template", "Envoyez un modèle approuvé"))
            }
            Refusal::NotPermitted { .. } => (
                StatusCode::FORBIDDEN,
                Words::new("An administrator changes roles", "Un administrateur modifie les rôles"),
            ),
            Refusal::NumberPending(_) | Refusal::BegunEnough { .. } => (
                StatusCode::CONFLICT,
                Words::new(
                    "Wait, or use another touchpoint; its settings say how it stands with the provider",
                    "Attendez ou utilisez un autre point de contact ; ses réglages disent où il en est chez le fournisseur",
                ),
            ),
            Refusal::NoConsent(_) => (
                StatusCode::CONFLICT,
                Words::new(
                    "Say in 'opted_in' where and when he agreed",
                    "Dites dans « opted_in » où et quand il a accepté",
                ),
            ),
            Refusal::InConversation(_) => {
                (StatusCode::CONFLICT, Words::new("Read that interaction", "Consultez cette interaction"))
            }
            Refusal::BadAddress(_) | Refusal::NothingSaid => {
                (StatusCode::UNPROCESSABLE_ENTITY, Words::new("Correct the request", "Corrigez la demande"))
            }
            Refusal::BadAnswer { .. } => (
                StatusCode::UNPROCESSABLE_ENTITY,
                Words::new(
                    "The questionnaire of the desk says what is asked",
                    "Le questionnaire du bureau dit ce qui est demandé",
                ),
            ),
            Refusal::NotElevated { .. } => (
                StatusCode::CONFLICT,
                Words::new(
                    "A chat, a work item or a voicemail leads to e-mail, voice and SMS; those three lead to each other",
                    "Un chat, une tâche ou un message vocal mène au courriel, à la voix et au SMS ; ces trois mènent l’un à l’autre",
                ),
            ),
            Refusal::Elevation(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                Words::new(
                    "Calls and text messages need a number and a skill, e-mails a mailbox, a subject and a body",
                    "Un appel ou un SMS demande un numéro et une compétence, un courriel une boîte, un objet et un texte",
                ),
            ),
            Refusal::ParkedEnough { .. } => (
                StatusCode::CONFLICT,
                Words::new("Take one up or close one first", "Reprenez-en ou fermez-en une d’abord"),
            ),
            Refusal::NotWaiting(_) | Refusal::DoesNotFit { .. } => (
                StatusCode::CONFLICT,
                Words::new(
                    "Read who waits again, then choose another agent or contact",
                    "Relisez la file d’attente, puis choisissez un autre agent ou contact",
                ),
            ),
            Refusal::UnknownDisposition(_) | Refusal::DispositionRequired(_) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                Words::new(
                    "GET /api/v1/dispositions lists what exists",
                    "GET /api/v1/dispositions énumère ce qui existe",
                ),
            ),
            Refusal::MessageTooLong { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, Words::new("Split the message", "Coupez le message"))
            }
        };
        Self::new(status, refusal.code(), refusal.words(), hint)
    }
}
