//! `offer_callback`: offers the contact to be called back, as soon as an agent is free or at a time of his choice.
//!
//! | stage | event | what happens |
//! | --- | --- | --- |
//! | - | the node is entered | offers, waits; leaves by `closed` when the service never opens again |
//! | offered | as soon as possible | leaves by `accepted`, or waits for the opening |
//! | offered | at a time | asks for it |
//! | offered, naming | a time when the service is open | keeps it, waits for it |
//! | offered, naming | a time when it is not | says so, asks again; `closed` after `attempts` |
//! | offered, naming | not understood | asks again; `no_answer` after `attempts` |
//! | offered, naming, agreed, calling | no | leaves by `declined` |
//! | offered, naming | silence for `timeout` | leaves by `no_answer` |
//! | agreed | the time has come | leaves by `accepted`, or calls when there is a `call_text` |
//! | calling | the contact writes | leaves by `accepted` |
//! | calling | silence for `call_timeout` | leaves by `no_answer` |
//!
//! What it deliberately does not do: it rings no telephone and asks for no number. What follows `accepted` does: an
//! `enqueue` with `keep_place`, whose agent writes or calls.

use std::{collections::BTreeSet, time::Duration};

use chrono::{Days, NaiveDate};
use routewright_engine::{
    Timestamp,
    calendar::Calendar,
    contact::{Message, SaidOption},
    describe::describe,
    event::Event,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{AttributeRef, CalendarRef, OrTouchpoint, Text},
};
use routewright_flows::{
    AnswerTimes, AttributeName, Descriptor, ExitRole, Flavour, Leaving, Locale, Stay, Waits, check::Possible,
    descriptor::Category,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    answers,
    appointments::{self, WallTime},
    choosing::{Spoken, chosen, show},
    config::{Deadline, attempts_default},
};

/// Offers a call back.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferCallback {
    /// The offer.
    #[schemars(extend("x-fr" = "La proposition."))]
    text: Text,
    /// What is offered; both when absent.
    #[serde(default = "both_ways")]
    #[schemars(length(min = 1), extend("x-fr" = "Ce qui est proposé ; les deux en son absence."))]
    ways: BTreeSet<Way>,
    /// When contacts are called back.
    #[serde(default = "own_calendar")]
    #[schemars(extend("x-fr" = "Quand les contacts sont rappelés."))]
    calendar: CalendarRef,
    /// How far away a time may be at most.
    #[serde(default = "at_most_in_default")]
    #[schemars(extend("x-fr" = "Dans combien de temps au plus peut se situer une heure."))]
    at_most_in: Deadline,
    /// Asks for the time; in words of the product when absent.
    #[schemars(extend("x-fr" = "Demande l’heure ; avec les mots du produit en son absence."))]
    time_text: Option<Text>,
    /// Said when the service is closed at the time named, or it is too far away; in words of the product when absent.
    #[schemars(extend("x-fr" = "Dit quand le service est fermé à l’heure nommée, ou qu’elle est trop lointaine ; avec les mots du produit en son absence."))]
    closed_text: Option<Text>,
    /// Said when a later time is agreed; names it in words of the product when absent.
    #[schemars(extend("x-fr" = "Dit quand une heure ultérieure est convenue ; la nomme avec les mots du produit en son absence."))]
    agreed_text: Option<Text>,
    /// Said when the time has come, to see whether the contact is there; he must write. Without it nobody asks.
    #[schemars(extend("x-fr" = "Dit le moment venu, pour voir si le contact est là ; il doit écrire. Sans ce texte, rien n’est demandé."))]
    call_text: Option<Text>,
    /// How long to wait for an answer to `call_text`.
    #[serde(default = "timeout_default")]
    #[schemars(extend("x-fr" = "Combien de temps attendre une réponse à `call_text`."))]
    call_timeout: Deadline,
    /// How long to wait for an answer to the offer; each message of the contact starts it again.
    #[serde(default = "timeout_default")]
    #[schemars(extend("x-fr" = "Combien de temps attendre une réponse à la proposition ; chaque message du contact le fait repartir."))]
    timeout: Deadline,
    /// How many answers may be misunderstood, or name a time that cannot be, before the node gives up.
    #[serde(default = "attempts_default")]
    #[schemars(range(min = 1, max = 10), extend("x-fr" = "Combien de réponses peuvent rester incomprises, ou nommer une heure impossible, avant que le nœud renonce."))]
    attempts: u8,
    /// Attributes that take what was agreed.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Des attributs qui reçoivent ce qui a été convenu."))]
    into: Into,
}

