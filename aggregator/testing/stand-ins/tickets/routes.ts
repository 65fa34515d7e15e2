/**
 * What the stand-in answers to each request: the routes of the real ticket server that this project
 * uses, faults included. No sockets here: a request and the state come in, an answer goes out.
 */
import {
  htmlNotFound,
  json,
  jsonError,
  type StandInAnswer,
  type StandInRequest,
  text,
  UNEXPECTED,
} from './answer.ts'
import { sendEvents } from './audit.ts'
import type { StandInMember } from './member.ts'
import { effectiveValue, type TicketState } from './state.ts'

/** What the routes need besides the request. `shuffle` orders members and devices of the map. */
export interface RouteContext {
  readonly state: TicketState
  readonly keys: readonly string[]
  readonly shuffle: <T>(items: readonly T[]) => T[]
  readonly heartbeats: { macs: readonly string[]; location: string | undefined }[]
}

type Handler = (
  request: StandInRequest,
  context: RouteContext,
  id: string,
  day: string,
) => StandInAnswer

const MAX_BODY_BYTES = 102_400
const SERVER_MAC = /^([\dA-F]{2}:){5}[\dA-F]{2}$/
const MS_PER_DAY = 86_400_000

/** Paths match in any case and with a slash at their end, as the real framework's do. */
const ROUTES: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['POST', /^\/api\/mac\/?$/i, memberMap],
  ['POST', /^\/api\/presence\/?$/i, presence],
  ['POST', /^\/api\/heartbeat\/?$/i, heartbeat],
  ['GET', /^\/api\/members\/?$/i, listMembers],
  ['GET', /^\/api\/members\/([^/]+)\/activity\/?$/i, memberActivity],
  ['POST', /^\/api\/members\/([^/]+)\/activity\/?$/i, addActivity],
  ['PUT', /^\/api\/members\/([^/]+)\/activity\/([^/]+)\/?$/i, changeActivity],
  ['GET', /^\/api\/members\/([^/]+)\/audit\/?$/i, memberAudit],
  ['GET', /^\/api\/audit\/?$/i, allAudit],
]

/** Answers one request; a presence that is accepted is stored in the state. */
export function answerRequest(request: StandInRequest, context: RouteContext): StandInAnswer {
  for (const [method, path, handler] of ROUTES) {
    const match = path.exec(request.path)
    if (!match || method !== request.method) continue
    // Bodies are read before the key is looked at: it may be in them.
    if (request.bodyBytes > MAX_BODY_BYTES) return jsonError(413, 'request entity too large')
    if (!hasKey(request, context.keys)) return jsonError(401, 'Invalid API key')
    return handler(request, context, match[1] ?? '', match[2] ?? '')
  }
  return htmlNotFound(request.method, request.path)
}

/** The first place that has a key decides; a wrong one is not made good by another place. */
function hasKey(request: StandInRequest, keys: readonly string[]): boolean {
  const { authorization, params, query, method } = request
  if (authorization?.startsWith('Token'))
    return keys.some((key) => authorization === `Token ${key}`)
  if (method === 'POST' && params.key) return keys.includes(params.key)
  return keys.includes(query.key ?? '')
}

function memberMap(_request: StandInRequest, { state, shuffle }: RouteContext): StandInAnswer {
  const rows = shuffle(state.members).flatMap(({ macs, email, firstName, lastName }) =>
    shuffle(macs).map((mac) => [mac.toUpperCase(), email, firstName, lastName].join('\t')),
  )
  return text(rows.join('\n'), 'text/csv')
}

function presence({ params }: StandInRequest, { state }: RouteContext): StandInAnswer {
  const { email, date = '', amount = '' } = params
  if (!email) return jsonError(400, 'Missing email')
  const member = state.members.find((each) => each.email === email)
  if (!member) return jsonError(404, 'Member not found')
  const value = Number.parseFloat(amount)
  if (![0, 0.5, 1].includes(value)) return jsonError(400, 'Invalid value')
  if (!isServerDate(date)) return jsonError(400, 'Invalid date')
  state.storePost(member, date, value)
  return text('OK')
}

