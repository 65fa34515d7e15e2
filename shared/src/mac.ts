/**
 * A MAC address has one canonical spelling, `AA:BB:CC:DD:EE:FF`, and a type of its own,
 * so that two spellings of one device can never be counted as two.
 */

declare const macBrand: unique symbol

/** A MAC address in its canonical spelling: upper case, colons. Made only by this file. */
export type Mac = string & { readonly [macBrand]: true }

const CANONICAL = /^[0-9A-F]{2}(?::[0-9A-F]{2}){5}$/
const SPELLINGS = [
  /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i, // aa:bb:cc:dd:ee:ff
  /^[0-9a-f]{2}(?:-[0-9a-f]{2}){5}$/i, // AA-BB-CC-DD-EE-FF (Windows)
  /^[0-9a-f]{2}(?:\.[0-9a-f]{2}){5}$/i, // aa.bb.cc.dd.ee.ff
  /^[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}$/i, // aabb.ccdd.eeff (Cisco)
  /^[0-9a-f]{12}$/i, // aabbccddeeff
]

/** What a person may type, for messages. */
export const MAC_SPELLINGS =
  'AA:BB:CC:DD:EE:FF, AA-BB-CC-DD-EE-FF, AA.BB.CC.DD.EE.FF, AABB.CCDD.EEFF or AABBCCDDEEFF, in upper or lower case'

/** Reads a MAC in any usual spelling (see `MAC_SPELLINGS`); `undefined` for anything else. */
export function parseMac(text: string): Mac | undefined {
  if (CANONICAL.test(text)) return text as Mac
  if (!SPELLINGS.some((spelling) => spelling.test(text))) return undefined
  return macFromBits(Number.parseInt(text.replace(/[^0-9a-f]/gi, ''), 16))
}

/** The canonical spelling of a 48-bit number. Throws a RangeError outside 0 … 2^48-1. */
export function macFromBits(bits: number): Mac {
  if (!Number.isInteger(bits) || bits < 0 || bits > 0xffff_ffff_ffff) {
    throw new RangeError(`A MAC address has 48 bits, got ${bits}`)
  }
  const hex = bits.toString(16).padStart(12, '0').toUpperCase()
  return (hex.match(/../g) as string[]).join(':') as Mac
}

/** A MAC as its 48-bit number (a double holds it exactly). The inverse of `macFromBits`. */
export function macToBits(mac: Mac): number {
  return Number.parseInt(mac.replaceAll(':', ''), 16)
}

/** A MAC for logs and messages, `AA:BB:…:FF`: enough to recognise one's own, not to track a person. */
export function shortMac(mac: Mac): string {
  return `${mac.slice(0, 5)}:…:${mac.slice(-2)}`
}
