// Pages of other systems that belong beside a conversation: the one that its script opens first, then those of the profile
// that are for its channel.
import type { Schemas } from "../api/client";

/** `title` is null for the page that the script opens. */
export type Page = { readonly title: string | null; readonly url: string };

type Component = Pick<Schemas["Component"], "title" | "url" | "channels">;

export function pagesBeside({ channel, screen_pop }: Pick<Schemas["InteractionShown"], "channel" | "screen_pop">, components: readonly Component[]): readonly Page[] {
  const popped = screen_pop != null && isOfTheWeb(screen_pop) ? [{ title: null, url: screen_pop }] : [];
  const own = components.filter(({ channels = [], url }) => isOfTheWeb(url) && (channels.length === 0 || channels.includes(channel)));
  return [...popped, ...own.map(({ title, url }) => ({ title, url }))];
}

/** A flow fills in what a contact wrote, so an address may be anything; a link to a script it never becomes. */
function isOfTheWeb(url: string): boolean {
  return /^https?:\/\//i.test(url);
}
