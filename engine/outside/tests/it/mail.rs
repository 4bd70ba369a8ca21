//! E-mails, against a mail server that takes them, or refuses.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use routewright_engine::{
    InteractionId, TenantId,
    call::{Call, CallAnswer, CallFailure, MailCall, Patience},
    effect::EffectId,
};
use routewright_flows::HumanDuration;
use routewright_outside::{Options, Outside};
use routewright_runtime::calls::{CallOrder, Caller};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use crate::web::secret;

/// Speaks as much SMTP as a client needs; knows no mailbox called `nobody`.
async fn serve(stream: TcpStream, taken: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 test ESMTP\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_ascii_uppercase();
        let answer = match command.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250 test",
            "RCPT" if command.contains("NOBODY@") => "550 no such mailbox",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut message = String::new();
                while !message.ends_with("\r\n.\r\n") && stream.read_line(&mut message).await? > 0 {}
                taken.lock().unwrap_or_else(PoisonError::into_inner).push(message);
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

async fn server() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = format!("smtp://{}", listener.local_addr().expect("it listens"));
    let taken = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&kept)));
        }
    });
    (address, taken)
}

fn mail(server: &str, to: &str) -> CallOrder {
    let [timeout, backoff] = [5_000, 10].map(HumanDuration::from_millis);
    CallOrder {
        id: EffectId { interaction: InteractionId(7), turn: 3, index: 1 },
        tenant: TenantId::new("acme").expect("a tenant's id"),
        call: Call::Mail(MailCall {
            server: secret("mail"),
            from: "Accueil <desk@example.com>".into(),
            to: vec![to.into()],
            reply_to: Some("help@example.com".into()),
            subject: "Rappel demandé".into(),
            text: "Rappelez Zoé.".into(),
            patience: Patience { timeout, retries: 1, backoff },
        }),
        secrets: BTreeMap::from([(secret("mail"), server.to_owned())]),
    }
}

#[tokio::test]
async fn a_message_is_handed_over() {
    let (server, taken) = server().await;
    let outside = Outside::new(Options::default()).expect("a way out");
    assert_eq!(outside.call(mail(&server, "zoe@example.com")).await, CallAnswer::Accepted {});
    let taken = taken.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let [message] = taken.as_slice() else { panic!("taken once, not {taken:?}") };
    for part in ["Message-ID: <acme.i7.3.1@example.com>", "To: zoe@example.com", "Reply-To: help@example.com"] {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_handed_over_says_why() {
    let (server, taken) = server().await;
    let outside = Outside::new(Options::default()).expect("a way out");
    for (order, expected) in [
        (mail(&server, "nobody@example.com"), CallFailure::Refused),
        (mail(&server, "not an address"), CallFailure::Invalid),
        (mail("no-server", "zoe@example.com"), CallFailure::Invalid),
        (mail("smtp://127.0.0.1:9", "zoe@example.com"), CallFailure::Unreachable),
        (CallOrder { secrets: BTreeMap::new(), ..mail(&server, "zoe@example.com") }, CallFailure::UnknownSecret),
    ] {
        let answer = outside.call(order).await;
        assert!(matches!(&answer, CallAnswer::Failed { why, .. } if *why == expected), "{answer:?}, not {expected:?}");
    }
    assert!(taken.lock().unwrap_or_else(PoisonError::into_inner).is_empty());
}