/// How a contact may be called back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Way {
    /// As soon as an agent is free.
    #[schemars(extend("x-fr" = "Dès qu’un agent est libre."))]
    WhenFree,
    /// At a time that he names.
    #[schemars(extend("x-fr" = "À une heure qu’il nomme."))]
    AtTime,
}

/// Where the agreement goes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Into {
    /// Takes `when_free` or `at_time`.
    #[schemars(extend("x-fr" = "Reçoit `when_free` ou `at_time`."))]
    way: Option<AttributeRef>,
    /// Takes the instant of the call, in UTC (`2026-01-12T13:30:00.000Z`).
    #[schemars(extend("x-fr" = "Reçoit l’instant du rappel, en temps universel (`2026-01-12T13:30:00.000Z`)."))]
    at: Option<AttributeRef>,
}

fn both_ways() -> BTreeSet<Way> {
    BTreeSet::from([Way::WhenFree, Way::AtTime])
}

fn own_calendar() -> CalendarRef {
    CalendarRef(OrTouchpoint::Touchpoint)
}

fn at_most_in_default() -> Deadline {
    Deadline::minutes(7 * 24 * 60)
}

fn timeout_default() -> Deadline {
    Deadline::minutes(10)
}

/// How far the offer has come.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// The contact is asked whether and how.
    #[default]
    Offered,
    /// He is asked when.
    Naming,
    /// A time is agreed and has not come.
    Agreed,
    /// It has come, and he is asked whether he is there.
    Calling,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Memory {
    stage: Stage,
    /// Answers of no use so far.
    failed: u8,
}

const SILENCE: &str = "silence";
const DUE: &str = "due";
const DECLINE: &str = "decline";

impl Way {
    fn id(self) -> &'static str {
        match self {
            Self::WhenFree => "when_free",
            Self::AtTime => "at_time",
        }
    }
}

impl Node for OfferCallback {
    fn descriptor() -> Descriptor {
        describe::<Self>("offer_callback", Category::Route, Flavour::Waiting)
            .title("Offer a call back", "Proposer un rappel")
            .docs(EN, FR)
            .icon("phone-incoming")
            .exit(
                "accepted",
                ExitRole::Normal,
                "The contact wants it, and its time has come.",
                "Le contact le veut, et le moment en est venu.",
            )
            .exit("declined", ExitRole::Normal, "The contact does not want it.", "Le contact n’en veut pas.")
            .exit(
                "no_answer",
                ExitRole::Timeout,
                "The contact did not answer, or not in words that were understood.",
                "Le contact n’a pas répondu, ou pas en des termes compris.",
            )
            .exit(
                "closed",
                ExitRole::Normal,
                "The service does not open in time, or was closed at every time named.",
                "Le service n’ouvre pas à temps, ou était fermé à chaque heure nommée.",
            )
            .error_exit()
            .example(
                "Now or later",
                "Maintenant ou plus tard",
                json!({ "text": { "fr": "L’attente est longue. Préférez-vous être rappelé ?", "en": "The wait is long. Would you rather be called back?" } }),
            )
            .example(
                "At a time only, within two days, and only if the contact is there then",
                "À heure dite seulement, sous deux jours, et seulement si le contact est alors là",
                json!({
                    "text": { "fr": "Souhaitez-vous un rendez-vous ?", "en": "Would you like an appointment?" },
                    "ways": ["at_time"], "at_most_in": "2d", "call_timeout": "15m",
                    "call_text": { "fr": "Un agent vous attend. Êtes-vous là ?", "en": "An agent is ready. Are you there?" },
                    "into": { "at": "appointment" },
                }),
            )
            .counter_example(
                "Nothing to offer",
                "Rien à proposer",
                json!({ "text": { "fr": "Un rappel ?" }, "ways": [] }),
            )
            .counter_example("No words", "Aucun texte", json!({ "ways": ["when_free"] }))
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.text(&mut self.text);
        let own = [&mut self.time_text, &mut self.closed_text, &mut self.agreed_text, &mut self.call_text];
        own.into_iter().flatten().for_each(|text| cx.text(text));
    }

