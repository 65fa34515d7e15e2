/**
 * Why a member was, or was not, charged on one day: a plain value, the same as JSON. Sentences
 * (`sentences.ts`) and the picture (`timeline/svg.ts`) are made from nothing else.
 */
import { z } from 'zod'

const amount = z.union([z.literal(0), z.literal(0.5), z.literal(1)])
const count = z.int().nonnegative()
/** Local time with its offset: it tells the two 02:30 of an autumn night apart. */
const localTime = z.iso.datetime({ offset: true })
/** A slot by the local time it begins, `08:10`. */
const slot = z.string().regex(/^\d{2}:\d{2}$/)

/** From a minute on, up to and without another. */
const interval = z.object({ from: localTime, to: localTime, minutes: z.int().positive() })

/** The first and the last minute in the opening hours. */
const seen = z.object({ first: localTime, last: localTime }).nullable()

/** One device at one location. */
const device = z.object({
  /** The same number for one device at several locations; from 1. */
  number: z.int().positive(),
  /** Shortened, unless it was asked for whole. */
  mac: z.string(),
  location: z.string(),
  slots: z.array(slot),
  seen,
  /** When it was seen in the opening hours. */
  inside: z.array(interval),
  /** When it was seen outside them: this does not count. */
  outside: z.array(interval),
  source: z.enum(['map', 'registered-late', 'audit']),
})

const location = z.object({
  location: z.string(),
  /** Opening minutes looked at so far, but for what was withdrawn; `null` when old day files do not tell. */
  lookedMinutes: count.nullable(),
  openMinutes: count,
  /** When no probe was looking; `null` when it is not known. What was withdrawn is no hole. */
  holes: z.array(interval).nullable(),
  /** When a part of every probe's scan failed. */
  partial: z.array(interval),
  /** What people took out of account: by whom and why, of which probe; `null` for all of them. */
  withdrawn: z.array(
    interval.extend({
      probe: z.string().nullable(),
      by: z.string(),
      at: localTime,
      because: z.string(),
    }),
  ),
  /** On a day that goes on: since when nothing arrived. The same time is a hole, too. */
  silentSince: localTime.nullable(),
})

/** What one run decided about this day. */
const historyEntry = z.object({
  at: localTime,
  kind: z.enum(['nightly', 'upload', 'replay', 'catch-up', 'close', 'rebuild']),
  by: z.string(),
  computed: amount,
  slotCount: count,
  /** `close`, `reopen`: no run's decision, but what a person said. */
  decision: z.enum(['post', 'skip', 'hold', 'close', 'reopen']),
  reason: z.string(),
  /** `null` unless it was to be posted. */
  outcome: z.enum(['intended', 'posted', 'refused', 'unknown']).nullable(),
  answer: z.string().nullable(),
})

export const explanationSchema = z.object({
  day: z.iso.date(),
  timeZone: z.string(),
  email: z.string(),
  /** All of this is what was known then. */
  asOf: localTime,
  /** The day's opening hours are over. */
  over: z.boolean(),
  /** What the slots make, by the rule. */
  amount,
  slotCount: count,
  slots: z.array(slot),
  /** Slots that this amount takes; for an amount of 0, those the smallest amount takes. */
  needed: count,
  /** One or two slots short of a higher amount. */
  nearMiss: z.object({ short: z.union([z.literal(1), z.literal(2)]), amount }).nullable(),
  /** The rule in force; minutes of the local clock, the last one included. */
  rule: z.object({
    openingHours: z.object({ firstMinute: count, lastMinute: count }),
    halfDaySlots: count,
    fullDaySlots: count,
  }),
  seen,
  /** How many devices fill the slots. */
  deviceCount: count,
  devices: z.array(device),
  /** How many devices the member has in all; `null` when it was not looked up. */
  registeredDevices: count.nullable(),
  locations: z.array(location),
  /** The share of the opening hours that was looked at, of all locations of which it is known. */
  lookedPercent: count.nullable(),
  /** Locations of which something could not be read. */
  unread: z.array(z.string()),
  /** A location was looked at too little, or could not be read wholly. */
  incomplete: z.boolean(),
  /** The amount last posted, as the ledger has it; `null`: the ledger knows of none. */
  charged: amount.nullable(),
  /** Every decision about this day, oldest first. The last one stands. */
  history: z.array(historyEntry),
})

export type Explanation = z.infer<typeof explanationSchema>
export type ExplainedDevice = Explanation['devices'][number]
export type ExplainedLocation = Explanation['locations'][number]
export type ExplainedWithdrawal = ExplainedLocation['withdrawn'][number]
export type ExplainedDecision = Explanation['history'][number]
/** An interval of local times, the end not included. */
export type LocalInterval = z.infer<typeof interval>
