/**
 * What a UniFi OS console answers, and what it means. Nothing of this is documented by its maker; it is
 * what consoles were seen to say:
 *
 *     POST /api/auth/login                          200, Set-Cookie: TOKEN=… (or UOS_TOKEN)
 *       wrong user or password                      401 or 403, {"code":"AUTHENTICATION_FAILED_…"}
 *       a second factor wanted                      499
 *       too many logins                             429, {"code":"AUTHENTICATION_FAILED_LIMIT_REACHED"}
 *     GET /proxy/network/api/s/<site>/stat/sta      200, {"meta":{"rc":"ok"},"data":[client, …]}
 *       no session, or one that is over             401, {"error":{"code":401,"message":"Unauthorized"}}
 *       a site it does not know                     401, {"meta":{"rc":"error","msg":"api.err.NoSiteContext"}}
 *       an account without a right to it            403
 *
 * `last_seen` of a client is in seconds of the controller's clock, renewed about every 25 s while it is there.
 */
import { type Mac, parseMac } from '@presences/shared'
import type { LookFailure } from '../scanner.ts'
import { collectFaults, type Unreadable } from '../unreadable.ts'
import type { ClientKind } from './unifi-config.ts'

export interface Answer {
  readonly status: number
  readonly body: string
  /** The `Date` header: the controller's clock. */
  readonly date: string | undefined
}

/** The `line` of a fault is the number of the entry. */
export interface ClientsRead extends Unreadable {
  readonly macs: readonly Mac[]
}

/** Two renewals, and some more. */
const SEEN_WITHIN_S = 60

/** The clients of the kinds asked for that are there now, or why they can't be told. */
export function readClients(
  { status, body, date }: Answer,
  site: string,
  kinds: readonly ClientKind[],
): ClientsRead | { failure: LookFailure } {
  if (status !== 200) return { failure: explainClients(status, body, site) }
  const { meta, data } = objectOf(body)
  if (objectIn(meta).rc !== 'ok' || !Array.isArray(data)) return { failure: NO_CLIENT_LIST }
  const nowS = Date.parse(date ?? '') / 1000
  // Its own clock is the only one that tells how long ago it saw somebody.
  if (Number.isNaN(nowS)) return { failure: NO_DATE }
  const macs = new Set<Mac>()
  const faults = collectFaults()
  for (const [index, entry] of data.entries()) {
    const { mac: text, last_seen: seenS, is_wired: isWired } = objectIn(entry)
    const mac = typeof text === 'string' ? parseMac(text) : undefined
    if (!mac) faults.add(index + 1, 'no MAC address')
    else if (typeof seenS !== 'number') faults.add(index + 1, 'no last_seen')
    else if (seenS - nowS > SEEN_WITHIN_S) {
      faults.add(index + 1, 'last_seen is in the future')
    } else if (kinds.includes(isWired ? 'wired' : 'wireless') && nowS - seenS <= SEEN_WITHIN_S) {
      macs.add(mac)
    }
  }
  return { macs: [...macs], ...faults.collected() }
}

/** True when a session is over, or was never one: to log in may help. */
export function needsLogin({ status, body }: Answer): boolean {
  return status === 401 && !isUnknownSite(body)
}

/** Why a login gave no session. */
export function explainLogin({ status, body }: Answer): LookFailure {
  const { code } = objectOf(body)
  if (status === 429 || code === 'AUTHENTICATION_FAILED_LIMIT_REACHED') {
    return {
      reason: 'the controller takes no more logins for now',
      advice:
        'give the probe an account of its own; outside of its unit, let it write RUNTIME_DIRECTORY, where its session is kept',
    }
  }
  if (status === 499 || /MFA|2FA/.test(String(code))) {
    return {
      reason: 'the account wants a second factor',
      advice: 'use a local account without one, that may only view',
    }
  }
  if (status === 400 || status === 401 || status === 403) {
    return {
      reason: 'the controller refuses the user or the password',
      advice: 'check UNIFI_USERNAME and UNIFI_PASSWORD: it must be a local account of the console',
    }
  }
  if (status === 404) return NO_CONSOLE
  if (status === 200) {
    return {
      reason: 'the controller gave no session',
      advice: 'check that it is a UniFi OS console',
    }
  }
  return strangeStatus(status)
}

function explainClients(status: number, body: string, site: string): LookFailure {
  if (isUnknownSite(body)) {
    return {
      reason: `the controller knows no site ${site}, or does not show it to this account`,
      advice:
        "set UNIFI_SITES to the word after /manage/ in the address of the controller's pages, such as default",
    }
  }
  if (status === 401) {
    return {
      reason: 'the controller does not take the session that it has just given',
      advice: 'log in by hand with the same account; restart the console if that fails too',
    }
  }
  if (status === 403) {
    return {
      reason: 'the account may not see the clients',
      advice: 'give it the right to view Network on the controller',
    }
  }
  if (status === 429) {
    return { reason: 'the controller wants to be asked less often', advice: 'nothing if it passes' }
  }
  if (status === 404) return NO_CONSOLE
  return strangeStatus(status)
}

function strangeStatus(status: number): LookFailure {
  return {
    reason: `the controller answered with status ${status}`,
    advice: 'nothing if it was restarted; else check UNIFI_URL',
  }
}

const NO_CONSOLE: LookFailure = {
  reason: 'there is no UniFi OS console at UNIFI_URL, or no Network on it',
  advice: 'check UNIFI_URL: the console itself (443, or 11443), not an older controller at 8443',
}
const NO_CLIENT_LIST: LookFailure = {
  reason: "the controller's answer is no list of clients",
  advice: 'check UNIFI_URL; if it is right, its version is one that this program does not know',
}
const NO_DATE: LookFailure = {
  reason: 'the controller does not tell the time',
  advice: 'check what stands between the box and the controller: the Date header is missing',
}

function isUnknownSite(body: string): boolean {
  return objectIn(objectOf(body).meta).msg === 'api.err.NoSiteContext'
}

function objectOf(json: string): Readonly<Record<string, unknown>> {
  try {
    return objectIn(JSON.parse(json))
  } catch {
    return {}
  }
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
