// What a contact is called: his name, else his address, shortened where it means nothing to people.
import type { Schemas } from "../api/client";
import type { Translate } from "../i18n";

export function nameOfContact({ name, address }: Schemas["ContactShown"], t: Translate): string {
  if (name != null && name !== "") return name;
  return address.startsWith("visitor-") ? t("contact.visitor", { id: address.slice("visitor-".length, "visitor-".length + 6) }) : address;
}
