/** Can each network be looked at? The only proof is to look: permission, interface, link, address. */
import type { Look, Scanner } from '../scan/scanner.ts'
import { countUnreadable } from '../scan/unreadable.ts'
import type { Check } from './check.ts'

/** Scans once with each scanner; one check a network. */
export async function checkNetworks(
  scanners: readonly Scanner[],
  timeoutMs: number,
): Promise<Check[]> {
  const checks = await Promise.all(
    scanners.map(async (scanner) => {
      const looks = await scanner.look(timeoutMs)
      return looks.map((look) => checkOf(scanner.name, look))
    }),
  )
  const all = checks.flat()
  // As long as one network is looked at, minutes are recorded.
  const anyWorks = all.some((check) => check.state !== 'fails')
  return anyWorks
    ? all.map((check) => (check.state === 'fails' ? { ...check, state: 'degraded' } : check))
    : all
}

function checkOf(scanner: string, look: Look): Check {
  const { network, macs, failure } = look
  const unreadable = countUnreadable(look)
  const subject = `${scanner} on ${network}` as const
  if (failure) return { subject, state: 'fails', finding: failure.reason, advice: failure.advice }
  if (unreadable > 0) {
    return {
      subject,
      state: 'degraded',
      finding: `${unreadable} lines of its output can't be read`,
      advice: "check the scanner's version",
    }
  }
  if (macs.length === 0) {
    return {
      subject,
      state: 'degraded',
      finding: 'nobody answered, not even a router',
      advice: `check that ${network} is on the network that people use`,
    }
  }
  return { subject, state: 'works', finding: `${macs.length} answered` }
}
