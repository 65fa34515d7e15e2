/**
 * The way to the ticket server: `fetch` over the stand-in's own routes, without a socket, with what goes wrong
 * there and back. Whatever is stored is noted, in order: the judge looks at it.
 */
import type {
  StandInAnswer,
  StandInRequest,
} from '@presences/aggregator/testing/stand-ins/tickets/answer.ts'
import {
  bodyFieldsOf,
  fieldsOf,
  jsonError,
  UNEXPECTED,
} from '@presences/aggregator/testing/stand-ins/tickets/answer.ts'
import { answerRequest } from '@presences/aggregator/testing/stand-ins/tickets/routes.ts'
import type { TicketState } from '@presences/aggregator/testing/stand-ins/tickets/state.ts'
import type { Random } from '../../random.ts'
import type { Program } from '../runtime/program.ts'
import type { VirtualTime } from '../runtime/virtual-time.ts'
import { questionOf } from './unanswered.ts'

export const TICKET_KEY = 'key-of-the-simulation'

export interface LineTroubles {
  readonly isDown: () => boolean
  /** It answers what it is asked, and stores nothing. */
  readonly isReadOnly: () => boolean
  /** A request that goes wrong in some way, 0 … 1. */
  readonly request: number
  /** An empty map, or one that lost most of its rows. */
  readonly map: number
  readonly audit: number
  /** So long each answer takes that comes at all. */
  readonly delayMs: number
}

/** A post that the server stored. */
export interface StoredPost {
  readonly at: number
  readonly memberId: string
  /** As it was sent. */
  readonly email: string
  readonly date: string
  readonly amount: number
  /** What the server had before, as posted or entered; `undefined` for nothing. */
  readonly before: number | undefined
  readonly program: string
  /** The answer came back, and was good. */
  readonly isHeard: boolean
  /** Its place among all that was asked and done at the ticket server. */
  readonly order: number
  /** That of the last answer to the same program that told what people did to this member's days; 0: none did. */
  readonly askedAt: number
  /** That of the last question of the same program about what people did, answered or not. */
  readonly triedAt: number
}

/** Only those that begin with `store-then`, `late` and `fine` do what was asked. */
type Way =
  | 'fine'
  | 'drop'
  | '500'
  | '503'
  | '429'
  | 'hang'
  | 'late'
  | 'store-then-500'
  | 'store-then-drop'
  | 'store-then-hang'
const WAYS: readonly Way[] = [
  'drop',
  '500',
  '503',
  '429',
  'late',
  'late',
  'store-then-500',
  'store-then-500',
  'store-then-drop',
  'store-then-drop',
  'store-then-hang',
]
const TIMEOUT_MS = 30_000
/** Of all, or of one member. */
const AUDIT = /^\/api\/(?:members\/([^/]+)\/)?audit$/

export interface LineDeps {
  readonly state: TicketState
  readonly time: VirtualTime
  readonly random: Random
  readonly troubles: () => LineTroubles
  readonly onStored: (post: StoredPost) => void
  /** An attempt ended: it was answered well, or not. */
  readonly onAttempt: (question: string, isAnswered: boolean) => void
  /** The member map was given out. */
  readonly onMap: () => void
  /** The place of what comes now among all that is asked and done there. */
  readonly nextOrder: () => number
  /** A request has come, or was answered well: people may act right now. */
  readonly onMoment: (when: 'before' | 'after', request: StandInRequest) => void
}

