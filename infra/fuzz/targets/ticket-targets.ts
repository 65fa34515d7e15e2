/** What answers in the ticket server's place, through the adapter that asks it, and what is made of it. */
import { decodeHistory, encodeHistory } from '@presences/aggregator/members/history-codec.ts'
import { importAudit } from '@presences/aggregator/members/import-audit.ts'
import { EMPTY_HISTORY } from '@presences/aggregator/members/map-history.ts'
import {
  type MemberMap,
  MemberMapRefused,
  parseMemberMap,
} from '@presences/aggregator/members/member-map.ts'
import { observeMap } from '@presences/aggregator/members/observe-map.ts'
import { createHttpTickets } from '@presences/aggregator/tickets/http-tickets.ts'
import { type Tickets, TicketsError } from '@presences/aggregator/tickets/tickets.ts'
import type { LocalDay } from '@presences/shared'
import { PLANTED_MACS } from '../engine/fragments.ts'
import { must, mustBeLoggable, READ, SECRET, type Target } from '../engine/target.ts'
import { messageIn, statusIn } from './answer-text.ts'

const DAY = '2026-11-22' as LocalDay
const MEMBERS = '[{"_id":"ana","email":"ana@example.org"},{"_id":"bob","email":null}]'
const REPEATED = `Invalid API key ${SECRET}`

/** What `answer` gives for a path. */
function ticketsOf(answer: (path: string) => Response, faults: string[] = []): Tickets {
  return createHttpTickets({
    url: 'https://tickets.example.org',
    token: SECRET,
    fetch: async (url) => answer(new URL(String(url)).pathname),
    sleep: async () => {},
    random: () => 0.5,
    retries: 1,
    now: () => new Date('2026-11-22T21:15:00Z'),
    onFault: (fault) => faults.push(fault),
  })
}

function answerOf(input: Uint8Array): Response {
  const message = messageIn(input)
  const status = statusIn(message)
  const isBodiless = [204, 205, 304].includes(status)
  return new Response(isBodiless ? null : message.body, {
    status,
    headers: [...message.headers],
  })
}

function json(body: string | Uint8Array): Response {
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}

const nameOf = (error: Error) =>
  error instanceof TicketsError ? `TicketsError: ${error.kind}` : error.name

const errorAnswer: Target = {
  name: 'ticket server answer',
  reader: 'aggregator/src/tickets/http/ticket-answer.ts',
  seeds: [
    '200\ncontent-type: text/plain\n\nOK',
    `401\ncontent-type: application/json; charset=utf-8\n\n{"status":401,"message":"${REPEATED}"}`,
    '404\ncontent-type: application/json\n\n{"status":404,"message":"Member not found"}',
    '404\ncontent-type: text/html\n\n<!DOCTYPE html><html><body>Cannot POST</body></html>',
    '500\ncontent-type: application/json\n\n{"status":500,"message":"Une erreur inattendue est survenue."}',
    '429\nretry-after: 30\ndate: Sun, 22 Nov 2026 21:15:00 GMT\n\nslow down',
    '503\nretry-after: Sun, 22 Nov 2026 21:16:00 GMT\ndate: Sun, 22 Nov 2026 21:15:00 GMT\n\n',
    `302\nlocation: https://login.example.org/${SECRET}?key=${SECRET}\n\n`,
  ],
  words: ['200', '204', '304', '418', '503', '{"message":', 'application/json', ...PLANTED_MACS],
  share: 25,
  errors: [TicketsError],
  nameOf: (error) => `${nameOf(error)}, ${(error as TicketsError).status ?? 'no status'}`,
  async read(input) {
    const tickets = ticketsOf(() => answerOf(input))
    try {
      await tickets.postPresence({ email: 'ana@example.org', day: DAY, amount: 0.5 })
    } catch (error) {
      mustBeLoggable((error as Error).message)
      must((error as Error).message.length < 1_000, 'a message is not as long as the answer')
      throw error
    }
    must(Buffer.from(input).toString().includes('OK'), 'nothing but OK is taken for done')
    return READ
  },
}

