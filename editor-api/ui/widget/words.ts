// The widget's own words.
export type Words = { readonly open: string; readonly close: string; readonly title: string; readonly hint: string; readonly write: string; readonly send: string; readonly offline: string; readonly over: string; readonly sending: string; readonly you: string; readonly us: string; readonly writing: string };

export const WORDS: { readonly en: Words; readonly fr: Words } = {
  en: {
    open: "Open the chat",
    close: "Close the chat",
    title: "Chat with us",
    hint: "Write to us: we answer here.",
    write: "Your message…",
    send: "Send",
    offline: "Connection lost, trying again…",
    over: "This conversation is over. Write again to begin another.",
    sending: "Sending…",
    you: "You",
    us: "Us",
    writing: "{name} is writing…",
  },
  fr: {
    open: "Ouvrir le chat",
    close: "Fermer le chat",
    title: "Écrivez-nous",
    hint: "Écrivez-nous : nous répondons ici.",
    write: "Votre message…",
    send: "Envoyer",
    offline: "Connexion perdue, nouvel essai…",
    over: "Cette conversation est terminée. Écrivez pour en commencer une autre.",
    sending: "Envoi…",
    you: "Vous",
    us: "Nous",
    writing: "{name} écrit…",
  },
};