    fn stores(&self) -> Vec<(AttributeName, Possible)> {
        [&self.into.way, &self.into.at].into_iter().flatten().map(|into| (into.0.clone(), Possible::TEXT)).collect()
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        let (answer, until) = (self.timeout.get(), self.at_most_in.get());
        let called = self.call_text.as_ref().map(|_| self.call_timeout.get());
        let longest = answer.max(until).max(called.unwrap_or_default());
        let accepted = answer.max(called.unwrap_or(until));
        let closed = Leaving { quiet: Some(Duration::ZERO), after: Some(answer) };
        let no_answer = Leaving::after(answer.max(called.unwrap_or_default()));
        let waits = Waits::asking(longest).by("accepted", Leaving::after(accepted));
        Some(Stay::Own(waits.by("closed", closed).by("no_answer", no_answer)))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        if self.opening(turn)?.is_none() || self.ways(turn).is_empty() {
            return Ok(Next::exit("closed"));
        }
        self.offer(turn)?;
        Ok(self.listen(Memory::default(), turn))
    }

    fn resume(&self, event: &Event, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        match event {
            Event::Message(message) => self.hear(message, turn),
            Event::Alarm(alarm) if alarm.as_str() == DUE => match &self.call_text {
                None => Ok(Next::exit("accepted")),
                Some(text) => {
                    let text = turn.render(text)?;
                    turn.say_text(text)?;
                    turn.alarm(SILENCE, self.call_timeout.get());
                    turn.remember(&Memory { stage: Stage::Calling, failed: 0 });
                    Ok(Next::Wait)
                }
            },
            Event::Alarm(_) => Ok(Next::exit("no_answer")),
            Event::Routed(_) | Event::Answered(_) | Event::Returned { .. } => Ok(Next::Wait),
        }
    }
}

/// What a time that a contact named is good for.
enum Named {
    At(Timestamp),
    Closed,
}

impl OfferCallback {
    fn hear(&self, message: &Message, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let memory: Memory = turn.memory();
        let locale = turn.locale().clone();
        let options = options(&self.ways(turn), &locale);
        let spoken: Vec<Spoken> =
            options.iter().map(|option| Spoken::new(&option.id, [option.label.as_str()])).collect();
        // Numbers choose only while the options are on show: later, they belong to a time.
        let shown = memory.stage == Stage::Offered || message.choice.is_some();
        let tapped = shown.then(|| chosen(message, &spoken, &options)).flatten();
        let tapped = tapped.and_then(|at| options.get(at)).map(|option| option.id.as_str());
        if tapped == Some(DECLINE) || answers::yes_no(message) == Some(false) || gives_up(message) {
            return Ok(Next::exit("declined"));
        }
        match memory.stage {
            Stage::Calling => return Ok(Next::exit("accepted")),
            Stage::Agreed => return Ok(Next::Wait),
            Stage::Offered | Stage::Naming => {}
        }
        let means_yes = memory.stage == Stage::Offered && answers::yes_no(message) == Some(true);
        if tapped == Some(Way::WhenFree.id()) || means_yes && self.ways(turn).contains(&Way::WhenFree) {
            return match self.opening(turn)? {
                Some(at) => self.agree(Way::WhenFree, at, turn),
                None => Ok(Next::exit("closed")),
            };
        }
        if tapped == Some(Way::AtTime.id()) || means_yes {
            self.say(self.time_text.as_ref(), Words::When, turn)?;
            return Ok(self.listen(Memory { stage: Stage::Naming, ..memory }, turn));
        }
        let named = if self.ways(turn).contains(&Way::AtTime) { self.named(message, turn)? } else { None };
        let failed = memory.failed.saturating_add(1);
        match named {
            Some(Named::At(at)) => return self.agree(Way::AtTime, at, turn),
            Some(Named::Closed) if self.attempts <= failed => return Ok(Next::exit("closed")),
            Some(Named::Closed) => self.say(self.closed_text.as_ref(), Words::Closed, turn)?,
            None if self.attempts <= failed => return Ok(Next::exit("no_answer")),
            None if memory.stage == Stage::Naming => self.say(self.time_text.as_ref(), Words::When, turn)?,
            None => self.offer(turn)?,
        }
        let stage = if matches!(named, Some(Named::Closed)) { Stage::Naming } else { memory.stage };
        Ok(self.listen(Memory { stage, failed }, turn))
    }

    /// The contact is to be called at this instant; his place in line is held from now on.
    fn agree(&self, way: Way, at: Timestamp, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        turn.hold_place();
        for (into, value) in [(&self.into.way, way.id().to_owned()), (&self.into.at, at.to_string())] {
            if let Some(into) = into {
                turn.set(&into.0, Value::String(value))?;
            }
        }
        if at <= turn.now() {
            return Ok(Next::exit("accepted"));
        }
        turn.cancel_alarm(SILENCE);
        turn.alarm(DUE, at.since(turn.now()));
        self.say(self.agreed_text.as_ref(), Words::Agreed(at), turn)?;
        turn.remember(&Memory { stage: Stage::Agreed, failed: 0 });
        Ok(Next::Wait)
    }