const memberMap: Target = {
  name: 'member map',
  reader: 'aggregator/src/members/member-map.ts',
  seeds: [
    'AA:AA:AA:AA:AA:01\tana@example.org\tAna\tMartin\nAA:AA:AA:AA:AA:02\tana@example.org\tAna\tMartin\nAA:AA:AA:AA:AA:03\tbob+1@example.org\tBob\tPetit\nAA:AA:AA:AA:AA:04\t\tEve\tNomail\nAA:AA:AA:AA:AA:05\tspace@example.org\tCoworking\tMetz',
    'aa-aa-aa-aa-aa-01\tAna@Example.org\tZoë\tÉluard\r\nAAAA.AAAA.AA02\tbob@example.org\tBob\tPetit\r\n',
  ],
  words: ['\t', '\n', '\t\t', '@', ' ', 'Coworking', '\u{FFFD}', '<html>', ...PLANTED_MACS],
  share: 40,
  errors: [MemberMapRefused],
  async read(input) {
    const answer = new Response(input, {
      headers: { 'content-type': 'text/csv; charset=utf-8' },
    })
    const map = parseMemberMap(await ticketsOf(() => answer).memberMap())
    for (const { reason } of map.faults) mustBeLoggable(reason)
    must(map.devices.size + map.uncharged.size <= map.rows, 'no device comes from nowhere')
    const faulty = new Set(map.faults.map(({ row }) => row))
    must(
      [...faulty].every((row) => row >= 1 && row <= map.rows),
      'a fault has a row',
    )
    must(
      [...map.devices.keys()].every((mac) => !map.uncharged.has(mac)),
      'a device is charged or is not',
    )
    mustBeObserved(map)
    return map.faults.map(({ reason }) => sortOf(reason))
  },
}

/** A map that was taken is remembered. */
function mustBeObserved(map: MemberMap): void {
  const { history } = observeMap(EMPTY_HISTORY, map, DAY, { acceptShrunk: false })
  const again = decodeHistory(encodeHistory(history))
  must(again.intervals.size === history.intervals.size, 'every device is remembered')
}

function sortOf(reason: string): string {
  if (/columns instead of/.test(reason)) return 'too few or too many columns'
  if (/has no e-mail/.test(reason)) return 'no e-mail'
  if (/is given to/.test(reason)) return 'two owners'
  if (/not UTF-8/.test(reason)) return 'an e-mail that is not UTF-8'
  return reason
}

const AUDIT = JSON.stringify([
  {
    _id: '3',
    action: 'MEMBER_ACTIVITY_UPDATE',
    occurred: '2026-11-21T10:00:00.000Z',
    author: { name: 'Boss', email: 'boss@example.org' },
    context: {
      memberId: 'ana',
      activity: { date: '2026-11-20', value: 1, overrideValue: 0.5 },
      previousActivity: { date: '2026-11-20', value: 1 },
      comment: 'was here half a day',
      member: { _id: 'ana', email: 'ana@example.org' },
    },
  },
  {
    action: 'MEMBER_DEVICE_UPDATE',
    occurred: '2026-11-20T10:00:00+01:00',
    author: null,
    context: {
      memberId: 'ana',
      device: { macAddress: 'AA:AA:AA:AA:AA:01' },
      previousDevice: { macAddress: 'AA:AA:AA:AA:AA:02' },
      member: { _id: 'ana', email: 'ana@example.org' },
    },
  },
  {
    _id: '1',
    action: 'MEMBER_MAC_ADDRESSES_UPDATE',
    occurred: '2026-10-20T10:00:00.000Z',
    context: {
      memberId: 'bob',
      macAddresses: ['AA:AA:AA:AA:AA:02', 'AA:AA:AA:AA:AA:03'],
      previousMacAddresses: [],
      member: { _id: 'bob', email: null },
    },
  },
])
const MATTERS =
  /^MEMBER_(?:ACTIVITY_(?:ADD|UPDATE)|DEVICE_(?:ADD|UPDATE|REMOVE)|MAC_ADDRESSES_UPDATE)$/

