//! `routewright serve`: opens the store, recovers, and serves until it is told to stop. At the first start it makes a
//! tenant and its first administrator's key, and prints that key this once.

use std::{
    fs,
    io::IsTerminal,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use clap::Args;
use routewright_engine::TenantId;
use routewright_flows::{HumanDuration, Words};
use routewright_outside::{Outside, Reach};
use routewright_runtime::{
    Clock, Options, Runtime, Stopped, SystemClock,
    limits::JOURNAL_KEPT_MIN,
    vault::{BadSecretKey, SecretKeys},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

use super::{DataDir, Format, Reader, Stop, Verdict};
use crate::{
    api,
    demo::{self, centre::DemoKeys},
    door::Door,
    guard,
    keys::{NewKey, Role, Secret},
    tenant,
};

/// How long open requests may take to end once the server stops.
const DRAIN_MAX: Duration = Duration::from_secs(10);

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    data: DataDir,
    /// Address to listen on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", env = "ROUTEWRIGHT_LISTEN")]
    listen: SocketAddr,
    /// Let flows call addresses of this machine and of private networks too.
    #[arg(long, env = "ROUTEWRIGHT_CALL_PRIVATE")]
    call_private: bool,
    /// How long the journal is kept, such as 90d; for ever when absent. At least 7d.
    #[arg(long, value_name = "DURATION", env = "ROUTEWRIGHT_JOURNAL_KEEP")]
    journal_keep: Option<HumanDuration>,
    /// File of the keys that secrets are stored under, one a line, each of 64 hexadecimal digits; the first seals, and all
    /// open. Without it secrets are stored as they are.
    #[arg(long, value_name = "FILE", env = "ROUTEWRIGHT_SECRET_KEYS")]
    secret_keys: Option<PathBuf>,
    /// Fill a tenant 'demo' with a bilingual contact centre.
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub(super) async fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        log(reader.format);
        let listener = TcpListener::bind(self.listen).await.map_err(|error| {
            let at = self.listen;
            Stop::new(
                format!("cannot listen on {at}: {error}; choose another address with --listen"),
                format!("impossible d’écouter sur {at} : {error} ; choisissez une autre adresse avec --listen"),
            )
        })?;
        let at = listener.local_addr().map_err(Stop::because)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let mut options = Options::new(&self.data.path, super::registry());
        options.clock = Arc::clone(&clock);
        options.journal_kept = self.journal_keep.map(journal_kept).transpose()?;
        options.secret_keys = self.secret_keys.as_deref().map(secret_keys).transpose()?;
        let reach = if self.call_private { Reach::Everywhere } else { Reach::Public };
        let outside = Outside::new(routewright_outside::Options { reach }).map_err(Stop::because)?;
        options.caller = Some(Arc::new(outside));
        let runtime = Runtime::open(options).await.map_err(Stop::because)?;
        let door = Arc::new(Door::new(runtime.clone(), clock).await.map_err(Stop::because)?);
        if let Some(secret) = first_key(&door).await? {
            println!("{}", reader.say(&first_start(secret.reveal())));
        }
        if self.demo {
            let keys = demo::centre::set_up(&door).await.map_err(Stop::because)?;
            println!("{}", what_to_try(at, &keys));
        }
        println!(
            "{}",
            reader.say(&Words::new(format!("listening on http://{at}"), format!("à l’écoute sur http://{at}")))
        );
        tokio::spawn(guard::run(Arc::clone(&door)));
        let stopped = serve(listener, &door, &runtime).await?;
        runtime.close().await;
        match stopped {
            None | Some(Stopped::Closed) => Ok(Verdict::Fine),
            Some(Stopped::Failed(why)) => Err(Stop::new(
                format!("the store failed: {why}; nothing was acknowledged since. Start again to recover"),
                format!("le magasin a failli : {why} ; rien n’a été confirmé depuis. Relancez pour reprendre"),
            )),
        }
    }
}

/// How long the journal is kept, once it is long enough.
fn journal_kept(wanted: HumanDuration) -> Result<Duration, Stop> {
    if JOURNAL_KEPT_MIN <= wanted.get() {
        return Ok(wanted.get());
    }
    let days = JOURNAL_KEPT_MIN.as_secs() / 86_400;
    Err(Stop::new(
        format!(
            "--journal-keep {wanted} is less than {days}d: providers repeat messages for so long, and a repeated one gets \
             its first answer from the journal"
        ),
        format!(
            "--journal-keep {wanted} est inférieur à {days}d : les fournisseurs répètent des messages pendant ce temps, et \
             un message répété reçoit sa première réponse du journal"
        ),
    ))
}

/// The keys of a file.
fn secret_keys(file: &Path) -> Result<Arc<SecretKeys>, Stop> {
    let name = file.display();
    let text = fs::read_to_string(file).map_err(|error| {
        Stop::new(
            format!("the keys of secrets in '{name}' cannot be read: {error}"),
            format!("les clés des secrets de « {name} » ne peuvent être lues : {error}"),
        )
    })?;
    let keys = SecretKeys::parse(&text).map_err(|BadSecretKey { line }| {
        Stop::new(
            format!("{name}:{line}: not a key: expected 64 hexadecimal digits, as `openssl rand -hex 32` writes them"),
            format!("{name}:{line} : ce n’est pas une clé : il faut 64 chiffres hexadécimaux, tels qu’en écrit `openssl rand -hex 32`"),
        )
    })?;
    Ok(Arc::new(keys))
}

