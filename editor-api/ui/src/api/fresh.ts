/**
 * An id that nobody else makes: 128 random bits, in hexadecimal. A browser has `crypto.randomUUID` over HTTPS alone, and
 * a centre may be reached by plain HTTP in its own network.
 */
export function freshId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
