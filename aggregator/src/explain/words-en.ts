/** The sentences in English: plain words, for members who are no engineers. */
import { format } from 'date-fns/format'
import { enUS } from 'date-fns/locale/en-US'
import type { ExplainedDecision } from './explanation.ts'
import type { Gaps, Span, Words } from './words.ts'
import { clockOf, dateOf, listed, withoutStop } from './words-parts.ts'

const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`
const fromTo = ({ from, to }: Span) => `from ${from} to ${to}`
const between = ({ from, to }: Span) => (from === to ? `at ${from}` : `between ${from} and ${to}`)
const ofADay = (amount: number) => (amount === 1 ? 'a whole day' : 'half a day')

function during(gaps: Gaps): string {
  if ('spans' in gaps) return listed(gaps.spans.map(fromTo), 'and')
  const { minutes, pieces, longest } = gaps
  return `for ${counted(minutes, 'minute')} in ${pieces} pieces, the longest ${fromTo(longest)}`
}

export const english: Words = {
  ticket: (amount) => (amount === 0 ? 'no ticket' : `${amount} ticket`),
  slots: (count) => counted(count, 'slot'),
  date: (iso) => format(dateOf(iso), 'EEEE d MMMM y', { locale: enUS }),
  seen({ span, slotCount, deviceCount, locations, amount, needed, next }) {
    const by = `by ${counted(deviceCount, 'device')} at ${listed(locations, 'and')}`
    const makes = `${english.slots(slotCount)} ${between(span)}, ${by}: ${english.ticket(amount)}`
    const need = `${english.slots(needed)} ${needed === 1 ? 'is' : 'are'} needed`
    if (!next) return `${makes}; ${need}.`
    if (amount === 0) return `${makes}; ${need} for ${english.ticket(next.amount)}.`
    return `${makes}; ${need}, and ${next.needed} for ${english.ticket(next.amount)}.`
  },
  seenOutside: (count, { from, to }) =>
    `${counted(count, 'device')} ${count === 1 ? 'was' : 'were'} seen, but only outside the opening hours (${from} to ${to}): no ticket.`,
  notSeen: (email) => `No device registered for ${email} was seen: no ticket.`,
  noDevice: (email) => `No device is registered for ${email}, so none could be seen: no ticket.`,
  notBegun: () => 'The opening hours have not begun yet.',
  notOver: (clock) => `The day is not over: this is what was known at ${clock}.`,
  nearMiss: (slotCount, short, amount) =>
    `${english.slots(slotCount)}: ${short === 1 ? 'one' : 'two'} short of ${ofADay(amount)}.`,
  slotMeans: ({ from, to }) =>
    `A slot is ten minutes of the opening hours (${from} to ${to}) in which a device was seen at least once.`,
  device({ mac, location, slotCount, minutes, span, outsideMinutes }) {
    const where = `Device ${mac} at ${location}`
    const outside = counted(outsideMinutes, 'minute')
    const counts = outsideMinutes === 1 ? 'does not count' : 'do not count'
    if (!span) return `${where}: ${outside} outside the opening hours, which ${counts}.`
    const seen = `${where}: ${english.slots(slotCount)}, ${counted(minutes, 'minute')} ${between(span)}.`
    return outsideMinutes === 0
      ? seen
      : `${seen} ${outside} more outside the opening hours ${counts}.`
  },
  owner(source, macs) {
    const devices = listed(macs, 'and')
    if (source === 'map') return `Registered for this member on that day: ${devices}.`
    if (source === 'audit') {
      return `This member's on that day, as the history of the ticket server says: ${devices}.`
    }
    return `Known as theirs only from a later day on, so counted for ${macs.length === 1 ? 'its' : 'their'} first owner: ${devices}.`
  },
  hole: (location, gaps) => `No probe was looking at ${location} ${during(gaps)}.`,
  neverLooked: (location) => `No probe was looking at ${location} in the opening hours.`,
  silentSince: (location, clock) => `Nothing has arrived from ${location} since ${clock}.`,
  lookingUnknown: (location) =>
    `It is not known when a probe was looking at ${location}: files of the old kind do not say.`,
  partial: (location, gaps) =>
    `At ${location} a part of the search failed ${during(gaps)}: a device may have been missed.`,
  withdrawn({ location, probe, span, by, at, because }) {
    const what = probe === null ? 'What was seen' : `What probe ${probe} saw`
    const when = `withdrawn by ${by} on ${english.date(at)}`
    return `${what} at ${location} ${fromTo(span)} does not count: ${when}, because: ${withoutStop(because)}.`
  },
  nobodySeenThen: () => 'While no probe is looking, nobody is seen.',
  lookedPercent: (percent) => `Probes were looking during ${percent} % of the opening hours.`,
  unread: (location) =>
    `Not all that was recorded at ${location} could be read: it may show more, and will be read again.`,
  incomplete: () => 'This day is incomplete: too much of it is not known.',
  charged: (amount) =>
    amount === 0
      ? 'As it stands, nothing is charged.'
      : `As it stands, ${amount} ticket is charged.`,
  noHistory: () => 'No decision about this day is on record.',
  decision(made) {
    const { at, kind, by, computed, slotCount, decision, reason } = made
    const when = `${english.date(at)}, ${clockOf(at)}`
    const why = `Reason: ${withoutStop(reason)}.`
    if (decision === 'close') return `${when}: closed by ${by}, nothing more is done. ${why}`
    if (decision === 'reopen') return `${when}: reopened by ${by}. ${why}`
    if (kind === 'rebuild') return `${when}: this ledger was lost, and made again by ${by}. ${why}`
    const run = `${when}, ${RUNS[kind]} (${by})`
    const from = `${english.ticket(computed)} from ${english.slots(slotCount)}`
    return `${run}: ${from}; ${outcomeOf(made)}. ${why}`
  },
  picture: {
    counted: 'slot that counts',
    seen: 'device seen',
    outside: 'seen, does not count',
    hole: 'no probe was looking',
    withdrawn: 'withdrawn, does not count',
    silent: 'nothing arrived yet',
    now: 'now',
    nobody: 'No device was seen.',
    none: 'none',
  },
}

const RUNS: Record<ExplainedDecision['kind'], string> = {
  nightly: 'nightly run',
  upload: 'run asked for',
  replay: 'replay',
  'catch-up': 'catching up',
  close: 'closing',
  rebuild: 'making again',
}

function outcomeOf({ decision, outcome, computed, answer }: ExplainedDecision): string {
  if (decision === 'skip') return 'nothing to do'
  if (decision === 'hold') return 'held back, a person must look at it'
  if (outcome === 'posted') return computed === 0 ? 'charge taken back' : 'charged'
  const because = answer ? ` (${withoutStop(answer)})` : ''
  if (outcome === 'refused') return `refused by the ticket server${because}`
  if (outcome === 'unknown') return `the ticket server gave no clear answer${because}`
  return 'being sent, or interrupted while it was sent'
}
