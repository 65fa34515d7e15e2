/**
 * The port to whatever can tell which devices are on a network. A scanner looks at one network or
 * several and gives one `Look` for each; it answers, and does not throw, when a network can't be
 * looked at: the others' sightings must not be lost with it.
 */
import type { Mac } from '@presences/shared'
import type { Unreadable } from './unreadable.ts'

export interface Scanner {
  /** As in `PROBE_SCANNERS`. */
  readonly name: string
  /** Looks once at each of its networks, at the same time; ends within `timeoutMs`. */
  look(timeoutMs: number): Promise<readonly Look[]>
}

/** What one scanner learnt of one network. */
export interface Look extends Unreadable {
  /** The network's name for people: an interface. */
  readonly network: string
  readonly macs: readonly Mac[]
  /** Set when the network was not looked at, or not to the end: never the same as "nobody there". */
  readonly failure?: LookFailure
}

export interface LookFailure {
  /** What happened, in a few words: it travels in the minute file. */
  readonly reason: string
  /** What a person can do about it. */
  readonly advice: string
}