/// Serves until a signal, or until the shard stops by itself, and says which.
async fn serve(listener: TcpListener, door: &Arc<Door>, runtime: &Runtime) -> Result<Option<Stopped>, Stop> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Stop::because)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Stop::because)?;
    let server = axum::serve(listener, api::service(Arc::clone(door))).with_graceful_shutdown(door.stopped());
    let server = server.into_future();
    tokio::pin!(server);
    let stopped = tokio::select! {
        ended = &mut server => return ended.map(|()| None).map_err(Stop::because),
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
        stopped = runtime.stopped() => Some(stopped),
    };
    tracing::info!("stopping");
    door.stop();
    // A request that takes longer than this is cut off; it was not acknowledged, so nothing is lost.
    let _ = tokio::time::timeout(DRAIN_MAX, server).await;
    Ok(stopped)
}

/// The first administrator's key, when no key opens anything yet.
async fn first_key(door: &Door) -> Result<Option<Secret>, Stop> {
    if !door.keyring.is_empty() {
        return Ok(None);
    }
    let main = TenantId::new(tenant::MAIN).map_err(Stop::because)?;
    tenant::ensure(&door.runtime, &main).await.map_err(Stop::because)?;
    let key = NewKey::make(Role::Administrator, "first").map_err(Stop::because)?;
    door.runtime.write(main.clone(), "set-up".to_owned(), vec![key.change()]).await.map_err(Stop::because)?;
    door.keyring.add(key.prefix, main, key.stored);
    Ok(Some(key.secret))
}

/// Logs to standard error; `RUST_LOG` says how much. No message of a contact or an agent is ever logged.
fn log(format: Format) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,routewright=info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second set-up in one process keeps the first; only tests do that.
    let _ = match format {
        Format::Json => builder.json().try_init(),
        Format::Text => builder.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
}

fn first_start(key: &str) -> Words {
    Words::new(
        format!(
            "First start. The administrator's key of tenant '{}', shown this once:\n\n    {key}\n\n\
             Lost it? Stop the server and run: routewright key new --role administrator\n",
            tenant::MAIN
        ),
        format!(
            "Premier démarrage. La clé d’administrateur de l’organisation « {} », affichée cette seule fois :\n\n    {key}\n\n\
             Perdue ? Arrêtez le serveur et lancez : routewright key new --role administrator\n",
            tenant::MAIN
        ),
    )
}

/// What a newcomer may paste, in both languages: the demonstration does not know who reads it.
fn what_to_try(at: SocketAddr, keys: &DemoKeys) -> String {
    let (admin, touchpoint, agent, supervisor) =
        (keys.administrator.reveal(), keys.touchpoint.reveal(), keys.agent.reveal(), keys.supervisor.reveal());
    let webchat = keys.webchat.reveal();
    // As he called it: after `cargo run` the program is on no path.
    let program = std::env::args().next().unwrap_or_else(|| "routewright".to_owned());
    format!(
        r#"
── Atelier Lumière ─ the demonstration / la démonstration ────────────────────────────────────
Keys of tenant 'demo', new at every start / Clés de l’organisation « demo », neuves à chaque démarrage :

  ADMIN={admin}
  TOUCHPOINT={touchpoint}
  LEA={agent}
  SUPERVISOR={supervisor}
  WEBCHAT={webchat}

Open the Studio and sign in with any of them but the last / Ouvrez le Studio et connectez-vous avec l’une d’elles, sauf la dernière :
   http://{at}/
Be a customer in a browser / Soyez un client dans un navigateur :
   http://{at}/webchat-demo.html?key={webchat}

1. See a whole conversation / Voir une conversation entière
   {program} demo --url http://{at} --key {admin}

2. Be the agent / Être l’agent
   curl -X PUT http://{at}/api/v1/agents/lea/presence -H "Authorization: Bearer {agent}" -H 'Content-Type: application/json' -d '{{"status":"available"}}'

3. Be the contact / Être le contact
   curl http://{at}/api/v1/touchpoints/whatsapp/messages -H "Authorization: Bearer {touchpoint}" -H 'Content-Type: application/json' -d '{{"from":"+33600000001","event_id":"m1","text":"Bonjour"}}'
   curl http://{at}/api/v1/touchpoints/whatsapp/messages -H "Authorization: Bearer {touchpoint}" -H 'Content-Type: application/json' -d '{{"from":"+33600000001","event_id":"m2","choice":"sales"}}'

4. Look at the desk, then take the offer / Regarder le bureau, puis prendre l’offre
   curl http://{at}/api/v1/agents/lea/desk -H "Authorization: Bearer {agent}"
   OFFER=$(curl -s http://{at}/api/v1/agents/lea/desk -H "Authorization: Bearer {agent}" | grep -o '"offer":"[^"]*' | cut -d'"' -f4)
   curl -X POST http://{at}/api/v1/offers/$OFFER/accept -H "Authorization: Bearer {agent}"

5. Watch everything live / Tout voir en direct
   curl -N http://{at}/api/v1/events -H "Authorization: Bearer {supervisor}"

Presence lasts 45 s without a heartbeat (repeat 2) / La présence dure 45 s sans battement (répétez 2).
On closed dates (1 January, 1 May, 25 December in Paris) the centre takes messages instead.
Les jours fermés (1er janvier, 1er mai, 25 décembre à Paris), le centre prend des messages à la place.
──────────────────────────────────────────────────────────────────────────────────────────────
"#
    )
}
