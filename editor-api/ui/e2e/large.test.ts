// A flow of a thousand nodes stays smooth: pan and zoom at thirty frames per second or more, and a change shows at once.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Centre } from "./harness";

const NODES = 1000;
let centre: Centre;

beforeAll(async () => {
  centre = await Centre.open();
});
afterAll(() => centre.close());

test("a thousand nodes pan and zoom at thirty frames per second", async () => {
  const { page, context, errors } = await centre.person(centre.keys.ADMIN);
  const made = await page.evaluate(async (document) => {
    const response = await fetch("/api/v1/flows", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(document) });
    return response.status;
  }, largeFlow());
  expect(made).toBe(201);
  await page.goto(`${centre.url}/flows/large`);
  await page.locator(".node-card").first().waitFor();
  await page.mouse.move(700, 450);
  const frames = await page.evaluate(() => {
    const counted = { frames: 0, from: performance.now(), longest: 0, last: performance.now() };
    const count = (now: number) => {
      counted.frames += 1;
      counted.longest = Math.max(counted.longest, now - counted.last);
      counted.last = now;
      requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    Object.assign(globalThis, { counted });
    return counted.frames;
  });
  expect(frames).toBe(0);
  for (let turn = 0; turn < 4; turn += 1) {
    await page.mouse.down();
    for (let step = 0; step < 20; step += 1) await page.mouse.move(700 + (turn % 2 === 0 ? -15 : 15) * step, 450 + 8 * step);
    await page.mouse.up();
    await page.mouse.wheel(0, turn % 2 === 0 ? -240 : 240);
  }
  const perSecond = await page.evaluate(() => {
    const { frames, from } = (globalThis as unknown as { counted: { frames: number; from: number } }).counted;
    return (frames / (performance.now() - from)) * 1000;
  });
  console.log(`${NODES} nodes: ${perSecond.toFixed(1)} frames per second`);
  await centre.shot(page, "large");
  expect(perSecond).toBeGreaterThanOrEqual(30);
  expect(errors).toEqual([]);
  await context.close();
});

/** A grid of messages, each leading to the next. */
function largeFlow(): object {
  const nodes = Array.from({ length: NODES }, (_, at) => [
    `n${at}`,
    { kind: "send_message", config: { text: { en: `Message ${at}`, fr: `Message ${at}` } }, exits: { done: at + 1 < NODES ? `n${at + 1}` : { end: "done" } } },
  ]);
  const places = Array.from({ length: NODES }, (_, at) => [`n${at}`, { x: (at % 40) * 300, y: Math.floor(at / 40) * 150 }]);
  return { schema: 1, id: "large", title: { en: "Large" }, channels: ["webchat"], entry: "n0", nodes: Object.fromEntries(nodes), layout: { nodes: Object.fromEntries(places) } };
}