    /// The ways on offer. Who stands in line could be taken by an agent before his time, so he is offered no time.
    fn ways(&self, turn: &Turn<'_>) -> Vec<Way> {
        let in_line = turn.is_waiting_for_agent();
        self.ways.iter().copied().filter(|way| *way != Way::AtTime || !in_line).collect()
    }

    /// When the service is next open, now included; none when that is too far away.
    fn opening(&self, turn: &Turn<'_>) -> Result<Option<Timestamp>, Fault> {
        let (now, calendar) = (turn.now(), turn.calendar_of(&self.calendar)?);
        let opens = if calendar.is_open(now) { Some(now) } else { calendar.next_change(now) };
        Ok(opens.filter(|at| at.since(now) <= self.at_most_in.get()))
    }

    fn named(&self, message: &Message, turn: &Turn<'_>) -> Result<Option<Named>, Fault> {
        let (now, calendar) = (turn.now(), turn.calendar_of(&self.calendar)?);
        let Some(wall_now) = wall_time(calendar, now) else { return Ok(None) };
        let Some((day, minute)) = appointments::read(message, turn.locale(), wall_now) else { return Ok(None) };
        let at = calendar.instant(day.signed_duration_since(NaiveDate::default()).num_days(), minute);
        let suits = now <= at && at.since(now) <= self.at_most_in.get() && calendar.is_open(at);
        Ok(Some(if suits { Named::At(at) } else { Named::Closed }))
    }

    fn offer(&self, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let text = turn.render(&self.text)?;
        let options = options(&self.ways(turn), turn.locale());
        show(turn, text, options)
    }

    fn say(&self, own: Option<&Text>, words: Words, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let text = match own {
            Some(own) => turn.render(own)?,
            None => {
                let at = match words {
                    Words::Agreed(at) => wall_time(turn.calendar_of(&self.calendar)?, at),
                    Words::When | Words::Closed => None,
                };
                words.written(at, turn.locale())
            }
        };
        turn.say_text(text)
    }

    fn listen(&self, memory: Memory, turn: &mut Turn<'_>) -> Next {
        turn.alarm(SILENCE, self.timeout.get());
        turn.remember(&memory);
        Next::Wait
    }
}

/// What the product says where the author does not.
#[derive(Debug, Clone, Copy)]
enum Words {
    When,
    Closed,
    Agreed(Timestamp),
}

impl Words {
    fn written(self, at: Option<WallTime>, locale: &Locale) -> String {
        let french = locale.language() == "fr";
        let time = at.map(|at| appointments::written(at, locale)).unwrap_or_default();
        match (self, french) {
            (Self::When, true) => "Quand vous convient-il ? Par exemple : demain à 14 h 30.".to_owned(),
            (Self::When, false) => "When suits you? For example: tomorrow at 2:30 pm.".to_owned(),
            (Self::Closed, true) => {
                "Nous ne pouvons pas vous rappeler à ce moment-là. Quelle autre heure vous conviendrait ?".to_owned()
            }
            (Self::Closed, false) => "We cannot call you back then. Which other time would suit you?".to_owned(),
            (Self::Agreed(_), true) => {
                format!("C’est noté : nous revenons vers vous {time}. Écrivez « annuler » pour y renoncer.")
            }
            (Self::Agreed(_), false) => {
                format!("Noted: we will get back to you on {time}. Write \"cancel\" to call it off.")
            }
        }
    }
}

fn wall_time(calendar: &Calendar, at: Timestamp) -> Option<WallTime> {
    let (day, minute) = calendar.wall_clock(at);
    let day = NaiveDate::default().checked_add_days(Days::new(u64::try_from(day).ok()?))?;
    Some((day, minute))
}

fn options(ways: &[Way], locale: &Locale) -> Vec<SaidOption> {
    let french = locale.language() == "fr";
    let label = |way: Way| match (way, french) {
        (Way::WhenFree, true) => "Dès que possible",
        (Way::WhenFree, false) => "As soon as possible",
        (Way::AtTime, true) => "Choisir une heure",
        (Way::AtTime, false) => "Choose a time",
    };
    let offered = ways.iter().map(|way| SaidOption { id: way.id().to_owned(), label: label(*way).to_owned() });
    let decline = if french { "Non merci" } else { "No thanks" };
    offered.chain([SaidOption { id: DECLINE.to_owned(), label: decline.to_owned() }]).collect()
}

