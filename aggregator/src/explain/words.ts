/**
 * What can be said about a member's day, in any language: `words-en.ts` and `words-fr.ts` say how,
 * `sentences.ts` decides what is said.
 */
import type { Amount } from '../domain/amount.ts'
import type { ExplainedDecision, ExplainedDevice } from './explanation.ts'

/** Two times of the clock, `HH:MM`. */
export interface Span {
  readonly from: string
  readonly to: string
}

export interface SeenFacts {
  /** The first and the last minute: both the same for a single one. */
  readonly span: Span
  readonly slotCount: number
  readonly deviceCount: number
  readonly locations: readonly string[]
  readonly amount: Amount
  /** Slots that this amount takes. */
  readonly needed: number
  /** Slots that the next higher amount takes. */
  readonly next: { readonly needed: number; readonly amount: Amount } | undefined
}

export interface DeviceFacts {
  readonly mac: string
  readonly location: string
  readonly slotCount: number
  readonly minutes: number
  /** Absent when it was seen only outside the opening hours. */
  readonly span: Span | undefined
  readonly outsideMinutes: number
}

/** When something was not so: a few spans, or, when there are too many to be listed, the longest one. */
export type Gaps =
  | { readonly spans: readonly Span[] }
  | { readonly minutes: number; readonly pieces: number; readonly longest: Span }

/** What a person took out of account: of one probe, or, `null`, of all. */
export interface WithdrawnFacts {
  readonly location: string
  readonly probe: string | null
  readonly span: Span
  readonly by: string
  /** When this was said. */
  readonly at: string
  readonly because: string
}

export interface Words {
  /** `no ticket`, `0.5 ticket`, `1 ticket`. */
  ticket(amount: Amount): string
  slots(count: number): string
  /** `Friday 20 November 2026`, of an ISO day or local time. */
  date(iso: string): string
  seen(facts: SeenFacts): string
  seenOutside(deviceCount: number, hours: Span): string
  notSeen(email: string): string
  noDevice(email: string): string
  notBegun(): string
  notOver(clock: string): string
  nearMiss(slotCount: number, short: 1 | 2, amount: Amount): string
  slotMeans(hours: Span): string
  device(facts: DeviceFacts): string
  owner(source: ExplainedDevice['source'], macs: readonly string[]): string
  hole(location: string, gaps: Gaps): string
  neverLooked(location: string): string
  silentSince(location: string, clock: string): string
  lookingUnknown(location: string): string
  partial(location: string, gaps: Gaps): string
  withdrawn(facts: WithdrawnFacts): string
  nobodySeenThen(): string
  lookedPercent(percent: number): string
  unread(location: string): string
  incomplete(): string
  charged(amount: Amount): string
  noHistory(): string
  decision(decision: ExplainedDecision): string
  readonly picture: PictureWords
}

/** What is written in the picture, beside the sentences. */
export interface PictureWords {
  readonly counted: string
  readonly seen: string
  readonly outside: string
  readonly hole: string
  readonly withdrawn: string
  /** On a day that goes on. */
  readonly silent: string
  readonly now: string
  /** In the place of bars when there are none at all. */
  readonly nobody: string
  /** In the place of bars at one location. */
  readonly none: string
}
