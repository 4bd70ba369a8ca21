// What stands beside a conversation: the contact, the page that the script opens for whoever takes him (WAP-22), and pages
// of other systems (WAP-15). They are links that the agent opens: this page holds no page of another system in itself.
import { ExternalLink } from "lucide-react";
import type { Schemas } from "../api/client";
import { useReferences } from "../forms/references";
import { valueTitle } from "../forms/titles";
import { languageTitle, localeOf, useWords } from "../i18n";
import { nameOfContact } from "../ui/contact";
import { pagesBeside } from "./pages";
import type { Profile } from "./useProfile";

type BesideProps = { readonly interaction: Schemas["InteractionShown"] | undefined; readonly profile: Profile | undefined; readonly isOpen: boolean };

export function Beside({ interaction, profile, isOpen }: BesideProps) {
  const { t } = useWords();
  if (interaction === undefined) return <aside className="contact-card" data-open={isOpen} />;
  const pages = pagesBeside(interaction, profile?.desk?.components ?? []);
  return (
    <aside className="contact-card" data-open={isOpen} aria-label={t("contact.title")}>
      <h2>{nameOfContact(interaction.contact, t)}</h2>
      {pages.length > 0 && (
        <ul className="pages" aria-label={t("beside.pages")}>
          {pages.map(({ title, url }) => (
            <li key={`${title} ${url}`}>
              <a className={title === null ? "button primary" : "button"} href={url} target="_blank" rel="noopener noreferrer" title={url}>
                <ExternalLink size={13} aria-hidden />
                <span className="truncate">{title ?? t("beside.pop")}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      <ContactFacts interaction={interaction} order={profile?.desk?.contact_card ?? []} />
    </aside>
  );
}

/** What is known of the contact; of what the touchpoint told, what the profile names, or all when it names nothing (DYD-36). */
function ContactFacts({ interaction: value, order }: { interaction: Schemas["InteractionShown"]; order: readonly string[] }) {
  const { t, language } = useWords();
  const { title } = useReferences();
  const rows: readonly (readonly [string, string])[] = [
    [t("contact.address"), value.contact.address],
    [t("contact.channel"), valueTitle(value.channel, language)],
    [t("contact.language"), languageTitle(value.contact.locale, language)],
    [t("contact.touchpoint"), title("touchpoint", value.touchpoint)],
    [t("contact.skills"), Object.keys(value.skills).map((skill) => title("skill", skill)).join(", ")],
    [t("contact.opened"), new Date(value.opened_at).toLocaleString(localeOf(language))],
  ];
  const told = value.contact.fields ?? {};
  const fields = (order.length === 0 ? Object.keys(told) : order).flatMap((name) => (told[name] == null ? [] : [[name, told[name]] as const]));
  const attributes = Object.entries(value.at[0]?.attributes ?? {}).filter(([, one]) => one !== null);
  return (
    <>
      <dl className="facts">
        {rows.filter(([, text]) => text !== "").map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <Known title={t("contact.fields")} facts={fields} />
      <Known title={t("contact.attributes")} facts={attributes} />
    </>
  );
}

function Known({ title, facts }: { title: string; facts: readonly (readonly [string, unknown])[] }) {
  if (facts.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <dl className="facts">
        {facts.map(([name, one]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof one === "string" ? one : JSON.stringify(one)}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
