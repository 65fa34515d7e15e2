/** What the program takes from the machine it runs on: one value, so that a test can give its own. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ReadText, visibleFault, visibleLine, visibleText } from '@presences/shared'
import type { openStore } from './store/open-store.ts'

export interface Effects {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The only clock there is: everything else is told the instant. */
  readonly now: () => Date
  /** Waits between attempts. */
  readonly sleep: (ms: number) => Promise<void>
  /** Does `action` every so often, until what it returns is called. Keeps no program alive. */
  readonly every: (ms: number, action: () => void) => () => void
  readonly readText: ReadText
  /** A few characters that no other run on earth has. */
  readonly newId: () => string
  readonly hostName: string
  readonly fetch: typeof fetch
  /** Opens the store that STORE_URL names. */
  readonly openStore: typeof openStore
  /** In [0, 1): jitter between attempts. */
  readonly random: () => number
  /** Results, one line at a time. */
  readonly printLine: (line: string) => void
  /** Logs and progress. */
  readonly errors: NodeJS.WritableStream & { readonly isTTY?: boolean }
  /** Settles when the program is asked to end (SIGTERM, SIGINT). Called once, by `serve`. */
  readonly untilAskedToEnd: () => Promise<void>
}

/** Effects whose output shows what others wrote as text, and no more (`visible-text.ts`). */
export interface VisibleEffects extends Effects {
  /** A document, whose line feeds are ours: JSON, a picture, a help. */
  readonly printText: (text: string) => void
  /** What failed, in a line of its own. */
  readonly printFault: (text: string) => void
}

/** The one way out of the program: all that a command prints goes through it (logs: `runtime/log.ts`). */
export function visibleEffects(machine: Effects): VisibleEffects {
  return {
    ...machine,
    printLine: (line) => machine.printLine(visibleLine(line)),
    printText: (text) => machine.printLine(visibleText(text)),
    printFault: (text) => void machine.errors.write(`${visibleFault(text)}\n`),
  }
}

/** The effects of the real machine. */
export function systemEffects(): Effects {
  return {
    env: process.env,
    now: () => new Date(),
    sleep: (ms) => sleep(ms),
    every: (ms, action) => {
      const timer = setInterval(action, ms).unref()
      return () => clearInterval(timer)
    },
    readText,
    newId: () => randomBytes(4).toString('hex'),
    hostName: hostname(),
    fetch,
    openStore: async (...asked) => (await import('./store/open-store.ts')).openStore(...asked),
    random: Math.random,
    printLine: (line) => process.stdout.write(`${line}\n`),
    errors: process.stderr,
    untilAskedToEnd: () =>
      new Promise((resolve) => {
        process.once('SIGTERM', () => resolve())
        process.once('SIGINT', () => resolve())
      }),
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
