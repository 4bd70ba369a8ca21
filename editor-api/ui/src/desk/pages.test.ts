import { expect, test } from "vitest";
import { pagesBeside } from "./pages";

const CRM = { title: "CRM", url: "https://crm.example/?agent=lea", channels: [] };
const TEMPLATES = { title: "Templates", url: "https://templates.example/?agent=lea", channels: ["whatsapp"] } as const;

test("wap_15_pages_stand_beside_conversations_of_their_channels", () => {
  const on = (channel: "whatsapp" | "sms") => pagesBeside({ channel }, [CRM, { ...TEMPLATES, channels: [...TEMPLATES.channels] }]).map((page) => page.title);
  expect([on("whatsapp"), on("sms")]).toEqual([["CRM", "Templates"], ["CRM"]]);
});

test("wap_22_the_page_that_the_script_opens_comes_first_and_is_never_a_script", () => {
  expect(pagesBeside({ channel: "sms", screen_pop: "https://crm.example/+336" }, [CRM]).map((page) => page.title)).toEqual([null, "CRM"]);
  expect(pagesBeside({ channel: "sms", screen_pop: "javascript:alert(1)" }, [])).toEqual([]);
});
