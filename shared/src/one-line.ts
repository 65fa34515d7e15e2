/** Text that others wrote (a server, a program, whoever typed a name) made fit for one line of a message. */

/**
 * In any spelling that is read as one, or nearly so. Without anything between, it must stand alone: it may be a
 * part of an id, or of an e-mail address.
 */
const WHOLE_MAC =
  /[0-9a-f]{2}(?:[:.-][0-9a-f]{2}){5,}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2,}|(?<![\w@+-])[0-9a-f]{12}(?![\w@+-])/gi

/**
 * `text` without line breaks, control and direction characters, which could forge a line, and without a whole MAC address;
 * with `length`, the first so many letters of it.
 */
export function oneLine(text: string, length = Number.POSITIVE_INFINITY): string {
  const line = shortMacsIn(text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim())
  if (line.length <= length) return line
  // By letters: half a letter could be written nowhere. What is cut off a longer number may leave a whole address.
  return shortMacsIn([...line.slice(0, 2 * length)].slice(0, length).join(''))
}

/** `text` with each MAC address in it shortened. */
export function shortMacsIn(text: string): string {
  let line = text
  // Again, as long as one that was shortened makes a new one with what follows it.
  for (let before = ''; before !== line; ) {
    before = line
    line = line.replaceAll(WHOLE_MAC, short)
  }
  return line
}

/** As `shortMac`, whatever stands between its digits. */
function short(mac: string): string {
  const digits = mac.replaceAll(/[:.-]/g, '').toUpperCase()
  return `${digits.slice(0, 2)}:${digits.slice(2, 4)}:…:${digits.slice(-2)}`
}
