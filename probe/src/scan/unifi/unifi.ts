/**
 * The unifi scanner: who is on the network of a UniFi OS console, as the console itself sees it. It needs no
 * right on the box and no network of its own in the room: an account that may view. It sees sleeping phones
 * that answer no ARP, as long as they are on the Wi-Fi.
 */
import { failedLook } from '../interface-looks.ts'
import type { Look, LookFailure, Scanner } from '../scanner.ts'
import { type Ask, controllerAt } from './controller.ts'
import { needsLogin, readClients } from './unifi-answers.ts'
import type { UnifiConfig } from './unifi-config.ts'
import { type Session, type SessionDeps, unifiSession } from './unifi-session.ts'

export type UnifiDeps = Omit<SessionDeps, 'ask'>

/** A scanner that asks the controller for the clients of each site. */
export function unifi(config: UnifiConfig, deps: UnifiDeps): Scanner {
  const ask = controllerAt(config.origin, config.trust)
  const session = unifiSession(config, { ...deps, ask })
  return {
    name: 'unifi',
    look: async (timeoutMs) => {
      const signal = AbortSignal.timeout(timeoutMs)
      const looks: Look[] = []
      for (const site of config.sites) {
        const look = await lookAtSite(site, config, session, ask, signal)
        looks.push(signal.aborted && look.failure ? { ...look, failure: late(timeoutMs) } : look)
      }
      return looks
    },
  }
}

/** The clients of one site, with the session there is; with a new one, once, where the controller wants it. */
export async function lookAtSite(
  site: string,
  { clients }: Pick<UnifiConfig, 'clients'>,
  session: Session,
  ask: Ask,
  signal: AbortSignal,
): Promise<Look> {
  const network = `site:${site}`
  const path = `/proxy/network/api/s/${site}/stat/sta`
  const opened = await session.open(signal)
  if ('failure' in opened) return failedLook(network, opened.failure)
  let answer = await ask({ method: 'GET', path, cookie: opened.cookie }, signal)
  if ('failure' in answer) return failedLook(network, answer.failure)
  const isOver = needsLogin(answer)
  if (isOver) {
    const renewed = await session.renew(signal)
    if ('failure' in renewed) return failedLook(network, renewed.failure)
    answer = await ask({ method: 'GET', path, cookie: renewed.cookie }, signal)
    if ('failure' in answer) return failedLook(network, answer.failure)
  }
  const read = readClients(answer, site, clients)
  if (!('failure' in read)) {
    session.follow(answer)
    return { network, ...read }
  }
  // A session that is of no use when it is new would be asked for again each minute.
  if (isOver && needsLogin(answer)) session.giveUp(read.failure)
  return failedLook(network, read.failure)
}

function late(timeoutMs: number): LookFailure {
  return {
    reason: `the controller did not answer within ${timeoutMs / 1000} s`,
    advice: 'check that the box reaches the controller, and that it is not busy',
  }
}