function heartbeat({ params }: StandInRequest, { heartbeats }: RouteContext): StandInAnswer {
  if (params.macAddresses === undefined) return jsonError(500, UNEXPECTED)
  const macs = params.macAddresses.split(',').map((mac) => mac.trim().toUpperCase())
  const malformed = macs.find((mac) => !SERVER_MAC.test(mac))
  if (malformed !== undefined) return jsonError(400, `Adresse MAC invalide : ${malformed}`)
  heartbeats.push({ macs, location: params.location })
  return text('OK')
}

function listMembers(_request: StandInRequest, { state }: RouteContext): StandInAnswer {
  return json(
    state.members.map(({ id, wpUserId, email, firstName, lastName }) => ({
      _id: id,
      wpUserId,
      firstName,
      lastName,
      email,
    })),
  )
}

function memberActivity(
  _request: StandInRequest,
  context: RouteContext,
  id: string,
): StandInAnswer {
  const member = findMember(context.state, id)
  if (!member) return jsonError(404, 'User not found')
  const days = [...context.state.daysOf(member.id).values()]
  days.sort((a, b) => b.date.localeCompare(a.date))
  const typeOf = (date: string) =>
    member.subscriptionDays.includes(date) ? 'subscription' : 'ticket'
  return json(
    days.map((day) => ({ type: typeOf(day.date), date: day.date, value: effectiveValue(day) })),
  )
}

/** An administrator's form for a day that is not there yet; the value is not checked. */
function addActivity({ params }: StandInRequest, { state }: RouteContext, id: string) {
  const member = findMember(state, id)
  if (!member) return jsonError(404, 'User not found')
  const { date = '', value = '', comment = '' } = params
  if (comment === '') return jsonError(400, 'Missing comment')
  if (!isServerDate(date)) return jsonError(400, 'Invalid date')
  if (state.daysOf(member.id).has(date)) return jsonError(409, 'Activity already exists')
  state.correctDay({ email: member.email, date, value: Number(value), comment })
  return json(state.daysOf(member.id).get(date))
}

/** The same for a day that is there. */
function changeActivity(
  { params }: StandInRequest,
  { state }: RouteContext,
  id: string,
  date: string,
) {
  const member = findMember(state, id)
  if (!member) return jsonError(404, 'User not found')
  const { value = '', comment = '' } = params
  if (comment === '') return jsonError(400, 'Missing comment')
  if (!state.daysOf(member.id).has(date)) return jsonError(404, 'Activity not found')
  state.correctDay({ email: member.email, date, value: Number(value), comment })
  return json(state.daysOf(member.id).get(date))
}

function memberAudit(_request: StandInRequest, { state }: RouteContext, id: string): StandInAnswer {
  const member = findMember(state, id)
  if (!member) return jsonError(404, 'User not found')
  // What a member did to others is in their trail too.
  return audit(state, ({ context, author }) => [context.memberId, author?._id].includes(member.id))
}

/** `from` and `to` are days in UTC; `to` is included, and must be after `from`. */
function allAudit({ query }: StandInRequest, { state }: RouteContext): StandInAnswer {
  const { from = '', to = '' } = query
  const dates = [from, to].filter((date) => date !== '')
  const start = from === '' ? Number.NEGATIVE_INFINITY : Date.parse(from)
  const last = to === '' ? Number.POSITIVE_INFINITY : Date.parse(to)
  if (!dates.every(isServerDate) || (dates.length === 2 && last <= start)) {
    return jsonError(500, UNEXPECTED)
  }
  return audit(state, ({ occurred }) => {
    return occurred.getTime() >= start && occurred.getTime() < last + MS_PER_DAY
  })
}

function audit(
  { audit: { events }, members }: TicketState,
  wanted: Parameters<typeof sendEvents>[2],
): StandInAnswer {
  const sent = sendEvents(events, members, wanted)
  return sent === undefined ? jsonError(500, UNEXPECTED) : json(sent)
}

/** By id, or by the number the member has at the website; never by e-mail. */
function findMember(state: TicketState, id: string): StandInMember | undefined {
  return state.members.find((each) => each.id === id || String(each.wpUserId) === id)
}

/** As lenient as the real one: 2026-02-30 passes, since the language rolls it over. */
function isServerDate(date: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(date) && !Number.isNaN(Date.parse(date))
}
