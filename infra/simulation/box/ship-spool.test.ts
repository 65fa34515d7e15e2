/** Shipping, packing and unpacking on the simulated disk: killed, and without power, between any two of their steps. */
import { expect, test } from 'vitest'
import { randomOf } from '../../random.ts'
import { createBucket } from '../bucket/bucket.ts'
import { calmed, type Faults } from '../faults/faults.ts'
import { createDisk, newFile, newFolder } from './disk.ts'
import { type Fate, openDisk } from './disk-files.ts'
import { createShipping, type Line, SPOOL } from './ship-spool.ts'

const NONE = calmed({} as Faults)
const OFFLINE: Line = { isOffline: true, skewMs: 0 }
const ONLINE: Line = { isOffline: false, skewMs: 0 }
const ALIVE: Fate = { endsAt: Number.POSITIVE_INFINITY, failsAt: 0, hasCompany: false }
const RECORDED = Date.parse('2030-11-20T09:00:00Z')
const DAYS_LATER = Date.parse('2030-11-24T09:00:00Z')
const FILES = ['0900', '0901', '2130'].map(
  (time) => `poulailler/2030-11-20/20301120T${time}Z-box.tsv`,
)
const contentOf = (path: string) => Buffer.from(`# devices=0 path=${path}\n`)

/** A box whose minutes of some days ago wait, safe on its disk. */
function waitingBox(seed: string) {
  let now = RECORDED
  const random = randomOf(seed)
  const disk = createDisk(() => now)
  const bucket = createBucket(() => now)
  const add = (path: string, entry: ReturnType<typeof newFile | typeof newFolder>) => {
    disk.name(path, entry)
    disk.sync(disk.at(path.slice(0, path.lastIndexOf('/'))))
  }
  for (const path of ['/var', '/var/spool', SPOOL]) add(path, newFolder(now))
  for (const path of ['poulailler', 'poulailler/2030-11-20'])
    add(`${SPOOL}/${path}`, newFolder(now))
  for (const path of FILES) {
    const file = newFile(now)
    disk.append(file, contentOf(path))
    disk.sync(file)
    add(`${SPOOL}/${path}`, file)
  }
  const shipping = createShipping({
    book: { found: () => {} } as never,
    bucket,
    random: random.fork('rclone'),
    note: () => {},
    onMoved: () => {},
  })
  now = DAYS_LATER

  /** One run, a quarter of an hour after the last; how many operations of the disk it was. */
  async function run(line: Line, fate: Partial<Fate> = {}): Promise<void> {
    now += 15 * 60_000
    const { fs, ended } = openDisk(disk, () => now, { ...ALIVE, ...fate }, random.fork('turns'))
    await Promise.race([ended, shipping.run(now, line, fs, NONE)])
  }

  const spool = disk.at(SPOOL)
  return {
    run,
    losePower: () => disk.powerCut(random.fork('power')),
    arrived: () => FILES.filter((path) => bucket.get(`presences/${path}`) !== undefined),
    hasPacks: () =>
      spool.kind === 'folder' && [...spool.entries.keys()].some((name) => /^\.packed/.test(name)),
  }
}

const ENDS = Array.from({ length: 140 }, (_, number) => number + 1)
const CHANCES = ['a', 'b', 'c', 'd', 'e']

test('packs what has waited for days while there is no network, and ships it when there is', async () => {
  const box = waitingBox('calm')
  await box.run(OFFLINE)
  expect(box.hasPacks()).toBe(true)
  expect(box.arrived()).toEqual([])
  await box.run(ONLINE)
  expect(box.arrived()).toEqual(FILES)
  expect(box.hasPacks()).toBe(false)
})

test.each([
  ['while it packs, then the power goes', OFFLINE, OFFLINE],
  ['while it packs; the run after it ships, then the power goes', OFFLINE, ONLINE],
])('killed %s: nothing is lost', async (_, first, second) => {
  for (const endsAt of ENDS) {
    for (const chance of CHANCES) {
      const box = waitingBox(chance)
      await box.run(first, { endsAt })
      await box.run(second)
      box.losePower()
      await box.run(ONLINE)
      await box.run(ONLINE)
      expect(box.arrived(), `ended before operation ${endsAt}, ${chance}`).toEqual(FILES)
    }
  }
})

test('without power while it packs, and again while it unpacks: nothing is lost', async () => {
  for (const endsAt of ENDS) {
    for (const chance of CHANCES) {
      const box = waitingBox(chance)
      await box.run(OFFLINE, { endsAt })
      box.losePower()
      await box.run(ONLINE, { endsAt: 141 - endsAt })
      box.losePower()
      await box.run(ONLINE)
      await box.run(ONLINE)
      expect(box.arrived(), `ended before operation ${endsAt}, ${chance}`).toEqual(FILES)
    }
  }
})
