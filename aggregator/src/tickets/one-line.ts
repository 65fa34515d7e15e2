/** Text that others wrote (a server, whoever typed a name) made fit for one line of a message. */
import { parseMac, shortMac } from '@presences/shared'

const WHOLE_MAC = /(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|(?:[0-9a-f]{2}-){5}[0-9a-f]{2}/gi

/** `text` without line breaks and control characters, which could forge a line, and without a whole MAC. */
export function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\u{2028}\u{2029}]+/gu, ' ')
    .replaceAll(WHOLE_MAC, (found) => {
      const mac = parseMac(found)
      return mac === undefined ? found : shortMac(mac)
    })
    .trim()
}
