/** `members import-audit`: rebuilds who had which device before the first map, from the ticket server's audit trail. */
import { ExitCode } from '@presences/shared'
import { pastDay } from '../arguments/period.ts'
import { whileMending } from '../charging/while-leased.ts'
import { chargeConfig } from '../config.ts'
import type { Effects } from '../effects.ts'
import { recordMap, updateHistory } from '../members/history-store.ts'
import { importAudit } from '../members/import-audit.ts'
import type { Store } from '../store/store.ts'
import { chargingKit } from '../wiring.ts'
import { setUp, whoAsks } from './setup.ts'

export interface ImportAuditOptions {
  readonly from: string
  readonly dryRun: boolean
}

/** Prints how many devices have an older history now. Throws when the audit or the store can't be used. */
export async function importAuditCommand(
  options: ImportAuditOptions,
  effects: Effects,
): Promise<ExitCode> {
  const { config, log, today } = setUp(chargeConfig, effects)
  const from = pastDay(options.from, today)
  const kit = chargingKit(config, effects, log)
  const importInto = async (store: Store) => {
    const map = await kit.readMap()
    const { history: before } = await recordMap(store, map, today, {
      acceptShrunk: false,
      ...(await kit.whoIsWho()),
    })
    const trail = await kit.tickets.auditTrail(from)
    for (const fault of trail.faults) log.warn(fault)
    const after = await updateHistory(store, (history) =>
      importAudit(history, trail.devices, config.TIMEZONE),
    )
    const changed = [...after.intervals].filter(
      ([mac, intervals]) => JSON.stringify(before.intervals.get(mac)) !== JSON.stringify(intervals),
    )
    effects.printLine(
      `${trail.devices.length} device events since ${from}: ${changed.length} devices have an older history now`,
    )
    return trail
  }
  const { dryRun } = options
  const asked = { kind: 'members import-audit', by: whoAsks(effects), dryRun }
  const trail = await whileMending(kit, asked, importInto)
  return trail.faults.length === 0 ? ExitCode.done : ExitCode.partial
}
