/**
 * All scanners at once, each with the same time. One that fails, throws or never ends takes nothing from
 * the others: what they saw is what a minute is made of.
 */
import { failedLook } from './interface-looks.ts'
import type { Look, Scanner } from './scanner.ts'

/** What one scanner saw, network by network. */
export interface ScannerLooks {
  /** As in `PROBE_SCANNERS`. */
  readonly scanner: string
  readonly looks: readonly Look[]
}

/** Scanners end by themselves; one that doesn't is left behind after this much longer. */
const GRACE_MS = 500

/** Looks with each scanner, in their order. Ends within `timeoutMs` and half a second, and never throws. */
export function lookAll(
  scanners: readonly Scanner[],
  timeoutMs: number,
): Promise<readonly ScannerLooks[]> {
  return Promise.all(
    scanners.map(async (scanner) => ({
      scanner: scanner.name,
      looks: await looksOf(scanner, timeoutMs),
    })),
  )
}

async function looksOf(scanner: Scanner, timeoutMs: number): Promise<readonly Look[]> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<readonly Look[]>((resolve) => {
    const reason = `the scanner did not end within ${timeoutMs / 1000} s`
    const look = failedLook(EVERYTHING, { reason, advice: 'run presences-probe doctor' })
    timer = setTimeout(() => resolve([look]), timeoutMs + GRACE_MS)
  })
  try {
    return await Promise.race([scanner.look(timeoutMs), tooLate])
  } catch (cause) {
    const reason = `the scanner failed: ${(cause as Error).message}`
    return [failedLook(EVERYTHING, { reason, advice: 'if it happens again, tell its author' })]
  } finally {
    clearTimeout(timer)
  }
}

const EVERYTHING = 'all its networks'
