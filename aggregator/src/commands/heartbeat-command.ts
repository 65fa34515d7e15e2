/** `heartbeat`: tells the ticket server whose devices are in each location now. Run each minute by a timer that is off by default. */
import { ExitCode } from '@presences/shared'
import { heartbeatConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { isFresh, whoIsHere } from '../presence/who-is-here.ts'
import { createHeartbeats, type SendHeartbeat } from '../tickets/http/heartbeat-request.ts'
import { openStore, openTickets, readMap, roomsIn } from '../wiring.ts'
import { setUp } from './setup.ts'

export interface HeartbeatOptions {
  readonly dryRun: boolean
}

/**
 * Prints a line for each location that was told. `partial`: one could not be told; the next minute tells again.
 * Throws StoreError, TicketsError, MemberMapRefused, ConfigError.
 */
export async function heartbeatCommand(
  { dryRun }: HeartbeatOptions,
  effects: Effects,
): Promise<ExitCode> {
  const { config, log } = setUp(heartbeatConfig, effects)
  const store = await openStore(config, effects)
  const { devices } = await readMap(
    config,
    openTickets(config, effects, (fault) => log.warn(fault)),
    log,
  )
  const isKnown = devices.has.bind(devices)
  const { known } = await roomsIn(store, config, effects, log)
  const here = await whoIsHere(known, isKnown, effects.now(), {
    store,
    timeZone: config.TIMEZONE,
  })
  const tell = dryRun ? tellNobody : createHeartbeats(optionsOf())
  let failed = 0
  for (const { location, macs, seen } of here) {
    // The server refuses an empty list; and asking the others may have taken its time.
    if (macs.length === 0 || !isFresh(seen, effects.now())) continue
    try {
      await tell(location, macs)
      effects.printLine(`${location}: ${macs.length} ${macs.length === 1 ? 'device' : 'devices'}`)
    } catch (error) {
      failed += 1
      log.error((error as Error).message)
    }
  }
  return failed === 0 ? ExitCode.done : ExitCode.partial

  function optionsOf() {
    const { fetch, sleep, random } = effects
    const { TICKET_BACKEND_URL: url, TICKET_BACKEND_TOKEN: token } = config
    return { url, token, fetch, sleep, random }
  }
}

const tellNobody: SendHeartbeat = async () => {}
