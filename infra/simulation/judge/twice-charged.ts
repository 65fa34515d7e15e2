/** A device that changed hands: either owner of that day may be charged for it, never both. */
import type { StoredEntry } from '../bucket/stored-objects.ts'
import { possibleOwners } from '../world/truth.ts'
import { allDevices, type Person } from '../world/world.ts'
import type { Fail, JudgedDay } from './judged.ts'
import { isOf } from './told.ts'

const NOT_THEIRS = /a device is not theirs/

export function judgeTwiceCharged({ day, world, ledger }: JudgedDay, fail: Fail): void {
  for (const device of allDevices(world)) {
    const owners = [...possibleOwners(device, day)].filter((owner) => owner !== undefined)
    const charged = new Set(
      owners
        .filter((owner) => isChargedFor(device.mac, entriesOf(owner)))
        .map(({ human }) => human),
    )
    if (charged.size > 1) fail(day, device.mac, `${charged.size} people are charged for it`)
  }

  function entriesOf(person: Person): StoredEntry[] {
    const { emails } = person
    return ledger.entries.filter((entry) => isOf(entry, { person, emails, world }))
  }
}

/** The last post counts; one that is held since waits for a person to lower it. */
function isChargedFor(mac: string, entries: readonly StoredEntry[]): boolean {
  const last = entries.findLastIndex(
    ({ decision, outcome }) => decision === 'post' && outcome !== 'refused',
  )
  const has = entries[last]?.evidence.devices.some((device) => device.mac === mac)
  return has === true && !entries.slice(last).some(({ reason }) => NOT_THEIRS.test(reason))
}
