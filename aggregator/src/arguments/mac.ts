/** A MAC address as a person gives it, on the command line or in a path. */
import { MAC_SPELLINGS, type Mac, parseMac } from '@presences/shared'
import { UsageError } from './usage-error.ts'

/** Reads a MAC in any usual spelling, spaces around it left out. Throws UsageError saying what is accepted. */
export function requireMac(text: string): Mac {
  const mac = parseMac(text.trim())
  if (mac) return mac
  throw new UsageError(`${JSON.stringify(text)} is not a MAC address: write it as ${MAC_SPELLINGS}`)
}
