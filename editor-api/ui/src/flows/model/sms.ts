// How many messages a text makes as an SMS: 160 characters of the GSM alphabet, or 70 of any other, less in parts.

const GSM = /^[A-Za-z0-9 \r\n@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&'()*+,\-./:;<=>?¡ÄÖÑÜ§¿äöñüà^{}\\[~\]|€]*$/;
const TWICE = /[\^{}\\[~\]|€]/g;

export function smsParts(text: string): number {
  const isGsm = GSM.test(text);
  const length = isGsm ? text.length + (text.match(TWICE)?.length ?? 0) : text.length;
  const [alone, inParts] = isGsm ? [160, 153] : [70, 67];
  return length <= alone ? 1 : Math.ceil(length / inParts);
}