const auditTrail: Target = {
  name: 'audit trail',
  reader: 'aggregator/src/tickets/audit/answer.ts',
  seeds: [AUDIT, '[]'],
  words: ['MEMBER_DEVICE_ADD', 'MEMBER_ACTIVITY_ADD', '"action":', 'T24:00:00Z', ...PLANTED_MACS],
  json: true,
  share: 30,
  errors: [TicketsError],
  nameOf,
  async read(input) {
    const trail = await ticketsOf(() => json(input)).auditTrail('2026-01-01' as LocalDay)
    for (const fault of trail.faults) mustBeLoggable(fault)
    for (const { comment, author = '' } of trail.corrections) mustBeLoggable(comment + author)
    const told = trail.corrections.length + trail.devices.length + trail.faults.length
    must(told > 0 || !tellsSomething(input), 'an event that matters is told or reported')
    must(
      trail.corrections.every(({ value }) => Number.isFinite(value)),
      'a value is a number',
    )
    const owned = parseMemberMap('AA:AA:AA:AA:AA:01\tana@example.org\tAna\tMartin')
    const { history } = observeMap(EMPTY_HISTORY, owned, DAY, { acceptShrunk: false })
    const imported = importAudit(history, trail.devices, 'Europe/Paris')
    decodeHistory(encodeHistory(imported))
    return trail.faults.map((fault) =>
      fault.replaceAll(/ (?:of|with id) .*?: /g, ': ').slice(0, 70),
    )
  },
}

/** A correction of this year, whole and plain, in the input. */
function tellsSomething(input: Uint8Array): boolean {
  const events = JSON.parse(new TextDecoder().decode(input)) as unknown[]
  return events.some((event) => {
    const { action, occurred } = (event ?? {}) as { action?: unknown; occurred?: unknown }
    const isOfThisYear = typeof occurred !== 'string' || occurred >= '2026-01-02'
    const isCorrection =
      typeof action === 'string' && MATTERS.test(action) && /ACTIVITY/.test(action)
    return isCorrection && isOfThisYear
  })
}

const storedAmounts: Target = {
  name: 'stored amounts',
  reader: 'aggregator/src/tickets/http/stored-amounts.ts',
  seeds: [
    '[{"type":"ticket","date":"2026-01-05","value":1},{"date":"2026-02-30","value":0.5}]',
    '[]',
  ],
  json: true,
  share: 25,
  errors: [TicketsError],
  nameOf,
  async read(input) {
    const faults: string[] = []
    const tickets = ticketsOf((path) => json(path.endsWith('/activity') ? input : MEMBERS), faults)
    const amounts = await tickets.storedAmounts('ana@example.org')
    for (const fault of faults) mustBeLoggable(fault)
    must(
      [...amounts.values()].every((value) => typeof value === 'number'),
      'an amount is a number',
    )
    return faults.length > 0 ? ['a day no calendar has'] : READ
  },
}

const memberList: Target = {
  name: 'member list',
  reader: 'aggregator/src/tickets/http/member-list.ts',
  seeds: [MEMBERS],
  json: true,
  share: 25,
  errors: [TicketsError],
  nameOf,
  async read(input) {
    const tickets = ticketsOf((path) => json(path.endsWith('/activity') ? '[]' : input))
    const amounts = await tickets.storedAmounts('ana@example.org')
    must(amounts.size === 0, 'nothing comes from nowhere')
    return READ
  },
}

export const TICKET_TARGETS = [errorAnswer, memberMap, auditTrail, storedAmounts, memberList]