/// Words by which a contact calls an agreement off.
fn gives_up(message: &Message) -> bool {
    let said = crate::folding::fold(&message.text);
    ["annuler", "annulez", "annule", "cancel", "cancel it", "j'attends", "i'll wait"].contains(&said.as_str())
}

const EN: &str = "\
## What it does
Offers the contact to be called back, on the telephone or in writing: as soon as an agent is free, or at a time that he names in his own words. It keeps the agreement until its time has come, over restarts and for days, and holds his place in line meanwhile.

## When to use it
When `check_queue` finds a long wait, or nobody is there. Lead `accepted` to `enqueue` with `keep_place`, so that the contact stands where he stood, and set a priority before it if an appointment goes before the line. To let a contact choose while he waits, put the offer into the flow of `while_waiting`, or let that flow end, list its end in the `ends` of `enqueue`, and offer here.

## Exits
`accepted` when the contact wants it and its time has come: at once, at the next opening, or at the time he named. `declined` when he does not, or calls it off. `no_answer` when he does not answer the offer, or `call_text`. `closed` when the service does not open within `at_most_in`, or was closed at every time that he named.

## Settings
`ways` says what is offered. Times are read in French and English (`demain 14h30`, `Friday at 2pm`, `12/01 10:00`), by the wall clock of `calendar`, and must lie in its hours and within `at_most_in` (seven days). `call_text` asks when the time has come whether the contact is there; `into` keeps what was agreed. Texts that are left out are said in the product's words, in French or English.

## Pitfalls
It does not ask for a telephone number: put an `ask` of type `phone` before it. A contact who is in line is offered no time, since an agent might take him before it. A visitor of a web page who leaves it ends the conversation, and his agreement with it: offer times on channels that last.
";

const FR: &str = "\
## Ce qu’il fait
Propose au contact d’être rappelé, au téléphone ou par écrit : dès qu’un agent est libre, ou à une heure qu’il nomme avec ses propres mots. Il garde l’accord jusqu’au moment venu, malgré les redémarrages et pendant des jours, et tient pendant ce temps la place du contact en file.

## Quand l’utiliser
Quand `check_queue` constate une longue attente, ou que personne n’est là. Menez `accepted` vers `enqueue` avec `keep_place`, pour que le contact retrouve sa place, et fixez une priorité avant si un rendez-vous passe devant la file. Pour laisser choisir un contact qui attend, placez la proposition dans le scénario de `while_waiting`, ou laissez celui-ci finir, citez sa fin dans les `ends` de `enqueue`, et proposez ici.

## Sorties
`accepted` quand le contact le veut et que le moment est venu : aussitôt, à la prochaine ouverture, ou à l’heure qu’il a nommée. `declined` quand il n’en veut pas, ou qu’il annule. `no_answer` quand il ne répond pas à la proposition, ou à `call_text`. `closed` quand le service n’ouvre pas dans le délai de `at_most_in`, ou était fermé à chaque heure nommée.

## Réglages
`ways` dit ce qui est proposé. Les heures se lisent en français et en anglais (`demain 14h30`, `Friday at 2pm`, `12/01 10:00`), à l’horloge de `calendar`, dans ses horaires et dans le délai de `at_most_in` (sept jours). `call_text` demande, le moment venu, si le contact est là ; `into` garde ce qui a été convenu. Les textes omis sont dits avec les mots du produit, en français ou en anglais.

