/** A scanner of nothing, for tests of what uses scanners: each network shows what it was told to. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Mac } from '@presences/shared'
import { failedLook } from '../src/scan/interface-looks.ts'
import type { Look, LookFailure, Scanner } from '../src/scan/scanner.ts'

/** What a network of a fake scanner shows: devices, why it can't be looked at, or never anything. */
export type Shown = readonly Mac[] | LookFailure | 'never'

/** A scanner whose networks show what `shown` says at each look, such as `{ eth0: [anne] }`. */
export function fakeScanner(name: string, shown: () => Readonly<Record<string, Shown>>): Scanner {
  return {
    name,
    look: (timeoutMs) =>
      Promise.all(
        Object.entries(shown()).map(([network, what]) => lookOf(network, what, timeoutMs)),
      ),
  }
}

async function lookOf(network: string, what: Shown, timeoutMs: number): Promise<Look> {
  if (what === 'never') {
    await wait(timeoutMs)
    const reason = `nothing answered within ${timeoutMs / 1000} s`
    return failedLook(network, { reason, advice: 'wait for another scan' })
  }
  if ('reason' in what) return failedLook(network, what)
  return { network, macs: [...new Set(what)], unreadable: [] }
}
