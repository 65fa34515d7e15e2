/**
 * An explanation in sentences, in English or French: which ones, and in which order. The first one is the
 * answer; what follows is for those who doubt it. How a sentence goes is `words-en.ts` and `words-fr.ts`.
 */
import type { Amount } from '../domain/amount.ts'
import { amountFor } from '../domain/rule.ts'
import type { ExplainedDevice, Explanation } from './explanation.ts'
import { hasHoles, lookingLines, minutesIn } from './looking-words.ts'
import type { Span, Words } from './words.ts'
import { english } from './words-en.ts'
import { french } from './words-fr.ts'
import { clockOf } from './words-parts.ts'

export type Lang = 'en' | 'fr'

/** The words of a language. */
export function wordsOf(lang: Lang): Words {
  return lang === 'fr' ? french : english
}

/** The whole explanation: the day, the answer, its evidence, and the decisions, a sentence or two a line. */
export function explanationLines(explanation: Explanation, lang: Lang): string[] {
  return [
    `${wordsOf(lang).date(explanation.day)}, ${explanation.email}`,
    answer(explanation, lang),
    ...reservations(explanation, lang),
    ...evidence(explanation, lang),
    ...decisions(explanation, lang),
  ]
}

/** The answer, in one sentence: what was seen, what it makes, what it takes. */
export function answer(explanation: Explanation, lang: Lang): string {
  const words = wordsOf(lang)
  const { amount, slotCount, needed, seen, devices, deviceCount, email } = explanation
  if (!seen) {
    const seenAtAll = new Set(devices.map(({ number }) => number)).size
    if (seenAtAll > 0) return words.seenOutside(seenAtAll, openingHours(explanation))
    return explanation.registeredDevices === 0 ? words.noDevice(email) : words.notSeen(email)
  }
  const counting = devices.filter(({ slots }) => slots.length > 0)
  return words.seen({
    span: { from: clockOf(seen.first), to: clockOf(seen.last) },
    slotCount,
    deviceCount,
    locations: [...new Set(counting.map(({ location }) => location))].sort(),
    amount,
    needed,
    next: nextAmount(explanation),
  })
}

/** What the answer leaves open: a near miss, a day that goes on, times when nobody was looking. */
export function reservations(explanation: Explanation, lang: Lang): string[] {
  const words = wordsOf(lang)
  const { nearMiss, slotCount, locations, unread, incomplete } = explanation
  const gaps = locations.flatMap((location) => lookingLines(location, words))
  return [
    ...(nearMiss ? [words.nearMiss(slotCount, nearMiss.short, nearMiss.amount)] : []),
    ...notOver(explanation, words),
    ...gaps,
    ...(locations.some(hasHoles) ? [words.nobodySeenThen()] : []),
    ...unread.map((location) => words.unread(location)),
    ...(incomplete ? [words.incomplete()] : []),
  ]
}

function evidence(explanation: Explanation, lang: Lang): string[] {
  const words = wordsOf(lang)
  const { devices, lookedPercent } = explanation
  const sources = [...new Set(devices.map(({ source }) => source))]
  return [
    ...(devices.length > 0 ? [words.slotMeans(openingHours(explanation))] : []),
    ...devices.map((device) => deviceLine(device, words)),
    ...sources.map((source) => {
      const macs = new Map(
        devices.flatMap((device) =>
          device.source === source ? [[device.number, device.mac] as const] : [],
        ),
      )
      return words.owner(source, [...macs.values()])
    }),
    ...(lookedPercent === null ? [] : [words.lookedPercent(lookedPercent)]),
  ]
}

function decisions({ history, charged, amount }: Explanation, lang: Lang): string[] {
  const words = wordsOf(lang)
  if (history.length === 0) return [words.noHistory()]
  return [
    ...history.map((decision) => words.decision(decision)),
    ...(charged === null || charged === amount ? [] : [words.charged(charged)]),
  ]
}

function notOver({ over, asOf, locations }: Explanation, words: Words): string[] {
  if (over) return []
  const begun = locations.some(({ openMinutes }) => openMinutes > 0)
  return [begun ? words.notOver(clockOf(asOf)) : words.notBegun()]
}

function deviceLine(device: ExplainedDevice, words: Words): string {
  const { mac, location, slots, inside, outside, seen } = device
  return words.device({
    mac,
    location,
    slotCount: slots.length,
    minutes: minutesIn(inside),
    span: seen ? { from: clockOf(seen.first), to: clockOf(seen.last) } : undefined,
    outsideMinutes: minutesIn(outside),
  })
}

/** The slots that the next higher amount takes. */
function nextAmount({ amount, rule }: Explanation): { needed: number; amount: Amount } | undefined {
  if (amount === 1) return undefined
  const needed = amount === 0 ? Math.min(rule.halfDaySlots, rule.fullDaySlots) : rule.fullDaySlots
  return { needed, amount: amountFor(needed, rule) }
}

/** The opening hours as people say them: 21:59 as the last minute is until 22:00. */
function openingHours({ rule: { openingHours: hours } }: Explanation): Span {
  return { from: clock(hours.firstMinute), to: clock(hours.lastMinute + 1) }
}

function clock(minute: number): string {
  const twoDigits = (number: number) => String(number).padStart(2, '0')
  return `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}`
}
