/** `locations`: which rooms charge, which wait; `locations accept NAME`: a person says that one is the space's. */
import { ExitCode, LIMITS, LOCATION_PATTERN, NO_LOCATION, oneLine } from '@presences/shared'
import { UsageError } from '../arguments/usage-error.ts'
import { acceptRoom, readRooms } from '../charging/known-rooms.ts'
import { chargeConfig, storeConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { listLocations } from '../rollup/refresh-rollup.ts'
import { readRoomBook } from '../rooms/room-store.ts'
import { readOnly } from '../store/read-only-store.ts'
import { openStore, roomDeps } from '../wiring.ts'
import { setUp, whoAsks } from './setup.ts'

export interface AcceptOptions {
  readonly name: string
  readonly by?: string
  readonly dryRun: boolean
}

/** Prints one line a room; changes nothing. Throws StoreError. */
export async function locationsCommand(effects: Effects): Promise<ExitCode> {
  const { config, log } = setUp(storeConfig, effects)
  const deps = roomDeps(readOnly(await openStore(config, effects)), config, effects, log)
  const { known, waiting, ignored } = await readRooms(deps)
  const { accepted } = await readRoomBook(deps.store, deps.aside)
  const said = new Map(accepted.map((each) => [each.location, each]))
  for (const location of known) {
    const who = said.get(location)
    effects.printLine(
      who ? `${location}: known, accepted by ${who.by}, ${who.at}` : `${location}: known`,
    )
  }
  for (const { location, by, at } of accepted.filter((each) => !known.includes(each.location)))
    effects.printLine(`${location}: known, accepted by ${by}, ${at}; no file yet`)
  for (const location of waiting.slice(0, LIMITS.rooms))
    effects.printLine(`${location}: waiting: presences-aggregator locations accept ${location}`)
  printMore(waiting, 'waiting')
  for (const name of ignored.slice(0, LIMITS.rooms))
    effects.printLine(`${JSON.stringify(oneLine(name, 80))}: ignored: no room is called so`)
  printMore(ignored, 'ignored')
  return ExitCode.done

  function printMore(names: readonly string[], what: string): void {
    const more = names.length - LIMITS.rooms
    if (more > 0) effects.printLine(`and ${more} more: ${what}: look at who writes to the bucket`)
  }
}

/** Prints what is so now. Throws UsageError, StoreError. */
export async function acceptCommand(options: AcceptOptions, effects: Effects): Promise<ExitCode> {
  const { config, log } = setUp(chargeConfig, effects)
  const { name, dryRun } = options
  if (!LOCATION_PATTERN.test(name)) throw new UsageError(`${JSON.stringify(name)} ${NO_LOCATION}`)
  const by = oneLine((options.by ?? '').replace(/\s+/g, ' ').trim(), 80) || whoAsks(effects)
  const opened = await openStore(config, effects)
  const store = dryRun ? readOnly(opened) : opened
  const deps = roomDeps(store, config, effects, log)
  const said = await acceptRoom(name, by, deps)
  const { locations } = await listLocations(store)
  const what = locations.includes(name)
    ? `the next night charges it, and its days of the last ${config.CATCH_UP_DAYS} days; earlier ones: upload --from D --to D`
    : 'it has no file yet: it is charged from the first one on'
  effects.printLine(`${name} accepted by ${said?.by}, ${said?.at}: ${what}`)
  return ExitCode.done
}
