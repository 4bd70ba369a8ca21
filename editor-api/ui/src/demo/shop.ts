// A page as a customer of ours would have it, with the webchat in it. The key and the language come from its address.
import "./shop.css";

const WORDS = {
  en: { name: "Atelier Lumière", lead: "Lamps made by hand in Nantes, repaired for life.", cta: "See the collection", items: ["Aurora", "Brume", "Cassiopée"], from: "from", delivery: "Delivered within three days. A question? The chat is at the bottom right." },
  fr: { name: "Atelier Lumière", lead: "Des lampes faites à la main à Nantes, réparées à vie.", cta: "Voir la collection", items: ["Aurora", "Brume", "Cassiopée"], from: "à partir de", delivery: "Livrées sous trois jours. Une question ? Le chat est en bas à droite." },
} as const;
const PRICES = [149, 189, 229];

const query = new URLSearchParams(location.search);
const language = query.get("language") === "en" ? "en" : "fr";
const words = WORDS[language];
document.documentElement.lang = language;

const shop = document.getElementById("shop");
shop?.append(
  tag("header", tag("strong", words.name), tag("h1", words.lead)),
  tag("ul", ...words.items.map((item, at) => tag("li", tag("div"), tag("strong", item), tag("span", `${words.from} ${PRICES[at] ?? 0} €`)))),
  tag("p", words.delivery),
);

const script = document.createElement("script");
script.src = "/webchat.js";
script.dataset["key"] = query.get("key") ?? "";
script.dataset["language"] = language;
script.dataset["title"] = words.name;
document.body.append(script);

function tag(name: string, ...children: (Node | string)[]): HTMLElement {
  const node = document.createElement(name);
  node.append(...children);
  return node;
}