/** `fetch`, as `program` has it. */
export function lineOf(program: Program, deps: LineDeps): typeof fetch {
  const { state, time, random, troubles, onStored, onAttempt, onMap, nextOrder, onMoment } = deps
  /** By member, and `''` for all. */
  const asked = new Map<string, number>()
  let triedAt = 0
  return ((url: string, init: RequestInit = {}) => {
    const request = requestOf(url, init)
    if (AUDIT.test(request.path)) triedAt = nextOrder()
    const way = wayOf(request)
    return program.perform({
      note: `${request.method} ${request.path}${detailOf(request)} ${way}`,
      work: () => answerIn(way, request),
    })
  }) as typeof fetch

  function wayOf({ path }: StandInRequest): Way {
    const now = troubles()
    const isRefusing = path === '/api/presence' && now.isReadOnly()
    if (now.isDown() || isRefusing) return random.pick(['drop', '503', 'hang'])
    if (path.includes('audit') && random.chance(now.audit)) return '500'
    return random.chance(now.request) ? random.pick(WAYS) : 'fine'
  }

  async function answerIn(way: Way, request: StandInRequest): Promise<Response> {
    if (way !== 'fine' && way !== 'late') onAttempt(nameOf(request), false)
    if (way === 'drop') throw refused()
    if (way === '500') return responseOf(jsonError(500, UNEXPECTED))
    if (way === '503') return responseOf(jsonError(503, 'Service Unavailable'))
    if (way === '429') {
      const answer = jsonError(429, 'Too many requests')
      return responseOf({ ...answer, headers: { ...answer.headers, 'Retry-After': '7' } })
    }
    if (way === 'hang') return noAnswer()
    if (way === 'late') {
      // It lies on the way for nearly as long as is waited for its answer: whoever sent it may be gone by then.
      await time.sleep(random.next() * TIMEOUT_MS)
      return responseOf(work(request, 'fine'))
    }
    const { delayMs } = troubles()
    if (way === 'fine' && delayMs > 0) await time.sleep(delayMs)
    const answer = work(request, way)
    if (way === 'fine') return responseOf(answer)
    if (way === 'store-then-500') return responseOf(jsonError(500, UNEXPECTED))
    if (way === 'store-then-drop') throw refused()
    return noAnswer()
  }

  async function noAnswer(): Promise<never> {
    await time.sleep(TIMEOUT_MS)
    throw new DOMException('The operation was aborted due to timeout', 'TimeoutError')
  }

  function work(request: StandInRequest, way: Way): StandInAnswer {
    onMoment('before', request)
    const order = nextOrder()
    const { email = '', date = '', amount = '' } = request.params
    const isPost = request.path === '/api/presence'
    const member = isPost ? state.members.find((each) => each.email === email) : undefined
    const before = member && state.daysOf(member.id).get(date)?.value
    const answer = answerRequest(request, {
      state,
      keys: [TICKET_KEY],
      shuffle: (items) => random.shuffle(items),
      heartbeats: [],
    })
    if (member && answer.status === 200) {
      const post = {
        at: time.now(),
        memberId: member.id,
        email,
        date,
        amount: Number(amount),
        before,
      }
      const askedAt = Math.max(asked.get('') ?? 0, asked.get(member.id) ?? 0)
      onStored({ ...post, program: program.name, isHeard: way === 'fine', order, askedAt, triedAt })
    }
    const [, id = ''] = AUDIT.exec(request.path) ?? []
    if (AUDIT.test(request.path) && way === 'fine' && answer.status === 200) asked.set(id, order)
    if (answer.status === 200) onMoment('after', request)
    if (way === 'fine') onAttempt(nameOf(request), answer.status === 200)
    if (request.path !== '/api/mac') return answer
    onMap()
    return random.chance(troubles().map) ? damaged(answer) : answer
  }

  function damaged(answer: StandInAnswer): StandInAnswer {
    const rows = answer.body.split('\n')
    const kept = random.chance(0.3) ? 0 : Math.floor(rows.length / 4)
    return { ...answer, body: rows.slice(0, kept).join('\n') }
  }
}

function nameOf({ path, query, params: { email, date } }: StandInRequest): string {
  const posted = email === undefined ? [] : [email, date ?? '']
  return questionOf(path, ...Object.values(query), ...posted)
}

function requestOf(url: string, init: RequestInit): StandInRequest {
  const { pathname, search } = new URL(url)
  const body = init.body === undefined || init.body === null ? '' : String(init.body)
  const headers = init.headers as Record<string, string>
  return {
    method: init.method ?? 'GET',
    path: pathname,
    query: fieldsOf(search),
    params: bodyFieldsOf(body, headers['Content-Type'] === 'application/json'),
    authorization: headers.Authorization,
    bodyBytes: Buffer.byteLength(body),
  }
}

function detailOf({ params: { email, date, amount } }: StandInRequest): string {
  return email === undefined ? '' : ` ${email} ${date} ${amount}`
}

function responseOf({ status, headers, body }: StandInAnswer): Response {
  return { status, headers: new Headers(headers), body: inOne(body) } as unknown as Response
}

async function* inOne(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}

function refused(): Error {
  return new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') })
}