## Pièges
Il ne demande pas de numéro de téléphone : placez avant lui un `ask` de type `phone`. À un contact déjà en file aucune heure n’est proposée, car un agent pourrait le prendre avant. Le visiteur d’une page qui la quitte met fin à la conversation, et à l’accord avec elle : proposez des heures sur des canaux qui durent.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Stage, node};

    fn offer(more: Value) -> Stage {
        let mut config = json!({ "text": { "fr": "Être rappelé ?" }, "into": { "way": "way", "at": "at" } });
        for (name, value) in more.as_object().expect("settings") {
            config[name] = value.clone();
        }
        node("offer_callback", config)
            .attributes(json!({ "way": { "type": "string" }, "at": { "type": "string" } }))
            .with("at", json!("2026-01-12T09:15:00Z"))
    }

    #[test]
    fn as_soon_as_possible_goes_on_at_once_while_the_service_is_open() {
        for answer in [
            json!({ "contact_chooses": "when_free" }),
            json!({ "contact_says": "oui" }),
            json!({ "contact_says": "1" }),
        ] {
            offer(json!({})).plays(json!([
                { "contact_says": "…" },
                { "expect": { "says": ["Être rappelé ?"], "at": "it" } },
                answer,
                { "expect": { "ended": "accepted", "attributes": { "way": "when_free" } } },
            ]));
        }
    }

    #[test]
    fn a_time_is_agreed_kept_and_comes() {
        offer(json!({})).plays(json!([
            { "contact_says": "…" },
            { "contact_chooses": "at_time" },
            { "expect": { "says": ["Être rappelé ?", "Quand vous convient-il ? Par exemple : demain à 14 h 30."] } },
            { "contact_says": "14h" },
            { "expect": { "at": "it" } },
            { "contact_says": "bien, merci" },
            { "time_passes": "10m" },
            { "expect": { "at": "it", "attributes": { "way": "at_time" } } },
            { "time_passes": "1d" },
            { "expect": { "ended": "accepted" } },
        ]));
    }

    #[test]
    fn a_contact_may_name_the_time_at_once_and_call_it_off() {
        for no in ["annuler", "Non merci"] {
            offer(json!({})).plays(json!([
                { "contact_says": "…" },
                { "contact_says": "demain à 14h30" },
                { "expect": { "at": "it", "attributes": { "way": "at_time" } } },
                { "contact_says": no },
                { "expect": { "ended": "declined" } },
            ]));
        }
    }

    #[test]
    fn the_contact_is_asked_whether_he_is_there() {
        let call = json!({ "call_text": { "fr": "Êtes-vous là ?" }, "call_timeout": "5m" });
        let called = json!([
            { "contact_says": "…" },
            { "contact_says": "demain midi" },
            { "time_passes": "1d12h" },
        ]);
        let then = |steps: Value| {
            let steps: Vec<Value> =
                [&called, &steps].into_iter().flat_map(|s| s.as_array().cloned().unwrap_or_default()).collect();
            offer(call.clone()).plays(json!(steps));
        };
        then(json!([{ "expect": { "ended": "no_answer" } }]));
        offer(json!({ "call_text": { "fr": "Êtes-vous là ?" }, "call_timeout": "2d" })).plays(json!([
            { "contact_says": "…" },
            { "contact_says": "demain midi" },
            { "time_passes": "1d12h" },
            { "expect": { "at": "it" } },
            { "contact_says": "présent" },
            { "expect": { "ended": "accepted" } },
        ]));
    }

    #[test]
    fn what_cannot_be_is_asked_again_and_given_up() {
        offer(json!({ "attempts": 2, "at_most_in": "2d" })).plays(json!([
            { "contact_says": "…" },
            { "contact_says": "dans la soirée" },
            { "expect": { "says": ["Être rappelé ?", "Être rappelé ?"] } },
            { "contact_says": "un jour" },
            { "expect": { "ended": "no_answer" } },
        ]));
        let other = "Nous ne pouvons pas vous rappeler à ce moment-là. Quelle autre heure vous conviendrait ?";
        offer(json!({ "attempts": 2, "at_most_in": "2d" })).plays(json!([
            { "contact_says": "…" },
            { "contact_says": "31/12/2199 10h" },
            { "expect": { "says": ["Être rappelé ?", other] } },
            { "contact_says": "30/12/2199 10h" },
            { "expect": { "ended": "closed" } },
        ]));
        offer(json!({})).plays(json!([
            { "contact_says": "…" },
            { "time_passes": "10m" },
            { "expect": { "ended": "no_answer" } },
        ]));
    }

    #[test]
    fn a_service_that_never_opens_offers_nothing() {
        offer(json!({}))
            .given(json!({ "calendars": { "@touchpoint": "closed" } }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "says": [], "ended": "closed" } }]));
    }

    #[test]
    fn the_place_in_line_is_held_while_the_contact_is_away() {
        offer(json!({}))
            .wired("accepted", json!("queue"))
            .plays_with(
                json!({ "queue": { "kind": "enqueue", "config": { "keep_place": true, "max_wait": "10h" }, "exits": { "ended": { "end": "ended" }, "timeout": { "end": "timeout" } } } }),
                json!([
                    { "contact_says": "…" },
                    { "contact_says": "demain à midi" },
                    { "time_passes": "1d3h" },
                    { "expect": { "waiting_for": ["default"], "waiting_since": "1d3h", "at": "queue" } },
                ]),
            );
    }
}
