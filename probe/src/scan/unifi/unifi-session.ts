/**
 * The session with the controller, kept from one scan to the next: a console that is logged in to each minute
 * soon takes no more logins. A login that was refused is not repeated at once either, since that may lock
 * the account.
 */
import type { RuntimeFile } from '../../runtime/runtime-folder.ts'
import type { LookFailure } from '../scanner.ts'
import type { Ask, ControllerAnswer } from './controller.ts'
import { explainLogin } from './unifi-answers.ts'
import type { UnifiConfig } from './unifi-config.ts'

/** What is remembered. Times are since the machine started: its memory goes with it. */
export interface SessionMemory {
  readonly version: 1
  /** Whose session it is: those of another address or account are worth nothing. */
  readonly account: string
  readonly cookie?: string
  readonly refused?: { readonly untilMs: number; readonly reason: string; readonly advice: string }
}

export interface SessionDeps extends RuntimeFile<SessionMemory> {
  readonly ask: Ask
  /** Since the machine started. */
  readonly uptimeMs: () => number
  /** A person waits for the answer: a login that was refused lately is tried again. */
  readonly isUrgent: boolean
}

const REFUSED_FOR_MS = 5 * 60_000
const LONGEST_REFUSAL_MS = 60 * 60_000

export interface Session {
  /** The cookie to send: of the session there is, or of a new one. */
  open(signal: AbortSignal): Promise<{ cookie: string } | { failure: LookFailure }>
  /** The session there was is over. A new one. */
  renew(signal: AbortSignal): Promise<{ cookie: string } | { failure: LookFailure }>
  /** Remembers that even a new session is of no use. */
  giveUp(failure: LookFailure): void
  /** Takes in what the controller changed of the session. */
  follow(answer: ControllerAnswer): void
}

export function unifiSession(config: UnifiConfig, deps: SessionDeps): Session {
  const account = `${config.username} at ${config.origin}`
  return { open, renew, giveUp, follow }

  async function open(signal: AbortSignal) {
    const cookie = memory()?.cookie
    return cookie === undefined ? renew(signal) : { cookie }
  }

  async function renew(signal: AbortSignal) {
    const waiting = deps.isUrgent ? undefined : stillRefused()
    if (waiting) return { failure: waiting }
    const answer = await deps.ask({ method: 'POST', path: LOGIN, content: credentials() }, signal)
    if ('failure' in answer) return answer
    const cookie = answer.status === 200 ? cookieOf(answer.setCookie, undefined) : undefined
    if (cookie !== undefined) {
      remember({ cookie })
      return { cookie }
    }
    const failure = explainLogin(answer)
    // One that is being restarted (502) or updated is back within minutes, and has refused nothing.
    if (answer.status < 500) refuse(failure, answer.retryAfterS)
    return { failure }
  }

  function giveUp(failure: LookFailure): void {
    refuse(failure, undefined)
  }

  function follow({ setCookie }: ControllerAnswer): void {
    const before = memory()?.cookie
    const cookie = cookieOf(setCookie, before)
    if (cookie !== undefined && cookie !== before) remember({ cookie })
  }

  function credentials() {
    const { username, password } = config
    return { username, password, rememberMe: true }
  }

  function stillRefused(): LookFailure | undefined {
    const refused = memory()?.refused
    const leftMs = (refused?.untilMs ?? 0) - deps.uptimeMs()
    // Longer than any refusal: it was remembered before the machine started anew, on a disk.
    if (!refused || leftMs <= 0 || leftMs > LONGEST_REFUSAL_MS) return undefined
    const minutes = Math.ceil(leftMs / 60_000)
    return { ...refused, reason: `${refused.reason} (asked again in ${minutes} min)` }
  }

  function refuse({ reason, advice }: LookFailure, retryAfterS: number | undefined): void {
    const waitMs = Math.min(Math.max((retryAfterS ?? 0) * 1000, REFUSED_FOR_MS), LONGEST_REFUSAL_MS)
    remember({ refused: { untilMs: deps.uptimeMs() + waitMs, reason, advice } })
  }

  function memory(): SessionMemory | undefined {
    const memory = deps.recall()
    return memory?.account === account ? memory : undefined
  }

  function remember(what: Pick<SessionMemory, 'cookie' | 'refused'>): void {
    deps.remember({ version: 1, account, ...what })
  }
}

const LOGIN = '/api/auth/login'

/** True for what this version has written. */
export function isSessionMemory(value: unknown): value is SessionMemory {
  const { version, account, cookie, refused } = (value ?? {}) as Partial<SessionMemory>
  return (
    version === 1 &&
    typeof account === 'string' &&
    (cookie === undefined || typeof cookie === 'string') &&
    (refused === undefined ||
      (Number.isFinite(refused?.untilMs) &&
        typeof refused.reason === 'string' &&
        typeof refused.advice === 'string'))
  )
}

/**
 * The `Cookie` header after these `Set-Cookie` headers. Attributes are of no concern (`partitioned` among
 * them, over which stricter readers stumble), but for an empty value: that takes a cookie back.
 */
function cookieOf(setCookie: readonly string[], before: string | undefined): string | undefined {
  const pairs = [
    ...(before?.split('; ') ?? []),
    ...setCookie.map((text) => text.split(';')[0] ?? ''),
  ]
  const cookies = new Map<string, string>()
  for (const pair of pairs) {
    const [name = '', ...value] = pair.trim().split('=')
    if (value.join('=') === '') cookies.delete(name)
    else cookies.set(name, value.join('='))
  }
  if (cookies.size === 0) return undefined
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
}
