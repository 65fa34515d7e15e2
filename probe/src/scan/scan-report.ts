/** How a scan went, in words: for the `#` line of its minute file, and for the log. Pure. */
import { PARTIAL_KEY } from '@presences/shared'
import type { ScannerLooks } from './look-all.ts'
import type { Look } from './scanner.ts'
import { countUnreadable } from './unreadable.ts'

/**
 * What the `#` line says of a scan: who looked at what, for how long, what went wrong, and how much room
 * is left where it waits.
 */
export function metaOf(
  seen: readonly ScannerLooks[],
  durationMs: number,
  freeBytes: number | undefined,
): Record<string, string> {
  const looks = seen.flatMap(({ looks }) => looks)
  const unreadable = looks.reduce((count, look) => count + countUnreadable(look), 0)
  const failures = seen.flatMap(({ scanner, looks }) =>
    looks.flatMap(({ network, failure }) =>
      failure ? [`${placeOf(network, scanner, seen)}: ${failure.reason}`] : [],
    ),
  )
  return {
    scanner: seen.map(({ scanner }) => scanner).join(','),
    // Of one alone it is the number of devices.
    ...(seen.length > 1 && { seen: seen.map(shareOf).join(',') }),
    interfaces: [...new Set(looks.map(({ network }) => network))].join(','),
    duration_ms: String(durationMs),
    ...(freeBytes !== undefined && { free_mb: String(Math.floor(freeBytes / 1e6)) }),
    ...(failures.length > 0 && { [PARTIAL_KEY]: failures.join('; ') }),
    ...(unreadable > 0 && { unreadable: String(unreadable) }),
  }
}

/** A sentence for each thing that went wrong, which says what to do. */
export function problemsOf(seen: readonly ScannerLooks[]): string[] {
  return seen.flatMap(({ scanner, looks }) =>
    looks.flatMap((look) => problemsOfLook(look, placeOf(look.network, scanner, seen))),
  )
}

function problemsOfLook(look: Look, place: string): string[] {
  const { failure } = look
  const problems = failure
    ? [`Can't scan ${place}: ${failure.reason}. To do: ${failure.advice}`]
    : []
  const [first] = look.unreadable
  if (first) {
    problems.push(
      `Can't read ${countUnreadable(look)} of the scanner's lines on ${place}, line ${first.line} first: ${first.reason}. To do: check the scanner's version`,
    )
  }
  return problems
}

/** How many devices a scanner saw, whoever else saw them. */
function shareOf({ scanner, looks }: ScannerLooks): string {
  return `${scanner}:${new Set(looks.flatMap((look) => look.macs)).size}`
}

/** A network, and the scanner where there are several. */
function placeOf(network: string, scanner: string, seen: readonly ScannerLooks[]): string {
  return seen.length > 1 ? `${network} with ${scanner}` : network
}
